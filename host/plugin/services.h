// services.h: what an instance may ask of the engine. The extension tables that a plugin sees are
// thin shells over this. Called on the engine's thread only (log, metric_add and metric_set: any
// thread of the instance).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <zomma/ext/draft/agenda.h>
#include <zomma/ext/draft/chain.h>
#include <zomma/ext/draft/options.h>
#include <zomma/ext/market.h>
#include <zomma/ext/portfolio.h>
#include <zomma/order.h>

#include "base/types.h"

namespace zomma {

// Intents of the host's own, for ext/draft/options.h: `instrument`, and in `quantity` how many
// contracts to exercise, or whether to decline.
constexpr std::uint32_t intent_exercise = 256, intent_decline = 257;

class InstanceServices {
 public:
  virtual ~InstanceServices() = default;

  // ext/orders.h. `intents` is an array with stride intents->size; every member that the host knows
  // has been checked to be within that size.
  virtual zm_status submit(InstanceId instance, const zm_intent& intent,
                           zm_intent_result& result) = 0;
  virtual zm_status cancel_all(InstanceId instance, InstrumentId instrument) = 0;

  // ext/market.h
  virtual std::uint32_t instrument_count() const = 0;
  virtual zm_status instrument(InstrumentId id, zm_instrument& out) const = 0;
  virtual InstrumentId find_instrument(std::string_view symbol) const = 0;
  virtual zm_status best(InstrumentId id, zm_quote& out) const = 0;
  virtual std::uint32_t levels(InstrumentId id, Side side, std::span<zm_price_level> out) const = 0;

  // ext/draft/chain.h
  virtual zm_status chain(InstanceId, InstrumentId, zm_chain&) const { return ZM_E_NOT_FOUND; }
  virtual zm_status surface_vol(InstanceId, InstrumentId, std::span<const double>,
                                std::span<const double>, std::span<double>) const {
    return ZM_E_NOT_FOUND;
  }

  // ext/draft/options.h, ext/draft/agenda.h. `with`: instrument, signed quantity and price of a
  // position that is asked about; null: none. Fills all of `out` but its size.
  virtual zm_status margin(InstanceId, const zm_intent* /*with*/, zm_margin&) const {
    return ZM_E_STATE;
  }
  virtual std::uint32_t lots(InstanceId, InstrumentId, std::span<zm_tax_lot>) const { return 0; }
  virtual std::uint32_t upcoming(InstrumentId, std::span<zm_agenda_entry>) const { return 0; }

  // ext/portfolio.h
  virtual zm_status position(InstanceId instance, InstrumentId instrument,
                             zm_position& out) const = 0;
  virtual void account(InstanceId instance, zm_account& out) const = 0;
  virtual std::uint32_t open_orders(InstanceId instance, std::span<zm_open_order> out) const = 0;

  // ext/timer.h
  virtual zm_status arm_timer(InstanceId instance, Nanoseconds at, std::uint64_t cookie,
                              std::uint64_t& id) = 0;
  virtual void cancel_timer(InstanceId instance, std::uint64_t id) = 0;

  // ext/metrics.h, ext/log.h, ext/health.h
  virtual zm_status declare_metric(InstanceId instance, std::string_view name,
                                   std::string_view unit, std::uint32_t kind,
                                   std::uint32_t& handle) = 0;
  virtual void metric_add(InstanceId instance, std::uint32_t handle, double amount) = 0;
  virtual void metric_set(InstanceId instance, std::uint32_t handle, double value) = 0;
  virtual void signal(InstanceId instance, std::uint32_t handle, InstrumentId instrument,
                      double value) = 0;
  virtual void log(InstanceId instance, std::uint32_t level, std::string_view text) = 0;
  virtual void health(InstanceId instance, std::uint32_t level, std::uint32_t code,
                      std::string_view text) = 0;
};

}  // namespace zomma
