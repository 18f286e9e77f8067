#include "plugin/worker/remote_strategy.h"

#include <algorithm>

namespace zomma::worker {
namespace {

constexpr std::uint32_t most_parameters = 4096;
constexpr std::size_t events_per_part = area_size / sizeof(zm_event);

template <class T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

}  // namespace

zm_status RemoteStrategy::fail(const std::string& why) const {
  if (host_ != nullptr) host_->set_error(host_, why.data(), why.size());
  return status_died;
}

zm_status RemoteStrategy::ask(Request request, const char* hook, std::span<const std::byte> body,
                              Nanoseconds patience) {
  const auto result = conversation_.ask(request, hook, body, patience);
  result_ = result.value_or(Message{});
  return result ? result->number : fail(conversation_.trouble());
}

const zm_strategy* RemoteStrategy::create(const zm_host* host, const zm_desc* desc) {
  if (host_ != nullptr) {
    constexpr std::string_view why =
        "its worker process runs an instance already: one process, one instance";
    host->set_error(host, why.data(), why.size());
    return nullptr;
  }
  host_ = host;
  conversation_.calls().bind(host);
  hooks_ = {sizeof(zm_strategy), 0,       desc,   this,       init,    activate, start,
            on_events,           quiesce, resume, deactivate, destroy, get_ext};
  if (ask(Request::create, "create", {}, options_.patience) == ZM_OK && learn_tables(result_.body))
    return &hooks_;
  host_ = nullptr;
  conversation_.calls().bind(nullptr);
  return nullptr;
}

// The plugin may offer its tables from its creation or from its init on; get_ext may then be asked
// from any thread.
bool RemoteStrategy::learn_tables(std::span<const std::byte> body) {
  Cursor fields(body);
  const auto tables = fields.get<Tables>();
  if (!fields.done() || tables.parameters > most_parameters) {
    fail("the worker process says nothing sensible about its parameters");
    return false;
  }
  has_parameters_ = tables.has_parameters != 0;
  params_api_.count = tables.parameters;
  has_state_ = tables.has_state != 0;
  return true;
}

zm_status RemoteStrategy::init(const zm_strategy* hooks, const zm_host* host) {
  RemoteStrategy& me = self(hooks);
  me.host_ = host;
  me.conversation_.calls().bind(host);
  const zm_status status = me.ask(Request::init, "init", {}, me.options_.patience);
  if (status != ZM_OK) return status;
  return me.learn_tables(me.result_.body) ? zm_status{ZM_OK} : zm_status{ZM_E_FAILED};
}

zm_status RemoteStrategy::activate(const zm_strategy* hooks, const zm_activation* activation) {
  RemoteStrategy& me = self(hooks);
  const auto instruments =
      std::as_bytes(std::span(activation->instruments, activation->instrument_count));
  std::vector<std::byte> body(sizeof activation->now_ns + instruments.size());
  std::memcpy(body.data(), &activation->now_ns, sizeof activation->now_ns);
  if (!instruments.empty())
    std::memcpy(body.data() + sizeof activation->now_ns, instruments.data(), instruments.size());
  if (body.size() > area_size) return me.fail("a worker process takes at most 16,000 instruments");
  return me.ask(Request::activate, "activate", body, me.options_.patience);
}

zm_status RemoteStrategy::start(const zm_strategy* hooks) {
  return self(hooks).ask(Request::start, "start", {}, self(hooks).options_.deadline);
}

zm_status RemoteStrategy::on_events(const zm_strategy* hooks, const zm_batch* batch) {
  RemoteStrategy& me = self(hooks);
  std::span<const zm_event> events(batch->events, batch->count);
  if (!events.empty()) me.conversation_.set_last_seq(events.back().seq);
  while (events.size() > events_per_part) {
    const zm_status status =
        me.ask(Request::batch_part, "on_events", std::as_bytes(events.first(events_per_part)),
               me.options_.deadline);
    if (status != ZM_OK) return status;
    events = events.subspan(events_per_part);
  }
  return me.ask(Request::on_events, "on_events", std::as_bytes(events), me.options_.deadline);
}

zm_status RemoteStrategy::quiesce(const zm_strategy* hooks, std::int64_t deadline_ns) {
  return self(hooks).ask(Request::quiesce, "quiesce", bytes_of(deadline_ns),
                         self(hooks).options_.deadline);
}

zm_status RemoteStrategy::resume(const zm_strategy* hooks) {
  return self(hooks).ask(Request::resume, "resume", {}, self(hooks).options_.deadline);
}

void RemoteStrategy::deactivate(const zm_strategy* hooks) {
  self(hooks).ask(Request::deactivate, "deactivate", {}, self(hooks).options_.patience);
}

void RemoteStrategy::destroy(const zm_strategy* hooks) {
  RemoteStrategy& me = self(hooks);
  me.ask(Request::destroy, "destroy", {}, me.options_.patience);
  me.host_ = nullptr;
  me.conversation_.calls().bind(nullptr);
  me.parameters_.clear();
}

const void* RemoteStrategy::get_ext(const zm_strategy* hooks, const char* id) {
  const RemoteStrategy& me = self(hooks);
  const std::string_view wanted = id == nullptr ? "" : id;
  if (wanted == ZM_EXT_PARAMS && me.has_parameters_) return &me.params_api_;
  if (wanted == ZM_EXT_STATE && me.has_state_) return &me.state_api_;
  return nullptr;
}

zm_status RemoteStrategy::parameter(const zm_strategy* hooks, std::uint32_t index,
                                    zm_param_info* out) {
  RemoteStrategy& me = self(hooks);
  if (out == nullptr || out->size < sizeof(zm_param_info)) return ZM_E_ARGUMENT;
  auto known = me.parameters_.find(index);
  if (known == me.parameters_.end()) {
    ParameterTexts texts;
    if (const zm_status status = me.ask_parameter(index, texts); status != ZM_OK) return status;
    known = me.parameters_.emplace(index, std::move(texts)).first;
  }
  const ParameterTexts& texts = known->second;
  *out = texts.info;
  out->name = texts.named ? texts.name.c_str() : nullptr;
  out->unit = texts.unit.c_str();
  out->description = texts.description.c_str();
  return ZM_OK;
}

zm_status RemoteStrategy::ask_parameter(std::uint32_t index, ParameterTexts& texts) {
  if (!has_parameters_ || index >= params_api_.count) return ZM_E_NOT_FOUND;
  const zm_status status =
      ask(Request::parameter, "params.info", bytes_of(index), options_.patience);
  if (status != ZM_OK) return status;
  Cursor fields(result_.body);
  texts.info = fields.get<zm_param_info>();
  texts.info.size = sizeof(zm_param_info);
  texts.named = fields.get<std::uint32_t>() != 0;
  texts.name = fields.text();
  texts.unit = fields.text();
  texts.description = fields.text();
  return fields.done() ? zm_status{ZM_OK}
                       : fail("the worker process says nothing sensible about a parameter");
}

zm_status RemoteStrategy::save(const zm_strategy* hooks, const zm_ostream* out,
                               std::uint32_t reason) {
  RemoteStrategy& me = self(hooks);
  if (!me.has_state_) return ZM_E_UNSUPPORTED;
  me.conversation_.calls().set_streams(out, nullptr);
  const zm_status status =
      me.ask(Request::save, "state.save", bytes_of(reason), me.options_.patience);
  me.conversation_.calls().set_streams(nullptr, nullptr);
  return status;
}

zm_status RemoteStrategy::load(const zm_strategy* hooks, const zm_istream* in,
                               const zm_state_info* info) {
  RemoteStrategy& me = self(hooks);
  if (!me.has_state_) return ZM_E_UNSUPPORTED;
  me.conversation_.calls().set_streams(nullptr, in);
  const zm_status status =
      me.ask(Request::load_state, "state.load", bytes_of(*info), me.options_.patience);
  me.conversation_.calls().set_streams(nullptr, nullptr);
  return status;
}

}  // namespace zomma::worker
