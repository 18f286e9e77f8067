// settings.h: the parameters of the wheel: what the operator writes, and the rules and limits that
// it makes of them.
#pragma once

#include <zomma/zomma.hpp>

#include <cstdint>

#include "executor.h"
#include "roll.h"
#include "rules.h"
#include "sizing.h"

namespace wheels {

struct Settings {
  double min_days = 20, max_days = 50;
  double put_delta_min = 0.10, put_delta_max = 0.35, put_delta_target = 0.25;
  double call_delta_min = 0.15, call_delta_max = 0.45, call_delta_target = 0.30;
  double wing_delta = 0.08, max_probability = 0.45;
  double min_premium = 0.10, min_yield = 0.04, min_expected_yield = 0.0;
  double max_spread = 0.15, fine_spread = 0.05, min_open_interest = 0, min_volume = 0,
         min_quantity = 1;
  double realised_to_implied = 0.9, history_prior = 6, drift_trust = 0, kelly_fraction = 0.5;
  std::int64_t objective = 0, call_floor = 1;
  bool sell_puts = true, sell_put_spreads = false, sell_jade_lizards = false, sell_calls = true,
       sell_collars = false;
  bool puts_beside_shares = false, avoid_earnings = true, avoid_dividends = true;
  double max_position = 0.25, max_allocation = 0.95, max_volatility = 0.30, max_contracts = 100;
  double correlation_prior = 0.5, correlation_prior_days = 60;
  double roll_at_profit = 0.6, roll_at_days = 0, roll_at_delta = 1, roll_at_loss = 0,
         opportunity_yield = 0.05;
  bool roll_for_credit = true, hold_when_better = false;
  double fee_per_contract = 0.65, limit_aggression = 1, max_slippage = 0.10, reprice_s = 300;
  std::int64_t most_tries = 3;
  double decide_every_s = 300, gather_ms = 1000, max_chain_age_s = 900;

  Rules rules() const {
    return {min_days,
            max_days,
            put_delta_min,
            put_delta_max,
            put_delta_target,
            call_delta_min,
            call_delta_max,
            call_delta_target,
            wing_delta,
            max_probability,
            min_premium,
            min_yield,
            min_expected_yield,
            max_spread,
            fine_spread,
            min_open_interest,
            min_volume,
            min_quantity,
            limit_aggression,
            fee_per_contract,
            realised_to_implied,
            history_prior,
            drift_trust,
            kelly_fraction,
            static_cast<Objective>(objective),
            sell_puts,
            sell_put_spreads,
            sell_jade_lizards,
            sell_calls,
            sell_collars,
            avoid_earnings,
            avoid_dividends};
  }
  Limits limits() const { return {max_position, max_allocation, max_volatility, max_contracts}; }
  RollRules roll() const {
    return {roll_at_profit,    roll_at_days,    roll_at_delta,   roll_at_loss,
            opportunity_yield, roll_for_credit, hold_when_better};
  }
  Execution execution() const {
    return {limit_aggression, fee_per_contract, max_slippage,
            static_cast<std::int64_t>(reprice_s * 1e9), most_tries};
  }
};

template <class V>
using P = zm::parameter<Settings, V>;
using R = P<double>;
using N = P<std::int64_t>;
using B = P<bool>;

inline constexpr auto parameter_table = zm::parameters(
    R{&Settings::min_days, "min_days", "days", "least calendar days to expiry of what is opened", 0,
      1000},
    R{&Settings::max_days, "max_days", "days", "most calendar days to expiry of what is opened", 0,
      1000},
    R{&Settings::put_delta_min, "put_delta_min", "delta", "least |delta| of a put that is sold", 0,
      1},
    R{&Settings::put_delta_max, "put_delta_max", "delta", "most |delta| of a put that is sold", 0,
      1},
    R{&Settings::put_delta_target, "put_delta_target", "delta",
      "the |delta| that objective 3 looks for in puts", 0, 1},
    R{&Settings::call_delta_min, "call_delta_min", "delta", "least delta of a call that is sold", 0,
      1},
    R{&Settings::call_delta_max, "call_delta_max", "delta", "most delta of a call that is sold", 0,
      1},
    R{&Settings::call_delta_target, "call_delta_target", "delta",
      "the delta that objective 3 and jade lizards look for in calls", 0, 1},
    R{&Settings::wing_delta, "wing_delta", "delta",
      "|delta| of the put bought in a put spread or collar", 0, 1},
    R{&Settings::max_probability, "max_probability", "probability",
      "most probability of ending in the money, under the surface", 0, 1},
    R{&Settings::min_premium, "min_premium", "currency", "least bid, per unit of the underlying", 0,
      1e6},
    R{&Settings::min_yield, "min_yield", "1/year", "least credit over capital, a year", 0, 100},
    R{&Settings::min_expected_yield, "min_expected_yield", "1/year",
      "least expected value over capital, a year, after costs", -100, 100},
    R{&Settings::max_spread, "max_spread", "ratio", "most (ask - bid) / mid", 0, 2},
    R{&Settings::fine_spread, "fine_spread", "currency",
      "a spread no wider than this always passes", 0, 1e6},
    R{&Settings::min_open_interest, "min_open_interest", "contracts",
      "least open interest, where the feed tells it", 0, 1e9},
    R{&Settings::min_volume, "min_volume", "contracts",
      "least volume of the day, where the feed tells it", 0, 1e9},
    R{&Settings::min_quantity, "min_quantity", "contracts",
      "least quantity at the bid, where the feed tells it", 0, 1e9},
    R{&Settings::realised_to_implied, "realised_to_implied", "ratio",
      "realised over implied volatility, believed before history speaks", 0.1, 3},
    R{&Settings::history_prior, "history_prior", "windows",
      "history counts n / (n + this) with n windows of an option's life", 0.1, 1e6},
    R{&Settings::drift_trust, "drift_trust", "ratio",
      "share of the past's mean return that is believed to go on", 0, 1},
    R{&Settings::kelly_fraction, "kelly_fraction", "ratio", "share of the Kelly bet that is placed",
      0, 1},
    N{&Settings::objective, "objective", "",
      "0 growth, 1 expected yield, 2 premium yield, 3 nearness to the target delta", 0, 3},
    N{&Settings::call_floor, "call_floor", "",
      "no call below: 0 any strike, 1 cost less premiums, 2 cost of the shares", 0, 2},
    B{&Settings::sell_puts, "sell_puts", "", "consider cash-secured puts"},
    B{&Settings::sell_put_spreads, "sell_put_spreads", "", "consider put spreads"},
    B{&Settings::sell_jade_lizards, "sell_jade_lizards", "",
      "consider jade lizards: a put and a call spread whose width the credit covers"},
    B{&Settings::sell_calls, "sell_calls", "", "consider covered calls"},
    B{&Settings::sell_collars, "sell_collars", "",
      "consider collars: a covered call and a bought put"},
    B{&Settings::puts_beside_shares, "puts_beside_shares", "",
      "sell puts while shares are held that no call covers"},
    B{&Settings::avoid_earnings, "avoid_earnings", "",
      "nothing whose life holds a known day of earnings"},
    B{&Settings::avoid_dividends, "avoid_dividends", "",
      "no call whose life holds a known ex-dividend day"},
    R{&Settings::max_position, "max_position", "ratio",
      "most of equity that one underlying ties up", 0, 10},
    R{&Settings::max_allocation, "max_allocation", "ratio",
      "most of equity that all of them tie up", 0, 10},
    R{&Settings::max_volatility, "max_volatility", "1/sqrt(year)",
      "most volatility of the portfolio's delta, share of equity", 0, 10},
    R{&Settings::max_contracts, "max_contracts", "contracts", "most contracts in one decision", 0,
      1e6},
    R{&Settings::correlation_prior, "correlation_prior", "",
      "correlation of two underlyings before history speaks", -1, 1},
    R{&Settings::correlation_prior_days, "correlation_prior_days", "days",
      "how many days of history the prior is worth", 1, 1e6},
    R{&Settings::roll_at_profit, "roll_at_profit", "ratio",
      "look again when this share of the credit is earned; 0 never", 0, 1},
    R{&Settings::roll_at_days, "roll_at_days", "days",
      "look again when so few days are left; 0 never", 0, 1000},
    R{&Settings::roll_at_delta, "roll_at_delta", "delta",
      "look again when |delta| has come to this; 1 never", 0, 1},
    R{&Settings::roll_at_loss, "roll_at_loss", "ratio",
      "look again when the loss is so many times the credit; 0 never", 0, 100},
    R{&Settings::opportunity_yield, "opportunity_yield", "1/year",
      "what capital earns that a close frees, and a roll keeps", -1, 10},
    B{&Settings::roll_for_credit, "roll_for_credit", "",
      "roll only where the new credit pays for the old option"},
    B{&Settings::hold_when_better, "hold_when_better", "",
      "a trigger may end in holding, where its expected value is best"},
    R{&Settings::fee_per_contract, "fee_per_contract", "currency", "cost of one contract, each way",
      0, 1000},
    R{&Settings::limit_aggression, "limit_aggression", "ratio",
      "where in the quote orders are placed: 0 the mid, 1 the far side", 0, 1},
    R{&Settings::max_slippage, "max_slippage", "ratio",
      "how far a price may leave the decision's before its order is not sent", 0, 1},
    R{&Settings::reprice_s, "reprice_s", "s",
      "an order that has not filled for so long is withdrawn and priced again", 0, 1e6},
    N{&Settings::most_tries, "most_tries", "orders",
      "orders that may end unfilled before a plan is given up", 1, 100},
    R{&Settings::decide_every_s, "decide_every_s", "s",
      "least time between two decisions on one underlying", 0, 1e7},
    R{&Settings::gather_ms, "gather_ms", "ms",
      "chains heard within this time are decided on together", 0, 1e6},
    R{&Settings::max_chain_age_s, "max_chain_age_s", "s", "an older chain is not traded on", 0,
      1e7});

}  // namespace wheels
