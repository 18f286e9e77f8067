#include "plugin/instance.h"

#include <fmt/core.h>

#include <cstring>

#include <zomma/ext/state.h>

#include "gpu/lending/loans.h"
#include "plugin/extensions.h"

namespace zomma {
namespace {

const void* get_ext(const zm_host*, const char* id) { return find_extension(id); }
void set_host_error(const zm_host* host, const char* text, std::uint64_t length) {
  try {
    static_cast<Instance*>(host->self)->set_error({text, length});
  } catch (...) {  // out of memory while copying a sentence: the status still travels
  }
}

// A hook called through C: whatever leaves it becomes a status.
template <class Hook>
zm_status call(Instance& instance, Hook hook) noexcept {
  try {
    return hook();
  } catch (const std::exception& error) {
    instance.set_error(error.what());
  } catch (...) {
    instance.set_error("an exception that is not a std::exception left the plugin");
  }
  return ZM_E_EXCEPTION;
}

std::int64_t append_bytes(const zm_ostream* stream, const void* data, std::uint64_t length) {
  try {
    auto& bytes = *static_cast<std::vector<std::byte>*>(stream->self);
    const auto* from = static_cast<const std::byte*>(data);
    bytes.insert(bytes.end(), from, from + length);
    return static_cast<std::int64_t>(length);
  } catch (...) {
    return -1;
  }
}

std::int64_t take_bytes(const zm_istream* stream, void* data, std::uint64_t length) {
  auto& rest = *static_cast<std::span<const std::byte>*>(stream->self);
  const auto given = std::min<std::uint64_t>(length, rest.size());
  std::memcpy(data, rest.data(), given);
  rest = rest.subspan(given);
  return static_cast<std::int64_t>(given);
}

}  // namespace

std::string_view to_string(zm_status status) {
  if (status == status_died) return "the process that ran it died";
  switch (status) {
    case ZM_OK:
      return "ok";
    case ZM_E_FAILED:
      return "failed";
    case ZM_E_ARGUMENT:
      return "bad argument";
    case ZM_E_STATE:
      return "not allowed in this phase";
    case ZM_E_THREAD:
      return "wrong thread";
    case ZM_E_QUOTA:
      return "quota used up";
    case ZM_E_NOT_FOUND:
      return "not found";
    case ZM_E_UNSUPPORTED:
      return "unsupported";
    case ZM_E_EXCEPTION:
      return "exception";
    case ZM_E_STATE_NEWER:
      return "state of a newer schema";
    case ZM_E_STATE_CORRUPT:
      return "state cannot be read";
    case ZM_E_RISK:
      return "refused by a pre-trade check";
    case ZM_E_BUSY:
      return "busy";
    default:
      return "unknown status";
  }
}

Instance::Instance(InstanceId id, std::string name, std::shared_ptr<PluginImage> image,
                   InstanceServices& services)
    : id_(id), name_(std::move(name)), image_(std::move(image)), services_(&services) {
  host_ = {sizeof(zm_host), ZM_ABI_MINOR, this, get_ext, set_host_error};
}

Instance::~Instance() { end(); }

gpu::LoanBook* Instance::gpu() {
  if (!gpu_ && gpu_source_) gpu_ = gpu_source_->open_book(name_);
  return gpu_.get();
}

Error Instance::failure(const char* hook, zm_status status) const {
  return {Errc::refused, fmt::format("strategy {}: {} answered \"{}\"{}{}", name_, hook,
                                     to_string(status), error_.empty() ? "" : ": ", error_)};
}

Result<std::unique_ptr<Instance>> Instance::create(InstanceId id, std::string name,
                                                   const zm_strategy_factory& factory,
                                                   std::shared_ptr<PluginImage> image,
                                                   InstanceServices& services) {
  std::unique_ptr<Instance> instance(new Instance(id, std::move(name), std::move(image), services));
  const zm_status made = call(*instance, [&] {
    instance->strategy_ = factory.create(&instance->host_);
    return instance->strategy_ == nullptr ? zm_status{ZM_E_FAILED} : zm_status{ZM_OK};
  });
  if (made != ZM_OK) return instance->failure("create", made);
  if (!ZM_HAS(instance->strategy_, get_ext))
    return Error{
        Errc::incompatible,
        fmt::format("strategy {}: its hook table is smaller than ABI 1.0", instance->name_)};
  instance->subscribe_ = factory.desc->subscribe;
  instance->schema_ = factory.desc->state_schema;
  instance->plugin_ = factory.desc->id == nullptr ? "" : factory.desc->id;
  const zm_status status = call(
      *instance, [&] { return instance->strategy_->init(instance->strategy_, &instance->host_); });
  if (status != ZM_OK) return instance->failure("init", status);
  instance->phase_ = InstancePhase::initialised;
  if (const auto read = instance->read_parameters(); !read) return read.error();
  return instance;
}

std::unique_ptr<Instance> Instance::absent(InstanceId id, std::string name,
                                           InstanceServices& services) {
  std::unique_ptr<Instance> instance(new Instance(id, std::move(name), nullptr, services));
  instance->phase_ = InstancePhase::ended;
  return instance;
}

Result<void> Instance::read_parameters() {
  const auto* api = static_cast<const zm_params_api*>(strategy_->get_ext(strategy_, ZM_EXT_PARAMS));
  if (api == nullptr || !ZM_HAS(api, info)) return {};
  for (std::uint32_t index = 0; index < api->count; ++index) {
    zm_param_info info{};
    info.size = sizeof info;
    const zm_status status = call(*this, [&] { return api->info(strategy_, index, &info); });
    if (status != ZM_OK || info.name == nullptr) return failure("params.info", status);
    parameters_.push_back({info.name, info.unit == nullptr ? "" : info.unit,
                           info.description == nullptr ? "" : info.description, info.type,
                           info.flags, info.default_value, info.minimum, info.maximum});
  }
  return {};
}

Result<void> Instance::activate(std::span<const std::uint32_t> instruments, Nanoseconds now) {
  const zm_activation activation{sizeof(zm_activation),
                                 static_cast<std::uint32_t>(instruments.size()), instruments.data(),
                                 now.value};
  const zm_status status = call(*this, [&] { return strategy_->activate(strategy_, &activation); });
  if (status != ZM_OK) return failure("activate", status);
  phase_ = InstancePhase::active;
  return {};
}

Result<void> Instance::start() {
  phase_ = InstancePhase::started;
  const zm_status status = call(*this, [&] { return strategy_->start(strategy_); });
  if (status == ZM_OK) return {};
  phase_ = InstancePhase::faulted;
  return failure("start", status);
}

bool Instance::deliver(std::span<zm_event> events) noexcept {
  for (zm_event& event : events) event.seq = ++last_seq_;
  const zm_batch batch{sizeof(zm_batch), static_cast<std::uint32_t>(events.size()), events.data()};
  const zm_status status = call(*this, [&] { return strategy_->on_events(strategy_, &batch); });
  if (status == ZM_OK) return true;
  phase_ = InstancePhase::faulted;
  died_ = status == status_died;
  if (error_.empty()) error_.assign(to_string(status));
  return false;
}

Result<void> Instance::quiesce(Nanoseconds deadline) {
  phase_ = InstancePhase::quiesced;
  const zm_status status =
      call(*this, [&] { return strategy_->quiesce(strategy_, deadline.value); });
  if (status != ZM_OK) return failure("quiesce", status);
  return {};
}

void Instance::pass_over(std::span<zm_event> events) noexcept {
  for (zm_event& event : events) event.seq = ++last_seq_;
}

bool Instance::catch_up(std::span<zm_event> events) noexcept {
  const bool heard = deliver(events);
  if (heard) phase_ = InstancePhase::quiesced;
  return heard;
}

std::uint32_t Instance::own_handle(std::uint32_t engine_handle) {
  for (std::uint32_t own = 0; own < metrics_.size(); ++own)
    if (metrics_[own] == engine_handle) return own;
  metrics_.push_back(engine_handle);
  return static_cast<std::uint32_t>(metrics_.size()) - 1;
}

Result<void> Instance::resume() {
  phase_ = InstancePhase::started;
  const zm_status status = call(*this, [&] { return strategy_->resume(strategy_); });
  if (status == ZM_OK) return {};
  phase_ = InstancePhase::faulted;
  return failure("resume", status);
}

void Instance::end() {
  if (strategy_ == nullptr) return;
  const auto ended = [](auto hook, const zm_strategy* strategy) {
    return [=] {
      hook(strategy);
      return zm_status{ZM_OK};
    };
  };
  if (phase_ != InstancePhase::created && phase_ != InstancePhase::initialised)
    call(*this, ended(strategy_->deactivate, strategy_));
  call(*this, ended(strategy_->destroy, strategy_));
  if (gpu_) gpu_->reclaim();  // before the image goes: queued work may read its memory
  strategy_ = nullptr;
  phase_ = InstancePhase::ended;
}

Result<StateEnvelope> Instance::save(std::uint32_t reason) {
  StateEnvelope state{plugin_, schema_, schema_, last_seq_, {}};
  const auto* api = static_cast<const zm_state_api*>(strategy_->get_ext(strategy_, ZM_EXT_STATE));
  if (api == nullptr || !ZM_HAS(api, load)) return state;
  const zm_ostream stream{&state.bytes, append_bytes};
  const zm_status status = call(*this, [&] { return api->save(strategy_, &stream, reason); });
  if (status != ZM_OK) return failure("state.save", status);
  return state;
}

Result<void> Instance::load(const StateEnvelope& state, std::uint32_t reason) {
  if (const auto may = state.readable_by(plugin_, schema_); !may)
    return Error{may.error().code, fmt::format("strategy {}: {}", name_, may.error().message)};
  const auto* api = static_cast<const zm_state_api*>(strategy_->get_ext(strategy_, ZM_EXT_STATE));
  if (api == nullptr || !ZM_HAS(api, load)) {
    if (state.bytes.empty()) return {};
    return Error{
        Errc::incompatible,
        fmt::format("strategy {}: there is saved state, but this plugin cannot load any", name_)};
  }
  std::span<const std::byte> rest = state.bytes;
  const zm_istream stream{&rest, take_bytes};
  const zm_state_info info{sizeof(zm_state_info), reason, state.schema, 0, state.last_seq,
                           state.bytes.size()};
  const zm_status status = call(*this, [&] { return api->load(strategy_, &stream, &info); });
  if (status != ZM_OK) return failure("state.load", status);
  return {};
}

}  // namespace zomma
