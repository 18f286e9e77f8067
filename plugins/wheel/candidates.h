// candidates.h: the search. Every contract of a chain is looked at once; what passes the rules is
// put together to structures, each is evaluated over the laws of its expiry, and the best is
// returned with the count of what failed and why.
#pragma once

#include "rules.h"
#include "structure.h"

namespace wheels {

struct Request {
  bool over_shares = false;             // calls against shares that are held; else puts
  double floor_strike = 0;              // no call below it: what the shares cost
  std::uint32_t today = 0;              // yyyymmdd
  double min_days = -1, max_days = -1;  // instead of the rules', when >= 0
  double min_credit = 0;  // per unit, after fees: of a roll, what ending the old one costs
};

inline Laws make_laws(const Columns& columns, const zm_chain_expiry& expiry, const Rules& rules,
                      const History& history, Workspace& work) {
  Laws laws;
  laws.surface = surface_nodes(columns, expiry, work);
  if (!laws.surface.known) return laws;
  laws.discount = std::exp(-expiry.rate * expiry.years);
  const int days = std::max(1, static_cast<int>(std::lround(expiry.years * History::trading_days)));
  double drift =
      0;  // of the past, a day, beyond the forward's; believed as far as the operator says
  for (std::size_t i = 0; i < history.size(); ++i) drift += history.at(i);
  if (history.size() > 0)
    drift = rules.drift_trust * drift / static_cast<double>(history.size()) * days;
  const double mean = expiry.forward * std::exp(std::clamp(drift, -0.5, 0.5));
  laws.believed = believed_nodes(laws.surface, rules.realised_to_implied, mean);
  laws.history = history_nodes(history, days, mean, work);
  // Windows that do not overlap are the evidence there is.
  const double windows = static_cast<double>(history.size()) / days;
  laws.history_weight = laws.history.known ? windows / (windows + rules.history_prior) : 0;
  return laws;
}

class Search {
 public:
  Search(const Columns& columns, const Rules& rules, const Request& request, const KnownDays& known,
         Census& census)
      : columns_(columns), rules_(rules), request_(request), known_(known), census_(census) {}

  // The best structure, or kind none.
  Candidate run(const History& history, Workspace& work) {
    const double low = request_.min_days >= 0 ? request_.min_days : rules_.min_days;
    const double high = request_.max_days >= 0 ? request_.max_days : rules_.max_days;
    for (std::uint32_t e = 0; e < columns_.chain->expiry_count; ++e) {
      const zm_chain_expiry& expiry = columns_.chain->expiries[e];
      census_.seen += expiry.count;
      const double days = expiry.years * 365;
      if (!(days >= low && days <= high)) {
        census_.add(Refusal::days, expiry.count);
        continue;
      }
      if (rules_.avoid_earnings && known_.earnings_between(request_.today, expiry.date)) {
        census_.add(Refusal::earnings, expiry.count);
        continue;
      }
      laws_ = make_laws(columns_, expiry, rules_, history, work);
      if (!laws_.surface.known) {
        census_.add(Refusal::laws, expiry.count);
        continue;
      }
      look_at(expiry, days);
    }
    return best_;
  }

 private:
  void look_at(const zm_chain_expiry& expiry, double days) {
    const std::uint32_t wing =
        rules_.put_spreads || rules_.collars ? nearest(expiry, true, rules_.wing_delta) : none;
    const std::uint32_t call =
        rules_.jade_lizards ? nearest(expiry, false, rules_.call_delta_target) : none;
    for (std::uint32_t row = expiry.first; row < expiry.first + expiry.count; ++row) {
      if (!passes(expiry, row)) continue;
      ++census_.priced;
      if (request_.over_shares) {
        if (rules_.calls) propose(start(Kind::call, expiry, days, row));
        if (rules_.collars && wing != none)
          propose(with(start(Kind::collar, expiry, days, row), wing, +1));
        continue;
      }
      if (rules_.puts) propose(start(Kind::put, expiry, days, row));
      if (rules_.put_spreads && wing != none && columns_.strike[wing] < columns_.strike[row]) {
        propose(with(start(Kind::put_spread, expiry, days, row), wing, +1));
      }
      if (rules_.jade_lizards && call != none) propose_lizard(expiry, days, row, call);
    }
  }

  bool passes(const zm_chain_expiry& expiry, std::uint32_t row) {
    const auto refuse = [this](Refusal why) {
      census_.add(why);
      return false;
    };
    const zm_chain& chain = *columns_.chain;
    if (columns_.is_put(row) == request_.over_shares) return refuse(Refusal::side);
    if ((columns_.contract(row).flags & ZM_CONTRACT_ADJUSTED) != 0)
      return refuse(Refusal::adjusted);
    if (!tradable(columns_, row)) return refuse(Refusal::quote);
    const double delta = std::abs(chain.delta[row]);
    const bool in = request_.over_shares
                        ? delta >= rules_.call_delta_min && delta <= rules_.call_delta_max
                        : delta >= rules_.put_delta_min && delta <= rules_.put_delta_max;
    if (!in) return refuse(Refusal::delta);
    if (request_.over_shares && columns_.strike[row] < request_.floor_strike)
      return refuse(Refusal::below_basis);
    if (chain.bid[row] < rules_.min_premium) return refuse(Refusal::premium);
    if (!fair_spread(row)) return refuse(Refusal::spread);
    if (at(chain.bid_quantity, row) < rules_.min_quantity) return refuse(Refusal::quantity);
    if (at(chain.open_interest, row) < rules_.min_open_interest) return refuse(Refusal::interest);
    if (at(chain.volume, row) < rules_.min_volume) return refuse(Refusal::volume);
    if (request_.over_shares && rules_.avoid_dividends &&
        known_.dividend_between(request_.today, expiry.date) != nullptr) {
      return refuse(Refusal::dividend);
    }
    return true;
  }
  bool fair_spread(std::uint32_t row) const {
    const double spread = columns_.chain->ask[row] - columns_.chain->bid[row];
    return spread <= rules_.fine_spread || spread <= rules_.max_spread * columns_.mid(row);
  }

  // The tradable contract whose delta is nearest to `delta`, or none.
  std::uint32_t nearest(const zm_chain_expiry& expiry, bool put, double delta) const {
    std::uint32_t found = none;
    double least = 1e9;
    for (std::uint32_t row = expiry.first; row < expiry.first + expiry.count; ++row) {
      if (columns_.is_put(row) != put || !tradable(columns_, row)) continue;
      const double off = std::abs(std::abs(columns_.chain->delta[row]) - delta);
      if (off < least) {
        least = off;
        found = row;
      }
    }
    return found;
  }

  Candidate start(Kind kind, const zm_chain_expiry& expiry, double days, std::uint32_t row) const {
    Candidate c;
    c.kind = kind;
    c.expiry_date = expiry.date;
    c.days = days;
    c.multiplier = static_cast<double>(columns_.contract(row).multiplier);
    c.delta = columns_.chain->delta[row];
    return with(c, row, -1);
  }
  Candidate with(Candidate c, std::uint32_t row, double side) const {
    const double price = side < 0 ? sell_price(columns_, row, rules_.limit_aggression)
                                  : buy_price(columns_, row, rules_.limit_aggression);
    c.leg[c.legs++] = {row,   columns_.contract(row).instrument,
                       side,  columns_.strike[row],
                       price, columns_.is_put(row)};
    c.credit -= side * price + rules_.fee_per_contract / std::max(c.multiplier, 1.0);
    return c;
  }
  // The call spread next to a short put: sold at the target delta, bought at the next strike up.
  // Only with a credit that covers its width, which is what leaves no risk above.
  void propose_lizard(const zm_chain_expiry& expiry, double days, std::uint32_t put,
                      std::uint32_t call) {
    for (std::uint32_t row = call + 1; row < expiry.first + expiry.count; ++row) {
      if (columns_.is_put(row) || !tradable(columns_, row) ||
          columns_.strike[row] <= columns_.strike[call])
        continue;
      const Candidate c =
          with(with(start(Kind::jade_lizard, expiry, days, put), call, -1), row, +1);
      if (columns_.strike[call] > columns_.strike[put] &&
          c.credit >= columns_.strike[row] - columns_.strike[call])
        propose(c);
      return;
    }
  }

  void propose(Candidate c) {
    if (!(c.credit > request_.min_credit)) return census_.add(Refusal::premium);
    evaluate(c, laws_, columns_.chain->spot, rules_.kelly_fraction);
    if (c.probability > rules_.max_probability) return census_.add(Refusal::probability);
    if (c.yield < rules_.min_yield) return census_.add(Refusal::yield);
    if (!(c.expected_yield >= rules_.min_expected_yield)) return census_.add(Refusal::edge);
    if (!request_.over_shares && !(c.kelly > 0)) return census_.add(Refusal::edge);
    c.score = score(c);
    if (best_.kind == Kind::none || c.score > best_.score) best_ = c;
  }
  double score(const Candidate& c) const {
    switch (rules_.objective) {
      case Objective::yield:
        return c.yield;
      case Objective::delta:
        return -std::abs(std::abs(c.delta) - (request_.over_shares ? rules_.call_delta_target
                                                                   : rules_.put_delta_target));
      // An overlay on shares is not a bet of its own: its growth alone says little.
      case Objective::growth:
        return request_.over_shares ? c.expected_yield : c.growth;
      case Objective::expected_yield:
        break;
    }
    return c.expected_yield;
  }

  static constexpr std::uint32_t none = UINT32_MAX;
  const Columns& columns_;
  const Rules& rules_;
  const Request& request_;
  const KnownDays& known_;
  Census& census_;
  Laws laws_;
  Candidate best_;
};

}  // namespace wheels
