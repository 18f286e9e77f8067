// instance.h: one living strategy: its hooks, its phase, the host it sees, its one ordered stream.
//
// Everything the strategy hears passes through deliver(), which numbers events contiguously from 1.
// The instance owns nothing but this: orders, timers and metrics are the engine's, filed under the
// instance's id.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <zomma/ext/params.h>
#include <zomma/strategy.h>

#include "base/result.h"
#include "base/types.h"
#include "plugin/host_buffers.h"
#include "plugin/image.h"
#include "plugin/services.h"
#include "plugin/state_envelope.h"

namespace zomma {
namespace gpu {
class LenderSource;
class LoanBook;
}  // namespace gpu

enum class InstancePhase : std::uint8_t {
  created,
  initialised,
  active,
  started,
  quiesced,
  faulted,
  ended
};

struct ParameterInfo {
  std::string name, unit, description;
  std::uint32_t type{};   // ZM_PARAM_*
  std::uint32_t flags{};  // ZM_PARAM_LIVE
  double default_value{}, minimum{}, maximum{};
};

class Instance {
 public:
  // Creates and initialises; `factory` must outlive the instance (`image` keeps it mapped; null for
  // a built-in factory). Until attach() it talks to `services`, which outlive the instance or are
  // replaced. Errors carry the plugin's own sentence. [control]
  static Result<std::unique_ptr<Instance>> create(InstanceId id, std::string name,
                                                  const zm_strategy_factory& factory,
                                                  std::shared_ptr<PluginImage> image,
                                                  InstanceServices& services);
  // A name and a number that nothing runs under yet: a strategy that the operator has disabled.
  static std::unique_ptr<Instance> absent(InstanceId id, std::string name,
                                          InstanceServices& services);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  // From here on the instance talks to the engine. [engine]
  void attach(InstanceServices& services) { services_ = &services; }

  Result<void> activate(std::span<const std::uint32_t> instruments, Nanoseconds now);  // [control]
  Result<void> start();                                                                // [engine]
  // Numbers the events in place and hands them over in one call. False when the strategy faulted;
  // error() says why. No allocation, no system call. [engine]
  bool deliver(std::span<zm_event> events) noexcept;
  // From the call on the instance may not send, cancel or arm anything, until resume() has
  // succeeded. [engine]
  Result<void> quiesce(Nanoseconds deadline);
  Result<void> resume();  // [engine]
  // Lets it hear events without acting on them: it catches up with what happened while it was
  // quiesced. [engine]
  bool catch_up(std::span<zm_event> events) noexcept;
  // Hands the events' numbers out without running any of its code. [engine]
  void pass_over(std::span<zm_event> events) noexcept;
  void end();  // deactivate and destroy [control]
  // After end(): whoever takes the image decides when it is unmapped.
  std::shared_ptr<PluginImage> take_image() { return std::move(image_); }

  // What it would need to begin again where it is. [engine]
  Result<StateEnvelope> save(std::uint32_t reason);
  // Refused where the state is not this code's to read; else as the plugin answers. [engine]
  Result<void> load(const StateEnvelope& state, std::uint32_t reason);

  InstanceId id() const { return id_; }
  const std::string& name() const { return name_; }
  InstancePhase phase() const { return phase_; }
  const std::string& error() const { return error_; }
  std::uint64_t subscribe() const { return subscribe_; }
  std::uint64_t last_seq() const { return last_seq_; }
  void set_last_seq(std::uint64_t seq) { last_seq_ = seq; }
  const std::vector<ParameterInfo>& parameters() const { return parameters_; }
  const PluginImage* image() const { return image_.get(); }
  std::uint32_t state_schema() const { return schema_; }
  const std::string& plugin() const { return plugin_; }  // its id; empty for one that is absent
  InstanceServices& services() const { return *services_; }
  // A plugin's metric handles are its own: the same metric has the same handle in the engine
  // whoever declares it.
  std::uint32_t own_handle(std::uint32_t engine_handle);
  std::uint32_t engine_handle(std::uint32_t own) const {
    return own < metrics_.size() ? metrics_[own] : UINT32_MAX;
  }
  std::vector<std::uint32_t>& metric_handles() { return metrics_; }
  HostBuffers& buffers() { return buffers_; }
  // From here on the instance may borrow of the host's GPUs; what it has when it ends is taken
  // back. Null: it may not. [control]
  void lend_gpu(std::shared_ptr<gpu::LenderSource> source) { gpu_source_ = std::move(source); }
  gpu::LoanBook* gpu();  // what it holds; made when first asked for; null where no GPU is lent
  // The code behind it is gone (a worker process that died): what it did with its last batch cannot
  // be computed again.
  bool died() const { return died_; }
  // Its process ended while nothing was asked of it. [engine]
  void lose(std::string_view how) {
    phase_ = InstancePhase::faulted;
    died_ = true;
    error_.assign(how);
  }
  // Whether new intents are allowed from here.
  bool may_trade() const { return phase_ == InstancePhase::started; }
  // A snapshot says that this instance had faulted before.
  void set_faulted() { phase_ = InstancePhase::faulted; }
  void set_error(std::string_view text) { error_.assign(text); }

 private:
  Instance(InstanceId id, std::string name, std::shared_ptr<PluginImage> image,
           InstanceServices& services);
  Result<void> read_parameters();
  Error failure(const char* hook, zm_status status) const;

  InstanceId id_;
  std::string name_;
  std::shared_ptr<PluginImage> image_;
  InstanceServices* services_;
  zm_host host_{};
  const zm_strategy* strategy_ = nullptr;
  InstancePhase phase_ = InstancePhase::created;
  std::uint64_t subscribe_ = 0;
  std::uint64_t last_seq_ = 0;
  std::string plugin_;
  std::uint32_t schema_ = 0;
  bool died_ = false;
  std::string error_;
  std::vector<ParameterInfo> parameters_;
  HostBuffers buffers_;
  std::shared_ptr<gpu::LenderSource> gpu_source_;
  std::unique_ptr<gpu::LoanBook> gpu_;
  std::vector<std::uint32_t> metrics_;  // by the plugin's handle: the engine's
};

std::string_view to_string(zm_status status);

}  // namespace zomma
