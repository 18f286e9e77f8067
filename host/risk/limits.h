// limits.h: what may be done at most, scope by scope: the firm, an instance, an instrument, an
// instance in an instrument.
//
// A limit on one order (quantity, notional, collar, age of the reference) is taken from the most
// specific scope that gives it, but never looser than a wider scope's: in effect the tightest one.
// A limit on a sum (position, gross, open orders, rate, loss) is measured in its own scope: the
// firm's against the firm's sum, the instance's against the instance's.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/types.h"

namespace zomma {

// Limits of one scope. What is not given is not limited there.
struct ScopeLimits {
  // One order.
  std::optional<Quantity> min_quantity, max_quantity;
  std::optional<Money> max_order_notional;
  std::optional<std::int64_t>
      collar_bps;  // above (buy) or below (sell) the mid, aggressive side only
  std::optional<std::int64_t> collar_ticks;      // with both, the nearer decides
  std::optional<Nanoseconds> max_reference_age;  // an older quote is no reference
  std::optional<std::int64_t> max_volume_bps;    // of the average daily volume
  std::optional<Nanoseconds>
      duplicate_window;  // same instrument, side, price and quantity again within it
  // Sums.
  std::optional<Quantity> max_position;     // worst case: all open orders of the side filled
  std::optional<Money> max_gross_notional;  // positions at the mark and open orders at their prices
  std::optional<Money> max_net_notional;
  // Greeks of positions and open orders together, eight decimals of currency; what they count is
  // with RiskSums.
  std::optional<std::int64_t> max_delta, max_gamma, max_vega;
  // Capital at work in one underlying with options, of the equity.
  std::optional<std::int64_t> max_underlying_bps;
  std::optional<std::int64_t> max_open_orders;
  std::optional<std::int64_t>
      max_orders_per_second;  // NEW and REPLACE; cancels have a bucket of their own, only counted
  std::optional<std::int64_t> order_burst;       // orders at once; default: one second's worth
  std::optional<Money> max_daily_loss;           // refused from a loss of exactly this
  std::optional<Money> max_drawdown;             // from the high water, likewise
  std::optional<std::int64_t> max_drawdown_bps;  // of the high water, likewise
  bool cash_account{false};                      // purchases must be covered by RiskContext::cash
};

struct InstanceLimits {
  InstanceId instance;
  ScopeLimits limits;
};
struct InstrumentLimits {
  InstrumentId instrument;
  ScopeLimits limits;
};
struct PairLimits {
  InstanceId instance;
  InstrumentId instrument;
  ScopeLimits limits;
};

// All of them. An instrument's limits on sums hold for the firm's sum in that instrument; a pair's
// for the instance's.
struct LimitTree {
  ScopeLimits firm;
  std::vector<InstanceLimits> instances;
  std::vector<InstrumentLimits> instruments;
  std::vector<PairLimits> pairs;
  bool kill_on_loss{true};  // a breach of daily loss or drawdown sets the scope's kill switch
};

// What applies to one instance in one instrument, resolved. Unlimited numbers stand at the end of
// the range, so that no comparison needs to ask first. Plain data, made when limits change, read on
// the hot path.
struct EffectiveLimits {
  std::int64_t min_quantity, max_quantity;
  std::int64_t max_order_notional;
  std::int64_t collar_bps, collar_ticks;  // int64 max = none
  std::int64_t max_reference_age;
  std::int64_t max_volume_bps;
  std::int64_t duplicate_window;  // 0 = none
  std::int64_t max_position, firm_max_position;
  std::int64_t max_open_orders;       // of the instance in the instrument
  std::int64_t firm_max_open_orders;  // of the firm in the instrument
  bool needs_reference;               // some limit here cannot be checked without one
};

// Sums of one scope (the firm or an instance), resolved likewise.
struct EffectiveSums {
  std::int64_t max_gross, max_net, max_delta, max_gamma, max_vega, max_underlying_bps,
      max_open_orders;
  std::int64_t max_daily_loss, max_drawdown, max_drawdown_bps;
  std::int64_t rate, burst;  // rate 0 = unlimited
  bool cash_account;
};

// Errc::invalid_argument with a sentence when a limit is negative where it must not be, a minimum
// is above its maximum, or a scope's limit is looser than that of a scope around it.
Result<void> validate(const LimitTree& tree);

EffectiveLimits effective_limits(const LimitTree& tree, InstanceId instance,
                                 InstrumentId instrument);
EffectiveSums effective_sums(const ScopeLimits& scope);

}  // namespace zomma
