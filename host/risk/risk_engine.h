// risk_engine.h: pre-trade checks: may this intent leave the house? Every check is evaluated, in
// one fixed order (checks.h); the first that refuses gives the code, all that refuse are in a mask.
// Cancels are never refused.
//
// The engine keeps limits, kill switches and what time gives back (order rate, duplicates).
// Positions, open orders and prices it is told with each question: RiskContext, filled by
// orders/risk_context.h.
//
// Hot path (evaluate, check, commit): integers only, no allocation, lock, system call or virtual
// call.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <zomma/order.h>

#include "base/archive.h"
#include "base/result.h"
#include "base/types.h"
#include "market/instrument.h"
#include "portfolio/valuation.h"
#include "risk/checks.h"
#include "risk/duplicate_window.h"
#include "risk/limits.h"
#include "risk/multiple_of.h"
#include "risk/usage.h"

namespace zomma {

// zm_risk_change.level
enum class KillLevel : std::uint8_t { firm = 0, account = 1, instance = 2, instrument = 3 };

// Sums of one scope, as they stand before the order.
struct RiskSums {
  Money gross{};  // |positions| at the mark and all open orders
  Money net{};    // positions at the mark, signed
  Money daily_pnl{};
  Money equity{};
  Money high_water{};
  // Of positions and open orders, eight decimals of currency: delta is what they are worth as
  // underlyings, gamma its change when these move by one percent, vega for one point (0.01) of vol.
  std::int64_t delta{}, gamma{}, vega{};
  std::int64_t open_orders{};
};

// Everything a verdict depends on besides the intent and the limits. `position` and `open_*`
// concern the intent's instrument. Worst case means: every order in flight at its greatest, pending
// replaces included.
struct RiskContext {
  InstanceId instance;
  OrderId order_id;  // the number the order will have; remembered for the text of a duplicate
  Nanoseconds now{};
  bool gateway_ready{true};
  bool located{true};  // a short sale has its locate
  std::uint32_t market_state{ZM_MARKET_UNKNOWN};
  Price bid{no_price}, ask{no_price};  // the reference is their mid; either missing = no reference
  Nanoseconds reference_time{};        // when they were last confirmed
  Nanoseconds expires{};               // of a good-till-date order; 0 = none
  Quantity position{}, open_buy{}, open_sell{};                 // the instance's, worst case
  Quantity firm_position{}, firm_open_buy{}, firm_open_sell{};  // the firm's
  Price best_own_opposite{
      no_price};  // most aggressive own order resting on the other side, of the whole firm
  std::int64_t instrument_open_orders{}, firm_instrument_open_orders{};
  RiskSums own, firm;
  Money cash{};
  std::int64_t unit_delta{}, unit_gamma{}, unit_vega{};  // of one quantity unit, as in RiskSums
  // Option positions, with the order; `*_before` without it. No margin rule: no margin_known.
  bool margin_known{false};
  Money margin_required{}, margin_funds{}, margin_missing_before{};
  Money underlying_capital{}, underlying_capital_before{};

  // REPLACE only: the order as it stands.
  Quantity filled{};
  Quantity worst_quantity{};    // greatest total in flight
  Price worst_price{no_price};  // highest price in flight
  Money open_notional{};        // counted for it in own.gross
};

// What the house knows of an instrument from elsewhere. Changes take effect with the next order.
struct InstrumentFacts {
  bool restricted_buy{false}, restricted_sell{false};
  bool needs_locate{false};           // short sales need RiskContext::located
  bool short_sale_restricted{false};  // Rule 201 is in force
  Price band_low{no_price}, band_high{no_price};
  std::int64_t daily_volume{0};  // average, in Quantity units; 0 = unknown
  std::uint32_t accepted_states{(1u << ZM_MARKET_UNKNOWN) |
                                (1u << ZM_MARKET_OPEN)};  // bit ZM_MARKET_*: orders may be sent
  std::uint32_t accepted_tifs{0xF};                       // bit ZM_TIF_*
};

struct Verdict {
  std::uint32_t code{ZM_REASON_NONE};  // of the first check that refused
  std::uint64_t breaches{0};           // breach_bit() of every check that refused
  // Of the first breach: what was found and what is allowed, in the check's own unit (price,
  // quantity, money, ns).
  std::int64_t found{0}, limit{0};
  OrderId other;  // duplicate: the earlier order

  bool passed() const { return code == ZM_REASON_NONE; }
  // IntentRecord::breaches: bit i set = the check with code i + 1 refused. All codes of checks
  // are 1..32.
  std::uint32_t record_mask() const { return static_cast<std::uint32_t>(breaches); }
};

// One line for people: "MAXQTY: ORDER_QTY 5001 > 5000 (also COLLAR, RATE)". Allocates; off the hot
// path.
std::string describe(const Verdict& verdict, const Instrument& instrument);

// A kill switch that review() set.
struct KillChange {
  bool changed{false};
  KillLevel level{KillLevel::instance};
  std::uint32_t id{0};
  std::uint32_t code{ZM_REASON_NONE};  // ZM_REASON_DAILY_LOSS or ZM_REASON_DRAWDOWN
};

class RiskEngine {
 public:
  // `limits` should have passed validate(). [control]
  RiskEngine(const std::vector<Instrument>& instruments, LimitTree limits);

  // Instances are numbered densely from 0, in this order; `account` groups them for the account's
  // kill switch. False for any other id. [control]
  bool add_instance(InstanceId id, std::string_view name, std::uint32_t account = 0);

  // New limits from the next order on; what has been used up stays used up. The old ones stay on an
  // error. [control]
  Result<void> set_limits(LimitTree limits);
  const LimitTree& limits() const { return tree_; }
  void set_facts(InstrumentId instrument, const InstrumentFacts& facts);
  const InstrumentFacts& facts(InstrumentId instrument) const {
    return instruments_[instrument.value].facts;
  }

  // Evaluates every check for a NEW or a REPLACE and changes nothing. For a REPLACE the intent must
  // carry the order's instrument, side, type and time in force, too (completed() in
  // orders/risk_context.h), and is checked for what it adds. A CANCEL passes.
  Verdict evaluate(const zm_intent& intent, const RiskContext& context) const;
  // What a passed order uses up: one token of its instance's and the firm's rate, a place in the
  // window of duplicates.
  void commit(const zm_intent& intent, const RiskContext& context);
  // evaluate, then commit if it passed; counts. What the engine calls for every intent.
  Verdict check(const zm_intent& intent, const RiskContext& context);

  // Kill switches. `id`: account, instance or instrument; ignored for the firm. False if nothing
  // changed.
  bool set_kill(KillLevel level, std::uint32_t id, bool killed);
  bool killed(KillLevel level, std::uint32_t id) const;
  // No kill switch of the firm, its account or its own stands in the instance's way.
  bool may_send(InstanceId instance) const;
  // Whether some limit asks for these facts of an instance's orders, which cost something to know.
  bool asks_for_greeks(InstanceId instance) const;
  bool asks_for_concentration(InstanceId instance) const;
  // Only orders that lower the worst-case position pass while this is set (account state REDUCING).
  void set_reducing(InstanceId instance, bool reducing);

  // After fills and marks: sets a kill switch when daily loss or drawdown is breached and
  // LimitTree::kill_on_loss is on. The instance first, then the firm; call again until nothing
  // changes. Cheap enough for every mark.
  KillChange review(InstanceId instance, const RiskSums& own, const RiskSums& firm);

  // Counters for metrics.
  std::uint64_t refused(Check check) const {
    return refused_[static_cast<std::size_t>(check)];
  }  // all breaches
  std::uint64_t passed() const { return passed_; }
  std::uint64_t cancels(InstanceId instance) const { return instances_[instance.value].cancels; }
  std::uint64_t forgotten_duplicates() const;

  // Rates, windows, kill switches, counters; limits and facts are configuration. load expects the
  // same instruments and instances; anything else makes the reader fail.
  void save(ArchiveWriter& out) const;
  void load(ArchiveReader& in);

 private:
  struct InstrumentState {
    Valuation valuation;
    MultipleOf tick{1}, lot{1};
    std::int64_t tick_size{1}, lot_size{1};
    InstrumentFacts facts;
    bool killed{false};
  };
  struct InstanceState {
    EffectiveSums sums{};
    TokenBucket bucket;
    std::uint32_t account{0};
    bool killed{false};
    bool reducing{false};
    std::uint64_t cancels{0};
    DuplicateWindow duplicates;
  };
  struct Question;  // an intent with everything derived from it once

  [[gnu::always_inline]] inline Question question(const zm_intent& intent,
                                                  const RiskContext& context) const;
  [[gnu::always_inline]] inline std::uint64_t check_order(const Question& q) const;
  [[gnu::always_inline]] inline std::uint64_t check_price(const Question& q) const;
  [[gnu::always_inline]] inline std::uint64_t check_exposure(const Question& q) const;
  [[gnu::always_inline]] inline std::uint64_t check_sums(const Question& q) const;
  [[gnu::cold, gnu::noinline]] void explain(Check first, const Question& q, Verdict& verdict) const;
  void resolve();

  LimitTree tree_;
  std::vector<InstrumentState> instruments_;
  std::vector<InstanceState> instances_;
  std::vector<EffectiveLimits> effective_;  // instance-major
  EffectiveSums firm_sums_{};
  TokenBucket firm_bucket_;
  std::vector<std::uint8_t> account_killed_;
  bool firm_killed_{false};
  std::array<std::uint64_t, check_count> refused_{};
  std::uint64_t passed_ = 0;
};

}  // namespace zomma
