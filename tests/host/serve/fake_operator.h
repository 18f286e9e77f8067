// A session to ask things of, that only writes down what it was asked.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/operator_control.h"

namespace zomma::test {

class FakeOperator final : public OperatorControl {
 public:
  Result<std::string> reload(std::string_view plugin, std::string_view path) override {
    if (plugin == "stuck") wait_for_release();
    if (plugin == "throws") throw std::runtime_error("a wild bug");
    return known(plugin, "reload " + std::string(plugin) + " " + std::string(path));
  }
  Result<std::string> disable(std::string_view plugin) override {
    return known(plugin, "disable " + std::string(plugin));
  }
  Result<std::string> enable(std::string_view plugin) override {
    return known(plugin, "enable " + std::string(plugin));
  }
  Result<std::string> set_parameter(std::string_view plugin, std::string_view parameter,
                                    double value) override {
    if (parameter == "bound")
      return Error{Errc::invalid_argument, "bound: found 7, expected 0 to 5"};
    return known(plugin, "set " + std::string(plugin) + " " + std::string(parameter) + " " +
                             std::to_string(value));
  }
  Result<std::string> kill(KillScope scope, std::string_view name, bool engaged) override {
    return note("kill " + std::to_string(static_cast<int>(scope)) + " " + std::string(name) +
                (engaged ? " on" : " off"));
  }
  Result<std::string> drain() override { return note("drain"); }
  std::string status_json() const override {
    return R"({"name":"fake","mode":"recorded","events":7,"pnl":1.5})";
  }
  std::string plugins_json() const override { return R"([{"name":"maker","state":"running"}])"; }
  Result<std::string> plugin_json(std::string_view plugin) const override {
    if (plugin != "maker") return Error{Errc::not_found, "no plugin " + std::string(plugin)};
    return std::string(
        R"({"name":"maker","state":"running","parameters":[{"name":"edge","value":1.5,"minimum":0,)"
        R"("maximum":5,"default":1,"unit":"ticks","live":true}]})");
  }

  std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }
  void wait_until_stuck() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stuck_; });
  }

 private:
  void wait_for_release() {
    std::unique_lock lock(mutex_);
    stuck_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return released_; });
  }
  Result<std::string> known(std::string_view plugin, std::string what) {
    if (plugin == "nobody") return Error{Errc::not_found, "no plugin nobody; there is: maker"};
    return note(std::move(what));
  }
  Result<std::string> note(std::string what) {
    const std::lock_guard lock(mutex_);
    asked_.push_back(what);
    return "done: " + what;
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> asked_;
  bool stuck_ = false, released_ = false;
};

}  // namespace zomma::test
