// describe.cpp: verdicts in numbers and in words. Runs only for orders that are refused.
#include <algorithm>
#include <string>

#include "risk/question.h"

namespace zomma {
namespace {

std::string scaled_text(std::int64_t value, int digits) {
  Instrument scale;
  scale.price_digits = digits;
  if (value == ZM_NO_PRICE) return "none";
  return format_price(scale, Price{value});
}

std::string in_unit(std::int64_t value, CheckUnit unit, const Instrument& instrument) {
  switch (unit) {
    case CheckUnit::price:
      return format_price(instrument, Price{value});
    case CheckUnit::quantity:
      return format_quantity(instrument, Quantity{value});
    case CheckUnit::money:
    case CheckUnit::decimal:
      return scaled_text(value, money_digits);
    case CheckUnit::duration:
      return value == int64_max ? "none" : std::to_string(value) + "ns";
    case CheckUnit::none:
    case CheckUnit::count:
    case CheckUnit::bps:
      break;
  }
  return std::to_string(value);
}

void replace(std::string& text, std::string_view what, const std::string& with) {
  const std::size_t at = text.find(what);
  if (at != std::string::npos) text.replace(at, what.size(), with);
}

// The nearest price a collar allows, in price units, toward the market.
std::int64_t collar_edge(std::int64_t doubled_mid, bool buy, std::int64_t collar_bps,
                         std::int64_t collar_ticks, std::int64_t tick) {
  std::int64_t edge = buy ? int64_max : int64_min;
  const auto nearer = [&](Int128 candidate) {
    edge = buy ? std::min(edge, saturate(candidate)) : std::max(edge, saturate(candidate));
  };
  if (collar_bps != int64_max) {
    const Int128 scaled =
        static_cast<Int128>(doubled_mid) * (buy ? 10'000 + collar_bps : 10'000 - collar_bps);
    nearer(buy ? scaled / 20'000 : (scaled + 19'999) / 20'000);
  }
  if (collar_ticks != int64_max) {
    const Int128 reach = static_cast<Int128>(collar_ticks) * tick;
    nearer(buy ? doubled_mid / 2 + reach : (doubled_mid + 1) / 2 - reach);
  }
  return edge;
}

// Of two scopes, the one that is breached; the instance's where both are.
struct Breach {
  std::int64_t found, limit;
};
Breach breached(std::int64_t own, std::int64_t own_limit, std::int64_t firm,
                std::int64_t firm_limit) {
  return own > own_limit ? Breach{own, own_limit} : Breach{firm, firm_limit};
}

}  // namespace

// What was found and what is allowed, of the first breach.
void RiskEngine::explain(Check first, const Question& q, Verdict& verdict) const {
  const RiskContext& context = q.context;
  const EffectiveSums& own = q.instance.sums;
  const InstrumentFacts& facts = q.instrument.facts;
  const std::int64_t direction = q.buy ? 1 : -1;
  const auto set = [&](std::int64_t found, std::int64_t limit) {
    verdict.found = found;
    verdict.limit = limit;
  };
  const auto put = [&](Breach breach) { set(breach.found, breach.limit); };
  const auto after = [&](const RiskSums& sums, bool net) {
    return net ? magnitude(add_saturated(sums.net.value, direction * q.notional_increment))
               : add_saturated(sums.gross.value, q.notional_increment);
  };
  const auto greek = [&](std::int64_t now, std::int64_t unit) {
    return magnitude(saturate(now + static_cast<Int128>(direction * q.increment) * unit));
  };
  switch (first) {
    case Check::kill: {
      const KillLevel level = firm_killed_                               ? KillLevel::firm
                              : account_killed_[q.instance.account] != 0 ? KillLevel::account
                              : q.instance.killed                        ? KillLevel::instance
                                                                         : KillLevel::instrument;
      const std::uint32_t ids[] = {0, q.instance.account, context.instance.value,
                                   q.intent.instrument};
      set(static_cast<std::int64_t>(level), ids[static_cast<std::size_t>(level)]);
      break;
    }
    case Check::market_state:
      set(context.market_state, facts.accepted_states);
      break;
    case Check::restricted:
      set(q.intent.side, 0);
      break;
    case Check::time_in_force:
      set(q.intent.time_in_force, facts.accepted_tifs);
      break;
    case Check::quantity:
      set(q.intent.quantity, q.intent.quantity < q.limits.min_quantity ? q.limits.min_quantity
                                                                       : q.limits.max_quantity);
      break;
    case Check::lot:
      set(q.intent.quantity, q.instrument.lot_size);
      break;
    case Check::tick:
      set(q.limited && !q.instrument.tick(q.intent.price) ? q.intent.price : q.intent.stop_price,
          q.instrument.tick_size);
      break;
    case Check::order_notional:
      set(q.notional, q.limits.max_order_notional);
      break;
    case Check::stale_reference:
      set(q.has_reference ? context.now.value - context.reference_time.value : int64_max,
          q.limits.max_reference_age);
      break;
    case Check::collar:
      set(q.intent.price, collar_edge(q.doubled_mid, q.buy, q.limits.collar_bps,
                                      q.limits.collar_ticks, q.instrument.tick_size));
      break;
    case Check::price_band:
      set(q.intent.price, q.buy ? facts.band_high.value : facts.band_low.value);
      break;
    case Check::share_of_volume:
      set(q.intent.quantity,
          saturate(static_cast<Int128>(facts.daily_volume) * q.limits.max_volume_bps / 10'000));
      break;
    case Check::duplicate: {
      const DuplicateKey key{q.intent.price, q.intent.quantity, q.intent.instrument, q.intent.side};
      verdict.other =
          q.instance.duplicates.find(key, context.now, Nanoseconds{q.limits.duplicate_window});
      set(static_cast<std::int64_t>(verdict.other.value), q.limits.duplicate_window);
      break;
    }
    case Check::self_trade:
      set(q.limited ? q.intent.price : ZM_NO_PRICE, context.best_own_opposite.value);
      break;
    case Check::reduce_only:
      set(q.worst, context.position.value);
      break;
    case Check::position:
      put(breached(q.worst, q.limits.max_position, q.firm_worst, q.limits.firm_max_position));
      break;
    case Check::locate:
      set(q.worst, 0);
      break;
    case Check::short_sale_price:
      set(q.limited ? q.intent.price : ZM_NO_PRICE, context.bid.value);
      break;
    case Check::gross_notional:
      put(breached(after(context.own, false), own.max_gross, after(context.firm, false),
                   firm_sums_.max_gross));
      break;
    case Check::net_notional:
      put(breached(after(context.own, true), own.max_net, after(context.firm, true),
                   firm_sums_.max_net));
      break;
    case Check::delta:
      put(breached(greek(context.own.delta, context.unit_delta), own.max_delta,
                   greek(context.firm.delta, context.unit_delta), firm_sums_.max_delta));
      break;
    case Check::gamma:
      put(breached(greek(context.own.gamma, context.unit_gamma), own.max_gamma,
                   greek(context.firm.gamma, context.unit_gamma), firm_sums_.max_gamma));
      break;
    case Check::vega:
      put(breached(greek(context.own.vega, context.unit_vega), own.max_vega,
                   greek(context.firm.vega, context.unit_vega), firm_sums_.max_vega));
      break;
    case Check::cash:
      set(q.notional_increment, context.cash.value);
      break;
    case Check::margin:
      set(context.margin_required.value, context.margin_funds.value);
      break;
    case Check::concentration: {
      const auto share = [&](const RiskSums& sums) {
        return sums.equity.value <= 0
                   ? int64_max
                   : saturate(static_cast<Int128>(context.underlying_capital.value) * 10'000 /
                              sums.equity.value);
      };
      put(breached(share(context.own), own.max_underlying_bps, share(context.firm),
                   firm_sums_.max_underlying_bps));
      break;
    }
    case Check::daily_loss:
      if (daily_loss_breached(context.own, own))
        set(-context.own.daily_pnl.value, own.max_daily_loss);
      else
        set(-context.firm.daily_pnl.value, firm_sums_.max_daily_loss);
      break;
    case Check::drawdown: {
      const bool mine = drawdown_breached(context.own, own);
      const RiskSums& sums = mine ? context.own : context.firm;
      const EffectiveSums& limits = mine ? own : firm_sums_;
      Int128 limit = limits.max_drawdown;
      if (limits.max_drawdown_bps != int64_max)
        limit = std::min(
            limit, static_cast<Int128>(sums.high_water.value) * limits.max_drawdown_bps / 10'000);
      set(drawdown_of(sums), saturate(limit));
      break;
    }
    case Check::open_orders:
      if (context.own.open_orders >= own.max_open_orders)
        set(context.own.open_orders, own.max_open_orders);
      else if (context.firm.open_orders >= firm_sums_.max_open_orders)
        set(context.firm.open_orders, firm_sums_.max_open_orders);
      else if (context.instrument_open_orders >= q.limits.max_open_orders)
        set(context.instrument_open_orders, q.limits.max_open_orders);
      else
        set(context.firm_instrument_open_orders, q.limits.firm_max_open_orders);
      break;
    case Check::rate: {
      const bool mine = !q.instance.bucket.has_token(context.now);
      set((mine ? q.instance.bucket : firm_bucket_).available(context.now),
          mine ? own.rate : firm_sums_.rate);
      break;
    }
    case Check::gateway:
    case Check::instrument:
    case Check::count:
      break;
  }
}

std::string describe(const Verdict& verdict, const Instrument& instrument) {
  if (verdict.passed()) return "OK";
  const CheckInfo* first = check_of_code(verdict.code);
  if (first == nullptr)
    return verdict.code == ZM_REASON_MALFORMED ? "MALFORMED"
                                               : "code " + std::to_string(verdict.code);
  std::string text(first->text);
  const bool below = first->check == Check::quantity && verdict.found < verdict.limit;
  if (below) replace(text, ">", "<");
  replace(text, "{found}", in_unit(verdict.found, first->unit, instrument));
  replace(text, "{limit}", in_unit(verdict.limit, first->unit, instrument));
  text = std::string(first->name) + ": " + text;
  std::string others;
  for (const CheckInfo& other : check_table()) {
    if (other.check == first->check || (verdict.breaches & breach_bit(other.code)) == 0) continue;
    others += (others.empty() ? "" : ", ") + std::string(other.name);
  }
  return others.empty() ? text : text + " (also " + others + ")";
}

}  // namespace zomma
