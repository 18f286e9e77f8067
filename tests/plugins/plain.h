// plain.h: a small, sound plugin written against the C headers. A misbehaving plugin takes it and
// changes one thing, so that its sin is all there is to read in its file.
#pragma once

#include <cstdint>
#include <cstring>

#include <zomma/entry.h>
#include <zomma/ext/log.h>
#include <zomma/ext/market.h>
#include <zomma/ext/metrics.h>
#include <zomma/ext/orders.h>
#include <zomma/ext/params.h>
#include <zomma/ext/state.h>
#include <zomma/ext/timer.h>
#include <zomma/strategy.h>

namespace {

struct Memory {  // what is saved
  std::uint64_t heard = 0;
  std::int64_t sum = 0;
};

struct Instance {
  zm_strategy hooks;
  const zm_host* host;
  const zm_orders_api* orders;
  const zm_timer_api* timers;
  const zm_metrics_api* metrics;
  const zm_log_api* log;
  const zm_market_api* market;
  Memory memory;
};

Instance& of(const zm_strategy* strategy) { return *static_cast<Instance*>(strategy->self); }

zm_intent one_lot(zm_price price) {
  return {sizeof(zm_intent),
          ZM_INTENT_NEW,
          0,
          ZM_SIDE_BUY,
          ZM_ORDER_LIMIT,
          ZM_TIF_IOC,
          0,
          0,
          0,
          price,
          1000,
          0,
          0};
}
zm_intent_result send(const zm_strategy* strategy, const zm_intent& intent) {
  zm_intent_result result{};
  of(strategy).orders->submit(of(strategy).host, &intent, 1, &result);
  return result;
}

template <class Table>
bool fetch(const zm_host* host, const Table*& table, const char* id) {
  table = static_cast<const Table*>(host->get_ext(host, id));
  return table != nullptr;
}
zm_status plain_init(const zm_strategy* strategy, const zm_host* host) {
  Instance& me = of(strategy);
  me.host = host;
  const bool whole = fetch(host, me.orders, ZM_EXT_ORDERS) &&
                     fetch(host, me.timers, ZM_EXT_TIMER) &&
                     fetch(host, me.metrics, ZM_EXT_METRICS) && fetch(host, me.log, ZM_EXT_LOG) &&
                     fetch(host, me.market, ZM_EXT_MARKET);
  return whole ? zm_status{ZM_OK} : zm_status{ZM_E_UNSUPPORTED};
}
zm_status plain_activate(const zm_strategy*, const zm_activation*) { return ZM_OK; }
zm_status plain_ok(const zm_strategy*) { return ZM_OK; }
zm_status plain_events(const zm_strategy* strategy, const zm_batch* batch) {
  Instance& me = of(strategy);
  for (std::uint32_t i = 0; i < batch->count; ++i) {
    const zm_event& event = batch->events[i];
    if (event.kind != ZM_EVENT_QUOTE) continue;
    me.memory.sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(me.memory.sum) * 31 +
                                              static_cast<std::uint64_t>(event.u.quote.bid_price));
    if (++me.memory.heard % 64 == 0) send(strategy, one_lot(event.u.quote.bid_price));
  }
  return ZM_OK;
}
zm_status plain_quiesce(const zm_strategy*, std::int64_t) { return ZM_OK; }
void plain_nothing(const zm_strategy*) {}
void plain_destroy(const zm_strategy* strategy) { delete &of(strategy); }

bool write_all(const zm_ostream* out, const void* data, std::uint64_t length) {
  const auto* bytes = static_cast<const char*>(data);
  while (length > 0) {
    const std::int64_t taken = out->write(out, bytes, length);
    if (taken <= 0) return false;
    bytes += taken;
    length -= static_cast<std::uint64_t>(taken);
  }
  return true;
}
bool read_all(const zm_istream* in, void* data, std::uint64_t length) {
  auto* bytes = static_cast<char*>(data);
  while (length > 0) {
    const std::int64_t given = in->read(in, bytes, length);
    if (given <= 0) return false;
    bytes += given;
    length -= static_cast<std::uint64_t>(given);
  }
  return true;
}
[[maybe_unused]] zm_status plain_save(const zm_strategy* strategy, const zm_ostream* out,
                                      std::uint32_t) {
  return write_all(out, &of(strategy).memory, sizeof(Memory)) ? zm_status{ZM_OK}
                                                              : zm_status{ZM_E_FAILED};
}
[[maybe_unused]] zm_status plain_load(const zm_strategy* strategy, const zm_istream* in,
                                      const zm_state_info* info) {
  if (info->schema > 2) return ZM_E_STATE_NEWER;
  Memory read;
  if (!read_all(in, &read, sizeof read)) return ZM_E_STATE_CORRUPT;
  of(strategy).memory = read;
  return ZM_OK;
}
[[maybe_unused]] zm_status plain_info(const zm_strategy*, std::uint32_t index, zm_param_info* out) {
  if (index != 0 || out->size < sizeof(zm_param_info)) return ZM_E_NOT_FOUND;
  *out = {sizeof(zm_param_info),
          ZM_PARAM_INTEGER,
          ZM_PARAM_LIVE,
          0,
          "size",
          "lots",
          "of one order",
          1,
          0,
          10};
  return ZM_OK;
}

}  // namespace

// The tables may be changed by defining these before this file is included.
#ifndef STATE_SAVE
#define STATE_SAVE plain_save
#endif
#ifndef STATE_LOAD
#define STATE_LOAD plain_load
#endif
#ifndef PARAMETER_INFO
#define PARAMETER_INFO plain_info
#endif
#ifndef PARAMETER_COUNT
#define PARAMETER_COUNT 1
#endif

// PLAIN_PLUGIN("test.id", statements that change `me`, a fresh Instance whose hooks are the plain
// ones)
#define PLAIN_PLUGIN(ID, ...) \
  PLAIN_PLUGIN_AS(ID, "1.0.0", 2, ID, 2, ZM_SUBSCRIBE_QUOTES, "", __VA_ARGS__)
#define PLAIN_PLUGIN_AS(ID, VERSION, SCHEMA, DESC_ID, DESC_SCHEMA, SUBSCRIBE, DESCRIPTION, ...) \
  ZM_PLUGIN_NOTE(ID, VERSION, SCHEMA);                                                          \
  PLAIN_TABLES(VERSION, DESC_ID, DESC_SCHEMA, SUBSCRIBE, DESCRIPTION, __VA_ARGS__)              \
  PLAIN_ENTRY(ZM_ABI_MINOR)
#define PLAIN_TABLES(VERSION, DESC_ID, DESC_SCHEMA, SUBSCRIBE, DESCRIPTION, ...)                   \
  namespace {                                                                                      \
  constexpr zm_desc desc{sizeof(zm_desc), DESC_SCHEMA, DESC_ID,  VERSION,                          \
                         "plain",         DESCRIPTION, SUBSCRIBE};                                 \
  const void* plain_ext(const zm_strategy*, const char* id) {                                      \
    static constexpr zm_state_api state{sizeof(zm_state_api), 0, STATE_SAVE, STATE_LOAD};          \
    static constexpr zm_params_api params{sizeof(zm_params_api), PARAMETER_COUNT, PARAMETER_INFO}; \
    if (std::strcmp(id, ZM_EXT_STATE) == 0) return &state;                                         \
    return std::strcmp(id, ZM_EXT_PARAMS) == 0 ? &params : nullptr;                                \
  }                                                                                                \
  const zm_strategy* create(const zm_host*) {                                                      \
    auto* made = new Instance{                                                                     \
        {sizeof(zm_strategy), 0, &desc, nullptr, plain_init, plain_activate, plain_ok,             \
         plain_events, plain_quiesce, plain_ok, plain_nothing, plain_destroy, plain_ext},          \
        {},                                                                                        \
        {},                                                                                        \
        {},                                                                                        \
        {},                                                                                        \
        {},                                                                                        \
        {},                                                                                        \
        {}};                                                                                       \
    Instance& me = *made;                                                                          \
    me.hooks.self = made;                                                                          \
    __VA_ARGS__;                                                                                   \
    return &made->hooks;                                                                           \
  }                                                                                                \
  constexpr zm_strategy_factory factory{sizeof(zm_strategy_factory), 0, &desc, create};            \
  }
#define PLAIN_ENTRY(MINOR)                                                 \
  namespace {                                                              \
  const void* get_factory(const char* id) {                                \
    return std::strcmp(id, ZM_STRATEGY_FACTORY) == 0 ? &factory : nullptr; \
  }                                                                        \
  constexpr zm_entry entry{ZM_ABI_MAJOR, MINOR, get_factory};              \
  }                                                                        \
  ZM_EXPORT const zm_entry* zm_plugin_entry(void) { return &entry; }
