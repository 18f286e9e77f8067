// zomma.hpp: write a strategy as a C++20 class; this header turns it into a plugin. Header only, no state of its own.
//
// A strategy derives from zm::strategy<itself> and defines the hooks it needs (all optional):
//   zm_status on_activate(zm::context&)                    allocate; look at the instruments
//   void on_quote / on_trade / on_book / on_state(const zm_event&, zm::context&)   market data it subscribed to
//   void on_order(const zm_event&, zm::context&)           every update of an own order, fills included
//   void on_chain(const zm_event&, zm::context&)           an option chain was refreshed: ext/draft/chain.hpp
//   void on_corporate(const zm_event&, zm::context&)       a dividend, split or change of symbol
//   void on_settlement(const zm_event&, zm::context&)      assignment, exercise, expiry, adjustment, cash
//   void on_timer(const zm_event&, zm::context&)
//   void on_parameter(std::uint32_t index, zm::context&)   the member already holds the new value
//   void on_batch_end(zm::context&)                        once per venue update, after its events: decide here
//   void save(zm::writer&) const;  bool load(zm::reader&, std::uint32_t schema)   what must survive a reload or a crash
// and may define `static constexpr std::uint64_t subscribe` and `static constexpr auto parameters = zm::parameters(...)`.
// An exception that leaves a hook becomes ZM_E_EXCEPTION with its text; it never crosses the boundary.
#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <span>
#include <string_view>
#include <type_traits>

#include <zomma/context.hpp>
#include <zomma/entry.h>
#include <zomma/ext/params.h>
#include <zomma/ext/state.h>
#include <zomma/strategy.h>

namespace zm {

// One tunable member: its TOML key, unit, meaning and bounds. The default is the member's own initialiser.
template <class Owner, class Value>
struct parameter {
  static_assert(std::is_same_v<Value, double> || std::is_same_v<Value, std::int64_t> || std::is_same_v<Value, bool>,
                "a parameter is a double, an int64_t or a bool");
  Value Owner::*member;
  const char* name;
  const char* unit;
  const char* description;
  double minimum = 0;
  double maximum = 1;
  std::uint32_t flags = ZM_PARAM_LIVE;
};

template <class... Parameters>
struct parameter_list {
  std::tuple<Parameters...> items;
  static constexpr std::uint32_t count = sizeof...(Parameters);
};
template <class... Parameters>
constexpr auto parameters(Parameters... items) { return parameter_list<Parameters...>{std::tuple{items...}}; }

template <class Derived>
class strategy {
 public:
  static constexpr std::uint64_t subscribe = ZM_SUBSCRIBE_QUOTES | ZM_SUBSCRIBE_TRADES | ZM_SUBSCRIBE_STATE;
  static constexpr auto parameters = zm::parameters();

  strategy(const strategy&) = delete;
  strategy& operator=(const strategy&) = delete;

  // Called by ZOMMA_STRATEGY only.
  static const zm_strategy* create(const zm_desc* desc) {
    auto* derived = new Derived;
    strategy& base = *derived;
    base.hooks_ = {sizeof(zm_strategy), 0, desc, derived, init, activate, start, on_events, quiesce, resume, deactivate,
                   destroy, get_ext};
    base.capture_defaults();
    return &base.hooks_;
  }

 protected:
  strategy() = default;
  ~strategy() = default;

 private:
  static Derived& self(const zm_strategy* hooks) { return *static_cast<Derived*>(hooks->self); }
  static strategy& base(const zm_strategy* hooks) { return self(hooks); }

  // Runs `body`; an exception becomes a status and a sentence.
  template <class Body>
  static zm_status guarded(const zm_strategy* hooks, Body body) noexcept {
    try {
      return body(self(hooks));
    } catch (const std::exception& error) {
      base(hooks).context_.set_error(error.what());
    } catch (...) {
      base(hooks).context_.set_error("an exception that is not a std::exception");
    }
    return ZM_E_EXCEPTION;
  }

  static zm_status init(const zm_strategy* hooks, const zm_host* host) {
    return guarded(hooks, [&](Derived& derived) { return static_cast<strategy&>(derived).context_.bind(host); });
  }
  static zm_status activate(const zm_strategy* hooks, const zm_activation* activation) {
    return guarded(hooks, [&](Derived& derived) -> zm_status {
      context& ctx = static_cast<strategy&>(derived).context_;
      ctx.set_instruments({activation->instruments, activation->instrument_count});
      ctx.set_now(activation->now_ns);
      if constexpr (requires { derived.on_activate(ctx); }) return derived.on_activate(ctx);
      return ZM_OK;
    });
  }
  static zm_status start(const zm_strategy* hooks) {
    return guarded(hooks, [&](Derived& derived) -> zm_status {
      if constexpr (requires { derived.on_start(derived.strategy::context_); }) derived.on_start(derived.strategy::context_);
      return ZM_OK;
    });
  }
  static zm_status on_events(const zm_strategy* hooks, const zm_batch* batch) {
    return guarded(hooks, [&](Derived& derived) -> zm_status {
      context& ctx = static_cast<strategy&>(derived).context_;
      for (const zm_event& event : std::span(batch->events, batch->count)) {
        ctx.set_now(event.ts_ns);
        static_cast<strategy&>(derived).dispatch(event, derived, ctx);
      }
      if constexpr (requires { derived.on_batch_end(ctx); }) derived.on_batch_end(ctx);
      return ZM_OK;
    });
  }
  static zm_status quiesce(const zm_strategy* hooks, std::int64_t deadline_ns) {
    return guarded(hooks, [&](Derived& derived) -> zm_status {
      if constexpr (requires { derived.on_quiesce(deadline_ns); }) derived.on_quiesce(deadline_ns);
      return ZM_OK;
    });
  }
  static zm_status resume(const zm_strategy* hooks) {
    return guarded(hooks, [&](Derived& derived) -> zm_status {
      if constexpr (requires { derived.on_resume(); }) derived.on_resume();
      return ZM_OK;
    });
  }
  static void deactivate(const zm_strategy* hooks) {
    guarded(hooks, [&](Derived& derived) -> zm_status {
      if constexpr (requires { derived.on_deactivate(); }) derived.on_deactivate();
      return ZM_OK;
    });
  }
  static void destroy(const zm_strategy* hooks) { delete &self(hooks); }

  void dispatch(const zm_event& event, Derived& derived, context& ctx) {
    switch (event.kind) {
      case ZM_EVENT_QUOTE:
        if constexpr (requires { derived.on_quote(event, ctx); }) derived.on_quote(event, ctx);
        break;
      case ZM_EVENT_TRADE:
        if constexpr (requires { derived.on_trade(event, ctx); }) derived.on_trade(event, ctx);
        break;
      case ZM_EVENT_BOOK_CLEAR: case ZM_EVENT_MARKET_STATE: case ZM_EVENT_GAP:
        if constexpr (requires { derived.on_state(event, ctx); }) derived.on_state(event, ctx);
        break;
      case ZM_EVENT_CHAIN:
        if constexpr (requires { derived.on_chain(event, ctx); }) derived.on_chain(event, ctx);
        break;
      case ZM_EVENT_CORPORATE:
        if constexpr (requires { derived.on_corporate(event, ctx); }) derived.on_corporate(event, ctx);
        break;
      case ZM_EVENT_ASSIGNED: case ZM_EVENT_EXERCISED: case ZM_EVENT_LAPSED: case ZM_EVENT_ADJUSTED: case ZM_EVENT_CASH:
        if constexpr (requires { derived.on_settlement(event, ctx); }) derived.on_settlement(event, ctx);
        break;
      case ZM_EVENT_TIMER:
        if constexpr (requires { derived.on_timer(event, ctx); }) derived.on_timer(event, ctx);
        break;
      case ZM_EVENT_PARAMETER:
        set_parameter(event.u.parameter, derived);
        if constexpr (requires { derived.on_parameter(0u, ctx); }) derived.on_parameter(event.u.parameter.index, ctx);
        break;
      default:
        if (event.kind >= ZM_EVENT_ACCEPTED && event.kind <= ZM_EVENT_TRIGGERED) {
          if constexpr (requires { derived.on_order(event, ctx); }) derived.on_order(event, ctx);
        } else if (event.kind >= ZM_EVENT_LEVEL && event.kind <= ZM_EVENT_ORDER_MODIFY) {
          if constexpr (requires { derived.on_book(event, ctx); }) derived.on_book(event, ctx);
        }
    }
  }

  // --- parameters ---
  template <class Visitor>
  static void for_each_parameter(Visitor visit) {
    std::uint32_t index = 0;
    std::apply([&](const auto&... item) { (visit(index++, item), ...); }, Derived::parameters.items);
  }
  void capture_defaults() {
    const auto& derived = static_cast<const Derived&>(*this);
    for_each_parameter([&](std::uint32_t index, const auto& item) {
      defaults()[index] = static_cast<double>(derived.*item.member);
    });
  }
  static void set_parameter(const zm_parameter& event, Derived& derived) {
    for_each_parameter([&](std::uint32_t index, const auto& item) {
      if (index != event.index) return;
      using Value = std::remove_reference_t<decltype(derived.*item.member)>;
      if constexpr (std::is_same_v<Value, double>) derived.*item.member = event.value.real;
      else derived.*item.member = static_cast<Value>(event.value.integer);
    });
  }
  static zm_status parameter_info(const zm_strategy* hooks, std::uint32_t wanted, zm_param_info* out) {
    zm_status status = ZM_E_NOT_FOUND;
    for_each_parameter([&](std::uint32_t index, const auto& item) {
      if (index != wanted || out->size < sizeof(zm_param_info)) return;
      using Value = std::remove_reference_t<decltype(self(hooks).*item.member)>;
      out->type = std::is_same_v<Value, double> ? ZM_PARAM_REAL : std::is_same_v<Value, bool> ? ZM_PARAM_BOOLEAN : ZM_PARAM_INTEGER;
      out->flags = item.flags;
      out->name = item.name;
      out->unit = item.unit;
      out->description = item.description;
      out->default_value = base(hooks).defaults()[index];
      out->minimum = item.minimum;
      out->maximum = item.maximum;
      status = ZM_OK;
    });
    return status;
  }

  // --- state ---
  static zm_status save_state(const zm_strategy* hooks, const zm_ostream* stream, std::uint32_t) {
    return guarded(hooks, [&](Derived& derived) -> zm_status {
      writer out(stream);
      if constexpr (requires { derived.save(out); }) derived.save(out);
      return out.ok() ? ZM_OK : ZM_E_FAILED;
    });
  }
  static zm_status load_state(const zm_strategy* hooks, const zm_istream* stream, const zm_state_info* info) {
    return guarded(hooks, [&](Derived& derived) -> zm_status {
      if (info->schema > hooks->desc->state_schema) return ZM_E_STATE_NEWER;
      reader in(stream);
      if constexpr (requires { derived.load(in, info->schema); }) {
        if (!derived.load(in, info->schema) || !in.ok()) return ZM_E_STATE_CORRUPT;
      }
      return ZM_OK;
    });
  }

  static const void* get_ext(const zm_strategy*, const char* id) {
    static constexpr zm_params_api params_api{sizeof(zm_params_api), parameter_count(), parameter_info};
    static constexpr zm_state_api state_api{sizeof(zm_state_api), 0, save_state, load_state};
    const std::string_view wanted(id);
    if (wanted == ZM_EXT_PARAMS) return &params_api;
    if constexpr (requires(const Derived& derived, writer& out) { derived.save(out); }) {
      if (wanted == ZM_EXT_STATE) return &state_api;
    }
    return nullptr;
  }
  static constexpr std::uint32_t parameter_count() { return std::remove_cvref_t<decltype(Derived::parameters)>::count; }

  static constexpr std::size_t max_parameters = 64;
  std::array<double, max_parameters>& defaults() {
    static_assert(std::remove_cvref_t<decltype(Derived::parameters)>::count <= max_parameters);
    return defaults_;
  }

  zm_strategy hooks_{};
  context context_;
  std::array<double, max_parameters> defaults_{};
};

}  // namespace zm

// Once per plugin, at file scope, outside of any namespace: the note, the factory and the one exported symbol.
#define ZOMMA_STRATEGY(type, plugin_id, plugin_version, schema)                                                  \
  ZM_PLUGIN_NOTE(plugin_id, plugin_version, schema);                                                             \
  namespace {                                                                                                    \
  constexpr zm_desc zm_desc_{sizeof(zm_desc), (schema), plugin_id, plugin_version, #type, "", type::subscribe};  \
  const zm_strategy* zm_create_(const zm_host*) {                                                                \
    try {                                                                                                        \
      return type::create(&zm_desc_);                                                                            \
    } catch (...) {                                                                                              \
      return nullptr;                                                                                            \
    }                                                                                                            \
  }                                                                                                              \
  constexpr zm_strategy_factory zm_factory_{sizeof(zm_strategy_factory), 0, &zm_desc_, zm_create_};              \
  const void* zm_get_factory_(const char* id) {                                                                  \
    return std::string_view(id) == ZM_STRATEGY_FACTORY ? &zm_factory_ : nullptr;                                 \
  }                                                                                                              \
  constexpr zm_entry zm_entry_{ZM_ABI_MAJOR, ZM_ABI_MINOR, zm_get_factory_};                                     \
  }                                                                                                              \
  ZM_EXPORT const zm_entry* zm_plugin_entry(void) { return &zm_entry_; }
