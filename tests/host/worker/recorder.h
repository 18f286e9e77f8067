// recorder.h: an engine that only answers: made-up but reproducible, and everything it is asked is
// written down as text.
#pragma once

#include <cstring>
#include <sstream>
#include <string>
#include <vector>

#include "plugin/services.h"

namespace zomma::test {

class Recorder final : public InstanceServices {
 public:
  mutable std::vector<std::string> heard;
  std::uint32_t open_orders_there = 1700;  // more than one message holds

  zm_status submit(InstanceId, const zm_intent& intent, zm_intent_result& result) override {
    write("submit", intent.kind, intent.instrument, intent.side, intent.price, intent.quantity,
          intent.order_id);
    if (intent.quantity == 7) return result.code = ZM_REASON_LOT, ZM_E_RISK;
    result.order_id = ++orders_;
    return ZM_OK;
  }
  zm_status cancel_all(InstanceId, InstrumentId id) override {
    return write("cancel_all", id.value), id.valid() ? ZM_OK : ZM_E_BUSY;
  }
  std::uint32_t instrument_count() const override { return 2; }
  zm_status instrument(InstrumentId id, zm_instrument& out) const override {
    if (id.value >= 2) return ZM_E_NOT_FOUND;
    out = {sizeof out, id.value, id.value == 0 ? "FIRST" : "SECOND",
           "a venue",  "USD",    ZM_KIND_SPOT,
           2,          8,        0,
           5,          10,       1,
           -0.5,       1.5};
    return ZM_OK;
  }
  InstrumentId find_instrument(std::string_view symbol) const override {
    write("find", symbol);
    return symbol == "SECOND" ? InstrumentId{1} : InstrumentId{};
  }
  zm_status best(InstrumentId id, zm_quote& out) const override {
    write("best", id.value);
    if (id.value >= 2) return ZM_E_NOT_FOUND;
    out = {100 + id.value, ZM_NO_PRICE, 5, 0};
    return ZM_OK;
  }
  std::uint32_t levels(InstrumentId id, Side side, std::span<zm_price_level> out) const override {
    write("levels", id.value, static_cast<int>(side), out.size());
    const std::size_t count = id.value >= 2 ? 0 : std::min<std::size_t>(out.size(), 200);
    for (std::size_t i = 0; i < count; ++i) out[i] = {static_cast<zm_price>(100 + i), 3, 1, 0};
    return static_cast<std::uint32_t>(count);
  }
  zm_status position(InstanceId, InstrumentId id, zm_position& out) const override {
    write("position", id.value);
    if (id.value >= 2) return ZM_E_NOT_FOUND;
    out = {-5, 1, 2, 100, 3, -4, 55};
    return ZM_OK;
  }
  void account(InstanceId, zm_account& out) const override {
    out = {-123'456, 1, 2, 3, 4, 5, 6, 1};
  }
  std::uint32_t open_orders(InstanceId, std::span<zm_open_order> out) const override {
    for (std::uint32_t i = 0; i < std::min<std::size_t>(out.size(), open_orders_there); ++i)
      out[i].order_id = 1000 + i;
    return open_orders_there;
  }
  zm_status arm_timer(InstanceId, Nanoseconds at, std::uint64_t cookie,
                      std::uint64_t& id) override {
    write("arm", at.value, cookie);
    if (at.value < 0) return ZM_E_QUOTA;
    id = ++timers_;
    return ZM_OK;
  }
  void cancel_timer(InstanceId, std::uint64_t id) override { write("cancel_timer", id); }
  zm_status declare_metric(InstanceId, std::string_view name, std::string_view unit,
                           std::uint32_t kind, std::uint32_t& handle) override {
    write("declare", name, unit, kind);
    if (name == "refuse me") return ZM_E_QUOTA;
    handle = ++metrics_;
    return ZM_OK;
  }
  void metric_add(InstanceId, std::uint32_t handle, double amount) override {
    write("add", handle, amount);
  }
  void metric_set(InstanceId, std::uint32_t handle, double value) override {
    write("set", handle, value);
  }
  void signal(InstanceId, std::uint32_t handle, InstrumentId id, double value) override {
    write("signal", handle, id.value, value);
  }
  void log(InstanceId, std::uint32_t level, std::string_view text) override {
    write("log", level, text);
  }
  void health(InstanceId, std::uint32_t level, std::uint32_t code, std::string_view text) override {
    write("health", level, code, text);
  }

 private:
  template <class... Fields>
  void write(const Fields&... fields) const {
    std::ostringstream line;
    line.precision(17);
    ((line << fields << ' '), ...);
    heard.push_back(line.str());
  }

  std::uint64_t orders_ = 0, timers_ = 0;
  std::uint32_t metrics_ = 0;
};

}  // namespace zomma::test
