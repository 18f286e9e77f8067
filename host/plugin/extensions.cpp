// Every shell checks its pointers and the phase, then calls the engine. No exception leaves: a
// plugin may be C.
#include "plugin/extensions.h"

#include <zomma/ext/buffers.h>
#include <zomma/ext/health.h>
#include <zomma/ext/log.h>
#include <zomma/ext/metrics.h>
#include <zomma/ext/orders.h>
#include <zomma/ext/timer.h>

#include <array>
#include <string_view>

#include "plugin/gpu_table.h"
#include "plugin/instance.h"

namespace zomma {
namespace {

Instance& instance_of(const zm_host* host) { return *static_cast<Instance*>(host->self); }
InstanceServices& services_of(const zm_host* host) { return instance_of(host).services(); }

template <class Body>
zm_status guarded(const zm_host* host, Body body) noexcept {
  try {
    return body(instance_of(host));
  } catch (const std::exception& error) {
    instance_of(host).set_error(error.what());
    return ZM_E_FAILED;
  } catch (...) {
    return ZM_E_FAILED;
  }
}

// --- orders ---
constexpr std::uint32_t smallest_intent = sizeof(zm_intent);  // 1.0; later members are optional

zm_status submit(const zm_host* host, const zm_intent* intents, std::uint32_t count,
                 zm_intent_result* results) {
  if (count == 0) return ZM_OK;
  if (intents == nullptr || results == nullptr || intents->size < smallest_intent ||
      intents->size % 8 != 0)
    return ZM_E_ARGUMENT;
  return guarded(host, [&](Instance& instance) -> zm_status {
    zm_status first_failure = ZM_OK;
    const auto* bytes = reinterpret_cast<const char*>(intents);
    const std::uint32_t stride = intents->size;
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto& intent = *reinterpret_cast<const zm_intent*>(bytes + std::size_t{i} * stride);
      results[i] = {};
      const zm_status status = instance.may_trade()
                                   ? instance.services().submit(instance.id(), intent, results[i])
                                   : zm_status{ZM_E_STATE};
      results[i].status = status;
      if (status != ZM_OK && first_failure == ZM_OK) first_failure = status;
    }
    return first_failure;
  });
}
zm_status cancel_all(const zm_host* host, std::uint32_t instrument) {
  return guarded(host, [&](Instance& instance) {
    return instance.may_trade()
               ? instance.services().cancel_all(instance.id(), InstrumentId{instrument})
               : zm_status{ZM_E_STATE};
  });
}

// --- market ---
std::uint32_t instrument_count(const zm_host* host) { return services_of(host).instrument_count(); }
zm_status instrument(const zm_host* host, std::uint32_t id, zm_instrument* out) {
  if (out == nullptr || out->size < sizeof(zm_instrument)) return ZM_E_ARGUMENT;
  return services_of(host).instrument(InstrumentId{id}, *out);
}
std::uint32_t find(const zm_host* host, const char* symbol) {
  return symbol == nullptr ? ZM_NO_INSTRUMENT : services_of(host).find_instrument(symbol).value;
}
zm_status best(const zm_host* host, std::uint32_t id, zm_quote* out) {
  return out == nullptr ? zm_status{ZM_E_ARGUMENT} : services_of(host).best(InstrumentId{id}, *out);
}
std::uint32_t levels(const zm_host* host, std::uint32_t id, std::uint32_t side, zm_price_level* out,
                     std::uint32_t capacity) {
  if (out == nullptr || side > ZM_SIDE_SELL) return 0;
  return services_of(host).levels(InstrumentId{id}, static_cast<Side>(side), {out, capacity});
}

// --- chains ---
zm_status chain(const zm_host* host, std::uint32_t underlying, zm_chain* out) {
  if (out == nullptr || out->size < sizeof(zm_chain)) return ZM_E_ARGUMENT;
  return services_of(host).chain(instance_of(host).id(), InstrumentId{underlying}, *out);
}
zm_status surface_vol(const zm_host* host, std::uint32_t underlying, std::uint32_t count,
                      const double* strike, const double* years, double* out) {
  if (count != 0 && (strike == nullptr || years == nullptr || out == nullptr)) return ZM_E_ARGUMENT;
  return services_of(host).surface_vol(instance_of(host).id(), InstrumentId{underlying},
                                       {strike, count}, {years, count}, {out, count});
}

// --- options ---
zm_status instruct(const zm_host* host, std::uint32_t kind, std::uint32_t instrument,
                   zm_quantity quantity) {
  return guarded(host, [&](Instance& instance) {
    if (!instance.may_trade()) return zm_status{ZM_E_STATE};
    zm_intent intent{};
    intent.size = sizeof intent;
    intent.kind = kind;
    intent.instrument = instrument;
    intent.quantity = quantity;
    zm_intent_result result{};
    return instance.services().submit(instance.id(), intent, result);
  });
}
zm_status exercise(const zm_host* host, std::uint32_t instrument, zm_quantity quantity) {
  return instruct(host, intent_exercise, instrument, quantity);
}
zm_status decline(const zm_host* host, std::uint32_t instrument, std::uint32_t declined) {
  return instruct(host, intent_decline, instrument, declined != 0 ? 1 : 0);
}
zm_status margin_of(const zm_host* host, const zm_intent* with, zm_margin* out) {
  if (out == nullptr || out->size < sizeof(zm_margin)) return ZM_E_ARGUMENT;
  return guarded(host, [&](Instance& instance) {
    return instance.services().margin(instance.id(), with, *out);
  });
}
zm_status margin(const zm_host* host, zm_margin* out) { return margin_of(host, nullptr, out); }
zm_status margin_with(const zm_host* host, std::uint32_t instrument, zm_quantity quantity,
                      zm_price price, zm_margin* out) {
  zm_intent with{};
  with.instrument = instrument;
  with.quantity = quantity;
  with.price = price;
  return margin_of(host, &with, out);
}
std::uint32_t lots(const zm_host* host, std::uint32_t instrument, zm_tax_lot* out,
                   std::uint32_t capacity) {
  return services_of(host).lots(instance_of(host).id(), InstrumentId{instrument},
                                {out, out == nullptr ? 0 : capacity});
}
std::uint32_t upcoming(const zm_host* host, std::uint32_t underlying, zm_agenda_entry* out,
                       std::uint32_t capacity) {
  return services_of(host).upcoming(InstrumentId{underlying}, {out, out == nullptr ? 0 : capacity});
}

// --- portfolio ---
zm_status position(const zm_host* host, std::uint32_t id, zm_position* out) {
  return out == nullptr
             ? zm_status{ZM_E_ARGUMENT}
             : services_of(host).position(instance_of(host).id(), InstrumentId{id}, *out);
}
zm_status account(const zm_host* host, zm_account* out) {
  if (out == nullptr) return ZM_E_ARGUMENT;
  services_of(host).account(instance_of(host).id(), *out);
  return ZM_OK;
}
std::uint32_t open_orders(const zm_host* host, zm_open_order* out, std::uint32_t capacity) {
  return services_of(host).open_orders(instance_of(host).id(),
                                       {out, out == nullptr ? 0 : capacity});
}

// --- timers ---
zm_status arm(const zm_host* host, std::int64_t at_ns, std::uint64_t cookie, std::uint64_t* id) {
  std::uint64_t unused = 0;
  return guarded(host, [&](Instance& instance) {
    if (!instance.may_trade()) return zm_status{ZM_E_STATE};
    return instance.services().arm_timer(instance.id(), Nanoseconds{at_ns}, cookie,
                                         id == nullptr ? unused : *id);
  });
}
void cancel_timer(const zm_host* host, std::uint64_t id) {
  if (instance_of(host).may_trade()) services_of(host).cancel_timer(instance_of(host).id(), id);
}

// --- metrics, log, health ---
zm_status declare(const zm_host* host, const char* name, const char* unit, std::uint32_t kind,
                  std::uint32_t* handle) {
  if (name == nullptr || handle == nullptr || kind > ZM_METRIC_SIGNAL) return ZM_E_ARGUMENT;
  return guarded(host, [&](Instance& instance) {
    std::uint32_t known = 0;
    const zm_status status = instance.services().declare_metric(
        instance.id(), name, unit == nullptr ? "" : unit, kind, known);
    if (status == ZM_OK) *handle = instance.own_handle(known);
    return status;
  });
}
void metric_add(const zm_host* host, std::uint32_t handle, double amount) {
  services_of(host).metric_add(instance_of(host).id(), instance_of(host).engine_handle(handle),
                               amount);
}
void metric_set(const zm_host* host, std::uint32_t handle, double value) {
  services_of(host).metric_set(instance_of(host).id(), instance_of(host).engine_handle(handle),
                               value);
}
void signal(const zm_host* host, std::uint32_t handle, std::uint32_t instrument, double value) {
  Instance& instance = instance_of(host);
  if (instance.may_trade())
    instance.services().signal(instance.id(), instance.engine_handle(handle),
                               InstrumentId{instrument}, value);
}
void log(const zm_host* host, std::uint32_t level, const char* text, std::uint64_t length) {
  if (text == nullptr) return;
  guarded(host, [&](Instance& instance) -> zm_status {
    instance.services().log(instance.id(), level, {text, length});
    return ZM_OK;
  });
}
void health(const zm_host* host, std::uint32_t level, std::uint32_t code, const char* text,
            std::uint64_t length) {
  guarded(host, [&](Instance& instance) -> zm_status {
    instance.services().health(
        instance.id(), level, code,
        text == nullptr ? std::string_view{} : std::string_view{text, length});
    return ZM_OK;
  });
}

// --- buffers ---
zm_status adopt(const zm_host* host, const char* name, std::uint64_t bytes, void** memory) {
  if (name == nullptr || memory == nullptr) return ZM_E_ARGUMENT;
  return guarded(host, [&](Instance& instance) {
    return instance.phase() == InstancePhase::initialised
               ? instance.buffers().adopt(name, bytes, *memory)
               : zm_status{ZM_E_STATE};
  });
}
zm_status adopt_shared(const zm_host* host, const char* name, std::uint64_t bytes, int* file) {
  return guarded(host, [&](Instance& instance) {
    void* memory = nullptr;
    return instance.phase() == InstancePhase::initialised
               ? instance.buffers().adopt_shared(name, bytes, memory, *file)
               : zm_status{ZM_E_STATE};
  });
}
std::uint32_t restored(const zm_host* host, const char* name) {
  return name != nullptr && instance_of(host).buffers().restored(name) ? 1 : 0;
}

// --- GPU ---
struct GpuOfInstance {
  static gpu::LoanBook* ledger(const zm_host* host) { return instance_of(host).gpu(); }
  static void set_error(const zm_host* host, std::string_view text) {
    instance_of(host).set_error(text);
  }
};

constexpr zm_orders_api orders_api{sizeof(zm_orders_api), 0, submit, cancel_all};
constexpr zm_market_api market_api{
    sizeof(zm_market_api), 0, instrument_count, instrument, find, best, levels};
constexpr zm_chain_api chain_api{sizeof(zm_chain_api), 0, chain, surface_vol};
constexpr zm_options_api options_api{
    sizeof(zm_options_api), 0, exercise, decline, margin, margin_with, lots};
constexpr zm_agenda_api agenda_api{sizeof(zm_agenda_api), 0, upcoming};
constexpr zm_portfolio_api portfolio_api{sizeof(zm_portfolio_api), 0, position, account,
                                         open_orders};
constexpr zm_timer_api timer_api{sizeof(zm_timer_api), 0, arm, cancel_timer};
constexpr zm_metrics_api metrics_api{
    sizeof(zm_metrics_api), 0, declare, metric_add, metric_set, signal};
constexpr zm_log_api log_api{sizeof(zm_log_api), 0, log};
constexpr zm_health_api health_api{sizeof(zm_health_api), 0, health};
constexpr zm_buffers_api buffers_api{sizeof(zm_buffers_api), 0, adopt, restored};
constexpr SharedBuffers shared_buffers{adopt_shared};

struct Extension {
  std::string_view id;
  const void* table;
};
constexpr std::array<Extension, 13> extensions{{{ZM_EXT_ORDERS, &orders_api},
                                                {ZM_EXT_MARKET, &market_api},
                                                {ZM_EXT_PORTFOLIO, &portfolio_api},
                                                {ZM_EXT_CHAIN, &chain_api},
                                                {ZM_EXT_OPTIONS, &options_api},
                                                {ZM_EXT_AGENDA, &agenda_api},
                                                {ZM_EXT_TIMER, &timer_api},
                                                {ZM_EXT_METRICS, &metrics_api},
                                                {ZM_EXT_LOG, &log_api},
                                                {ZM_EXT_HEALTH, &health_api},
                                                {ZM_EXT_BUFFERS, &buffers_api},
                                                {shared_buffers_id, &shared_buffers},
                                                {ZM_EXT_GPU, &GpuTable<GpuOfInstance>::table}}};

}  // namespace

const void* find_extension(const char* id) {
  if (id == nullptr) return nullptr;
  for (const Extension& extension : extensions)
    if (extension.id == id) return extension.table;
  return nullptr;
}

}  // namespace zomma
