// roll.h: when a structure that was sold is looked at again, and whether it is then held, closed or
// rolled: by expected value after costs, with time that a choice takes or frees charged at what
// capital earns elsewhere.
#pragma once

#include "book.h"
#include "candidates.h"

namespace wheels {

struct RollRules {
  double at_profit = 0.6, at_days = 0, at_delta = 1,
         at_loss = 0;               // 1 (delta) and 0 (the others) switch a trigger off
  double opportunity_yield = 0.05;  // what capital earns a year when it is free
  bool credit_only = true, hold_when_better = false;
};

enum class Trigger : std::uint8_t { none, profit, days, delta, loss, dividend };
constexpr const char* trigger_names[] = {"nothing", "profit", "days", "delta", "loss", "dividend"};
enum class Action : std::uint8_t { hold, close, roll };
constexpr const char* action_names[] = {"holds", "closes", "rolls"};

// The options of one structure that is held, as legs at what ending them costs now.
struct HeldStructure {
  Candidate
      now;  // its legs; credit is 0, so that ev is what it is expected to cost at expiry, negated
  std::int64_t contracts = 0;  // of the short leg
  double entry = 0;            // credit per unit when it was sold
  double cost = 0;             // per unit, to end it now, fees included
  double time_value = 0;       // of the short leg, per unit
  bool known = false;          // every leg has a quote to close at
};

inline HeldStructure stand(const Columns& columns, const Book& book, const Holding& sold,
                           const Rules& rules) {
  HeldStructure out;
  out.now.kind = static_cast<Kind>(sold.kind);
  if (out.now.kind == Kind::none) out.now.kind = sold.put != 0 ? Kind::put : Kind::call;
  out.contracts = -sold.quantity;
  const auto add = [&](const Holding& held) {
    for (std::uint32_t row = 0; row < columns.chain->count; ++row) {
      if (columns.contract(row).instrument != held.instrument) continue;
      if (!closable(columns, row)) return false;
      const double side = held.quantity > 0 ? 1 : -1,
                   share = std::abs(static_cast<double>(held.quantity)) /
                           static_cast<double>(out.contracts);
      const double price = side > 0 ? sell_price(columns, row, rules.limit_aggression)
                                    : buy_price(columns, row, rules.limit_aggression);
      out.now.leg[out.now.legs++] = {row,   static_cast<std::uint32_t>(held.instrument),
                                     side,  held.strike,
                                     price, held.put != 0};
      out.cost += share * (-side * price + rules.fee_per_contract / held.multiplier);
      out.entry += held.money / (static_cast<double>(out.contracts) * held.multiplier);
      return true;
    }
    return false;
  };
  if (!add(sold)) return out;
  const zm_chain& chain = *columns.chain;
  const std::uint32_t row = out.now.leg[0].row;
  const double inside = sold.put != 0 ? sold.strike - chain.spot : chain.spot - sold.strike;
  out.time_value = columns.mid(row) - std::max(inside, 0.0);
  const double certain = inside > 0 ? (sold.put != 0 ? -1.0 : 1.0) : 0.0;
  out.now.delta = std::isfinite(chain.delta[row]) ? chain.delta[row] : certain;
  out.now.expiry_date = static_cast<std::uint32_t>(sold.expiry_date);
  out.now.multiplier = sold.multiplier;
  out.now.days = 365 * years_of(columns, out.now.expiry_date);
  bool whole = true;
  for (const Holding& held : book.holdings) {
    const bool other = !held.empty() && held.instrument != sold.instrument &&
                       held.expiry_date == sold.expiry_date && held.kind == sold.kind;
    if (other && out.now.legs < most_legs) whole = add(held) && whole;
  }
  out.known = whole && out.now.days > 0;
  return out;
}

// `ex_dividend`: the next known one before expiry, or null. A call whose time value is below the
// dividend is exercised early.
inline Trigger triggered(const HeldStructure& s, const RollRules& rules,
                         const KnownDay* ex_dividend) {
  const bool in_the_money_call = !s.now.leg[0].put && std::abs(s.now.delta) > 0.5;
  if (ex_dividend != nullptr && in_the_money_call && s.time_value < ex_dividend->cash)
    return Trigger::dividend;
  if (rules.at_loss > 0 && s.entry > 0 && s.cost - s.entry >= rules.at_loss * s.entry)
    return Trigger::loss;
  if (rules.at_delta < 1 && std::abs(s.now.delta) >= rules.at_delta) return Trigger::delta;
  if (rules.at_profit > 0 && s.entry > 0 && s.entry - s.cost >= rules.at_profit * s.entry)
    return Trigger::profit;
  if (rules.at_days > 0 && s.now.days <= rules.at_days) return Trigger::days;
  return Trigger::none;
}

struct RollChoice {
  Action action = Action::hold;
  double ev_hold = 0, ev_close = 0,
         ev_roll = std::nan("");  // per unit, from now on; the roll's NaN where there is none
};

// `to` is the best candidate of a later expiry, or kind none. `s.now` has been evaluated.
inline RollChoice choose(const HeldStructure& s, const Candidate& to, const RollRules& rules) {
  RollChoice choice;
  const double capital = s.now.capital, a_day = rules.opportunity_yield / 365;
  choice.ev_hold = s.now.ev;
  choice.ev_close = -s.cost + capital * a_day * s.now.days;
  if (to.kind != Kind::none && !(rules.credit_only && to.credit < s.cost)) {
    choice.ev_roll = -s.cost + to.ev - to.capital * a_day * std::max(to.days - s.now.days, 0.0);
  }
  choice.action = choice.ev_roll > choice.ev_close ? Action::roll : Action::close;
  const double acted = choice.action == Action::roll ? choice.ev_roll : choice.ev_close;
  if (rules.hold_when_better && choice.ev_hold >= acted) choice.action = Action::hold;
  return choice;
}

}  // namespace wheels
