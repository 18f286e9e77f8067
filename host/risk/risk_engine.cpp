#include "risk/risk_engine.h"

#include <algorithm>
#include <bit>

#include "risk/question.h"

namespace zomma {
namespace {

constexpr std::int64_t bps = 10'000;

// Breaches are gathered by the check's place in the order of evaluation: the lowest bit is the
// first.
constexpr std::uint64_t breach(Check check, bool refused) {
  return static_cast<std::uint64_t>(refused) << static_cast<unsigned>(check);
}

bool malformed(const zm_intent& intent) {
  const bool limited = intent.type == ZM_ORDER_LIMIT || intent.type == ZM_ORDER_STOP_LIMIT;
  const bool stop = intent.type == ZM_ORDER_STOP || intent.type == ZM_ORDER_STOP_LIMIT;
  constexpr std::uint32_t known_flags = ZM_INTENT_POST_ONLY | ZM_INTENT_REDUCE_ONLY;
  return (intent.kind != ZM_INTENT_NEW && intent.kind != ZM_INTENT_REPLACE) ||
         intent.side > ZM_SIDE_SELL || intent.type > ZM_ORDER_STOP_LIMIT || intent.quantity <= 0 ||
         (limited && intent.price <= 0) || (stop && intent.stop_price <= 0) ||
         (intent.flags & ~known_flags) != 0 || intent.display_quantity < 0 ||
         intent.display_quantity > intent.quantity;
}

}  // namespace

RiskEngine::RiskEngine(const std::vector<Instrument>& instruments, LimitTree limits)
    : tree_(std::move(limits)) {
  instruments_.resize(instruments.size());
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    instruments_[i].valuation = Valuation(instruments[i]);
    instruments_[i].tick = MultipleOf(instruments[i].tick.value);
    instruments_[i].lot = MultipleOf(instruments[i].lot.value);
    instruments_[i].tick_size = instruments[i].tick.value;
    instruments_[i].lot_size = instruments[i].lot.value;
  }
  resolve();
}

bool RiskEngine::add_instance(InstanceId id, std::string_view, std::uint32_t account) {
  if (id.value != instances_.size()) return false;
  instances_.emplace_back();
  instances_.back().account = account;
  if (account_killed_.size() <= account) account_killed_.resize(account + 1);
  resolve();
  return true;
}

// Works the tree out for every instance and instrument. Buckets keep what is used up.
void RiskEngine::resolve() {
  const auto renew = [](TokenBucket& bucket, const EffectiveSums& sums) {
    const bool was_limited = bucket.limited();
    const TokenBucket::Saved used = bucket.save();
    bucket = sums.rate > 0 ? TokenBucket(sums.rate, sums.burst) : TokenBucket();
    if (was_limited && bucket.limited()) bucket.load(used);
  };
  firm_sums_ = effective_sums(tree_.firm);
  renew(firm_bucket_, firm_sums_);
  effective_.clear();
  for (std::uint32_t i = 0; i < instances_.size(); ++i) {
    static const ScopeLimits none;
    const ScopeLimits* own = &none;
    for (const auto& entry : tree_.instances)
      if (entry.instance.value == i) own = &entry.limits;
    instances_[i].sums = effective_sums(*own);
    instances_[i].sums.cash_account |= tree_.firm.cash_account;
    renew(instances_[i].bucket, instances_[i].sums);
    for (std::uint32_t s = 0; s < instruments_.size(); ++s)
      effective_.push_back(effective_limits(tree_, InstanceId{i}, InstrumentId{s}));
  }
}

bool RiskEngine::asks_for_greeks(InstanceId instance) const {
  const auto asks = [](const EffectiveSums& sums) {
    return sums.max_delta != int64_max || sums.max_gamma != int64_max || sums.max_vega != int64_max;
  };
  return asks(firm_sums_) || asks(instances_[instance.value].sums);
}

bool RiskEngine::asks_for_concentration(InstanceId instance) const {
  return firm_sums_.max_underlying_bps != int64_max ||
         instances_[instance.value].sums.max_underlying_bps != int64_max;
}

Result<void> RiskEngine::set_limits(LimitTree limits) {
  if (auto ok = validate(limits); !ok) return ok;
  tree_ = std::move(limits);
  resolve();
  return {};
}

void RiskEngine::set_facts(InstrumentId instrument, const InstrumentFacts& facts) {
  if (instrument.value < instruments_.size()) instruments_[instrument.value].facts = facts;
}

RiskEngine::Question RiskEngine::question(const zm_intent& intent,
                                          const RiskContext& context) const {
  const InstrumentState& instrument = instruments_[intent.instrument];
  const InstanceState& instance = instances_[context.instance.value];
  Question q{intent,
             context,
             instrument,
             instance,
             effective_[static_cast<std::size_t>(context.instance.value) * instruments_.size() +
                        intent.instrument],
             intent.kind == ZM_INTENT_REPLACE,
             intent.side == ZM_SIDE_BUY,
             intent.type == ZM_ORDER_LIMIT || intent.type == ZM_ORDER_STOP_LIMIT,
             0,
             0,
             false,
             0,
             0,
             0,
             0,
             0};
  q.has_reference = context.bid != no_price && context.ask != no_price;
  if (q.has_reference) q.doubled_mid = add_saturated(context.bid.value, context.ask.value);
  if (q.limited)
    q.price = intent.price;
  else if (intent.type == ZM_ORDER_STOP)
    q.price = intent.stop_price;
  else
    q.price = q.buy ? context.ask.value : context.bid.value;

  q.increment = intent.quantity;
  Price worst_price{q.price};
  std::int64_t worst_open = intent.quantity;
  if (q.replace) {
    const std::int64_t worst_total = std::max(intent.quantity, context.worst_quantity.value);
    q.increment = worst_total - context.worst_quantity.value;
    worst_open = worst_total - context.filled.value;
    worst_price = std::max(worst_price, context.worst_price);
  }
  if (q.price != ZM_NO_PRICE) {
    q.notional = magnitude(instrument.valuation.value({q.price}, {intent.quantity}).value);
    q.notional_increment = q.notional;
    if (q.replace) {
      const std::int64_t after =
          magnitude(instrument.valuation.value(worst_price, {worst_open}).value);
      q.notional_increment =
          std::max<std::int64_t>(0, add_saturated(after, -context.open_notional.value));
    }
  }
  const std::int64_t open = q.buy ? context.open_buy.value : context.open_sell.value;
  const std::int64_t firm_open = q.buy ? context.firm_open_buy.value : context.firm_open_sell.value;
  const auto towards = [&](Quantity position) {
    return q.buy ? position.value : saturate(-static_cast<Int128>(position.value));
  };
  q.worst = add_saturated(add_saturated(towards(context.position), open), q.increment);
  q.firm_worst =
      add_saturated(add_saturated(towards(context.firm_position), firm_open), q.increment);
  return q;
}

// What the order is in itself.
std::uint64_t RiskEngine::check_order(const Question& q) const {
  const zm_intent& intent = q.intent;
  const InstrumentFacts& facts = q.instrument.facts;
  const bool must_rest = (intent.flags & ZM_INTENT_POST_ONLY) != 0;
  const bool cannot_rest = intent.time_in_force == ZM_TIF_IOC ||
                           intent.time_in_force == ZM_TIF_FOK || intent.type == ZM_ORDER_MARKET;
  const bool tif_known =
      intent.time_in_force <= ZM_TIF_FOK && (facts.accepted_tifs >> intent.time_in_force & 1) != 0;
  const bool expired = q.context.expires.value != 0 && q.context.expires <= q.context.now;
  const bool stop = intent.type == ZM_ORDER_STOP || intent.type == ZM_ORDER_STOP_LIMIT;
  const bool state_open =
      q.context.market_state < 32 && (facts.accepted_states >> q.context.market_state & 1) != 0;
  const bool off_tick = (q.limited && !q.instrument.tick(intent.price)) ||
                        (stop && !q.instrument.tick(intent.stop_price));
  return breach(Check::market_state, !state_open) |
         breach(Check::restricted, q.buy ? facts.restricted_buy : facts.restricted_sell) |
         breach(Check::time_in_force, !tif_known || expired || (must_rest && cannot_rest)) |
         breach(Check::quantity, intent.quantity < q.limits.min_quantity ||
                                     intent.quantity > q.limits.max_quantity) |
         breach(Check::lot, !q.instrument.lot(intent.quantity)) | breach(Check::tick, off_tick) |
         breach(Check::order_notional, q.notional > q.limits.max_order_notional);
}

// Its price against the market's.
std::uint64_t RiskEngine::check_price(const Question& q) const {
  const InstrumentFacts& facts = q.instrument.facts;
  const std::int64_t age = q.context.now.value - q.context.reference_time.value;
  const bool missing = (q.limits.needs_reference && !q.has_reference) || q.price == ZM_NO_PRICE;
  std::uint64_t breaches =
      breach(Check::stale_reference, missing || age > q.limits.max_reference_age);
  if (q.limited && q.has_reference) {
    const Int128 doubled_price = static_cast<Int128>(q.intent.price) * 2;
    bool outside = false;
    if (q.limits.collar_bps != int64_max) {
      const Int128 edge = static_cast<Int128>(q.doubled_mid) *
                          (q.buy ? bps + q.limits.collar_bps : bps - q.limits.collar_bps);
      outside = q.buy ? doubled_price * bps > edge : doubled_price * bps < edge;
    }
    if (q.limits.collar_ticks != int64_max) {
      const Int128 reach = static_cast<Int128>(q.limits.collar_ticks) * q.instrument.tick_size * 2;
      outside |=
          q.buy ? doubled_price > q.doubled_mid + reach : doubled_price < q.doubled_mid - reach;
    }
    breaches |= breach(Check::collar, outside);
  }
  if (q.limited) {
    const bool above =
        q.buy && facts.band_high != no_price && q.intent.price > facts.band_high.value;
    const bool below =
        !q.buy && facts.band_low != no_price && q.intent.price < facts.band_low.value;
    breaches |= breach(Check::price_band, above || below);
  }
  if (facts.daily_volume != 0 && q.limits.max_volume_bps != int64_max) {
    breaches |= breach(Check::share_of_volume,
                       static_cast<Int128>(q.intent.quantity) * bps >
                           static_cast<Int128>(facts.daily_volume) * q.limits.max_volume_bps);
  }
  return breaches;
}

// What it could do together with what is held and in flight in this instrument.
std::uint64_t RiskEngine::check_exposure(const Question& q) const {
  const RiskContext& context = q.context;
  const InstrumentFacts& facts = q.instrument.facts;
  std::uint64_t breaches = 0;
  if (q.limits.duplicate_window > 0 && !q.replace) {
    const DuplicateKey key{q.intent.price, q.intent.quantity, q.intent.instrument, q.intent.side};
    breaches |=
        breach(Check::duplicate,
               q.instance.duplicates.find(key, context.now, Nanoseconds{q.limits.duplicate_window})
                   .valid());
  }
  if (context.best_own_opposite != no_price) {
    const std::int64_t own = context.best_own_opposite.value;
    const bool crosses = !q.limited || (q.buy ? q.intent.price >= own : q.intent.price <= own);
    breaches |= breach(Check::self_trade, crosses);
  }
  const bool must_reduce = q.instance.reducing || (q.intent.flags & ZM_INTENT_REDUCE_ONLY) != 0;
  const bool goes_short = !q.buy && q.worst > 0;
  const bool under_bid =
      !q.limited || context.bid == no_price || q.intent.price <= context.bid.value;
  return breaches | breach(Check::reduce_only, must_reduce && q.worst > 0) |
         breach(Check::position,
                q.worst > q.limits.max_position || q.firm_worst > q.limits.firm_max_position) |
         breach(Check::locate, facts.needs_locate && goes_short && !context.located) |
         breach(Check::short_sale_price, facts.short_sale_restricted && goes_short && under_bid);
}

// Against the sums of its instance and of the firm.
std::uint64_t RiskEngine::check_sums(const Question& q) const {
  const RiskContext& context = q.context;
  const std::int64_t direction = q.buy ? 1 : -1;
  const auto scope = [&](const RiskSums& sums, const EffectiveSums& limits,
                         const TokenBucket& bucket) {
    const std::int64_t gross = add_saturated(sums.gross.value, q.notional_increment);
    const std::int64_t net = add_saturated(sums.net.value, direction * q.notional_increment);
    std::uint64_t found =
        breach(Check::gross_notional, gross > limits.max_gross) |
        breach(Check::net_notional, magnitude(net) > limits.max_net) |
        breach(Check::daily_loss, daily_loss_breached(sums, limits)) |
        breach(Check::drawdown, drawdown_breached(sums, limits)) |
        breach(Check::open_orders, !q.replace && sums.open_orders >= limits.max_open_orders) |
        breach(Check::rate, !bucket.has_token(context.now));
    // What leads back toward the limit passes, even from beyond it.
    const auto greek = [&](Check check, std::int64_t sum, std::int64_t unit, std::int64_t limit) {
      if (limit == int64_max) return std::uint64_t{0};
      const Int128 after = sum + static_cast<Int128>(direction * q.increment) * unit;
      const Int128 size = after < 0 ? -after : after;
      return breach(check, size > limit && size > magnitude(sum));
    };
    found |= greek(Check::delta, sums.delta, context.unit_delta, limits.max_delta);
    found |= greek(Check::gamma, sums.gamma, context.unit_gamma, limits.max_gamma);
    found |= greek(Check::vega, sums.vega, context.unit_vega, limits.max_vega);
    if (limits.max_underlying_bps != int64_max)
      found |= breach(Check::concentration,
                      context.underlying_capital > context.underlying_capital_before &&
                          static_cast<Int128>(context.underlying_capital.value) * bps >
                              static_cast<Int128>(std::max<std::int64_t>(sums.equity.value, 0)) *
                                  limits.max_underlying_bps);
    return found;
  };
  const bool too_many = context.instrument_open_orders >= q.limits.max_open_orders ||
                        context.firm_instrument_open_orders >= q.limits.firm_max_open_orders;
  return scope(context.own, q.instance.sums, q.instance.bucket) |
         scope(context.firm, firm_sums_, firm_bucket_) |
         breach(Check::cash, q.instance.sums.cash_account && q.buy &&
                                 q.notional_increment > context.cash.value) |
         breach(Check::margin, context.margin_known &&
                                   context.margin_required > context.margin_funds &&
                                   context.margin_required - context.margin_funds >
                                       context.margin_missing_before) |
         breach(Check::open_orders, !q.replace && too_many);
}

Verdict RiskEngine::evaluate(const zm_intent& intent, const RiskContext& context) const {
  Verdict verdict;
  if (intent.kind == ZM_INTENT_CANCEL) return verdict;
  if (malformed(intent) || context.instance.value >= instances_.size()) {
    verdict.code = ZM_REASON_MALFORMED;
    return verdict;
  }
  const bool known = intent.instrument < instruments_.size();
  const InstanceState& instance = instances_[context.instance.value];
  const bool killed = firm_killed_ || instance.killed || account_killed_[instance.account] != 0 ||
                      (known && instruments_[intent.instrument].killed);
  std::uint64_t breaches = breach(Check::kill, killed) |
                           breach(Check::gateway, !context.gateway_ready) |
                           breach(Check::instrument, !known);
  if (!known) [[unlikely]] {
    verdict.found = intent.instrument;
  } else {
    const Question q = question(intent, context);
    breaches |= check_order(q) | check_price(q) | check_exposure(q) | check_sums(q);
    if (breaches != 0) [[unlikely]]
      explain(static_cast<Check>(std::countr_zero(breaches)), q, verdict);
  }
  for (std::uint64_t rest = breaches; rest != 0; rest &= rest - 1) {
    const std::uint32_t code = info(static_cast<Check>(std::countr_zero(rest))).code;
    if (verdict.code == ZM_REASON_NONE) verdict.code = code;
    verdict.breaches |= breach_bit(code);
  }
  return verdict;
}

void RiskEngine::commit(const zm_intent& intent, const RiskContext& context) {
  if (context.instance.value >= instances_.size()) return;
  InstanceState& instance = instances_[context.instance.value];
  if (intent.kind == ZM_INTENT_CANCEL) {
    ++instance.cancels;
    return;
  }
  ++passed_;
  instance.bucket.take(context.now);
  firm_bucket_.take(context.now);
  if (intent.kind != ZM_INTENT_NEW || intent.instrument >= instruments_.size()) return;
  const std::int64_t window =
      effective_[static_cast<std::size_t>(context.instance.value) * instruments_.size() +
                 intent.instrument]
          .duplicate_window;
  if (window > 0)
    instance.duplicates.remember({intent.price, intent.quantity, intent.instrument, intent.side},
                                 context.order_id, context.now, Nanoseconds{window});
}

Verdict RiskEngine::check(const zm_intent& intent, const RiskContext& context) {
  const Verdict verdict = evaluate(intent, context);
  if (verdict.passed()) {
    commit(intent, context);
  } else {
    for (std::uint64_t rest = verdict.breaches; rest != 0; rest &= rest - 1) {
      const CheckInfo* refused =
          check_of_code(static_cast<std::uint32_t>(std::countr_zero(rest)) + 1);
      ++refused_[static_cast<std::size_t>(refused->check)];
    }
  }
  return verdict;
}

}  // namespace zomma
