// structure.h: what may be sold (a put, a put spread, a jade lizard, a covered call, a collar) and
// what it is worth: one evaluation for all of them, by payoff over the scenarios of its expiry.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "scenarios.h"

namespace wheels {

enum class Kind : std::int64_t {
  none = 0,
  put = 1,
  put_spread = 2,
  jade_lizard = 3,
  call = 4,
  collar = 5
};
inline const char* name_of(Kind kind) {
  constexpr const char* names[] = {"nothing",     "cash-secured put", "put spread",
                                   "jade lizard", "covered call",     "collar"};
  return names[static_cast<std::size_t>(kind)];
}
inline bool over_shares(Kind kind) { return kind == Kind::call || kind == Kind::collar; }

struct Leg {
  std::uint32_t row = 0, instrument = ZM_NO_INSTRUMENT;
  double side = 0;  // +1 bought, -1 sold
  double strike = 0;
  double price =
      0;  // at which it can be traded now: the bid of what is sold, the ask of what is bought
  bool put = false;
};

constexpr int most_legs = 3;

struct Candidate {
  Kind kind = Kind::none;
  int legs = 0;
  Leg leg[most_legs];  // leg[0] is the short option that the structure is about
  std::uint32_t expiry_date = 0;
  double days = 0;          // calendar days
  double multiplier = 100;  // per contract
  double credit = 0;        // per unit, after fees
  double capital = 0;       // per unit: what is tied up and may be lost
  double delta = 0;         // of leg[0]
  double probability = 0;   // that leg[0] ends in the money, under the surface
  double ev_surface = 0, ev_history = 0, ev = 0;  // per unit, discounted; history NaN where unknown
  double yield = 0;                               // credit over capital, a year
  double expected_yield = 0;                      // ev over capital, a year
  double deviation = 0;                           // of the outcome, per unit of capital
  double kelly = 0;                               // share of wealth in capital, after shrinkage
  double growth = 0;  // expected log growth a year of wealth at that share
  double score = 0;
};

// The laws of one expiry and how much the underlying's own past counts.
struct Laws {
  Nodes surface, believed, history;
  double history_weight = 0;  // 0..1
  double discount = 1;
};

inline double payoff(const Leg& leg, double spot) {
  return leg.side * std::max(leg.put ? leg.strike - spot : spot - leg.strike, 0.0);
}
inline double outcome(const Candidate& c, double spot, double discount) {
  double paid = 0;
  for (int i = 0; i < c.legs; ++i) paid += payoff(c.leg[i], spot);
  return c.credit + discount * paid;
}

inline double mean_outcome(const Candidate& c, const Nodes& nodes, double discount) {
  double sum = 0;
  for (const double s : nodes.spot) sum += outcome(c, s, discount);
  return sum / static_cast<double>(node_count);
}

// Share of the nodes in which leg[0] ends in the money, the node that straddles the strike in part.
inline double probability_in_the_money(const Leg& leg, const Nodes& nodes) {
  const auto* begin = nodes.spot.data();
  const auto* end = begin + node_count;
  const auto* above = std::upper_bound(begin, end, leg.strike);
  double below = static_cast<double>(above - begin);
  if (above != begin && above != end)
    below += (leg.strike - above[-1]) / (above[0] - above[-1]) - 0.5;
  below = std::clamp(below / static_cast<double>(node_count), 0.0, 1.0);
  return leg.put ? below : 1.0 - below;
}

// What one may lose per unit, and has to set aside: the strike of a put (secured by cash) or the
// width of a spread, less the credit. Over shares: their price.
inline double capital_of(const Candidate& c, double spot) {
  if (over_shares(c.kind)) return spot;
  double put_side = 0, call_side = 0;
  for (int i = 0; i < c.legs; ++i)
    (c.leg[i].put ? put_side : call_side) -= c.leg[i].side * c.leg[i].strike;
  // A short put alone needs its strike, with a long one below it the distance; short calls stand
  // below a long one.
  return std::max({put_side, c.kind == Kind::jade_lizard ? -call_side : 0.0, 0.01}) -
         std::max(c.credit, 0.0);
}

// The share of wealth that maximises the mean of log(1 + share x outcome / capital) over the
// blended laws (Kelly 1956), in [0, 1]: the root of the derivative, by bisection, because that is
// what never fails.
struct Kelly {
  double share = 0,
         growth = 0;  // growth: mean log growth over the option's life at `fraction` of that share
};
inline Kelly kelly_share(const Candidate& c, const Laws& laws, double fraction) {
  if (!(c.capital > 0)) return {};
  double gain[2 * node_count];
  double weight[2] = {(1 - laws.history_weight) / node_count, laws.history_weight / node_count};
  for (std::size_t i = 0; i < node_count; ++i) {
    gain[i] = outcome(c, laws.believed.spot[i], laws.discount) / c.capital;
    gain[node_count + i] =
        laws.history.known ? outcome(c, laws.history.spot[i], laws.discount) / c.capital : 0.0;
  }
  const std::size_t used =
      laws.history.known && laws.history_weight > 0 ? 2 * node_count : node_count;
  const auto slope = [&](double f) {
    double sum = 0;
    for (std::size_t i = 0; i < used; ++i)
      sum += weight[i / node_count] * gain[i] / std::max(1 + f * gain[i], 1e-9);
    return sum;
  };
  Kelly out;
  if (!(slope(0) > 0)) return out;
  double low = 0, high = 1;
  if (slope(high) > 0) low = high;
  for (int i = 0; i < 30 && low < high; ++i)
    (slope(0.5 * (low + high)) > 0 ? low : high) = 0.5 * (low + high);
  out.share = low * fraction;
  for (std::size_t i = 0; i < used; ++i)
    out.growth += weight[i / node_count] * std::log(std::max(1 + out.share * gain[i], 1e-9));
  return out;
}

// Fills everything but the legs, kind, expiry, credit and delta, which are given. `confidence`
// (0..1) is how far the optimal share is trusted: half of Kelly is 0.5.
inline void evaluate(Candidate& c, const Laws& laws, double spot, double confidence) {
  c.capital = capital_of(c, spot);
  const double years = std::max(c.days, 1.0) / 365.0;
  c.probability = probability_in_the_money(c.leg[0], laws.surface);
  c.ev_surface = mean_outcome(c, laws.surface, laws.discount);
  c.ev_history = laws.history.known ? mean_outcome(c, laws.history, laws.discount) : std::nan("");
  const double believed = mean_outcome(c, laws.believed, laws.discount);
  const double weight = laws.history.known ? laws.history_weight : 0.0;
  c.ev = weight > 0 ? weight * c.ev_history + (1 - weight) * believed : believed;
  c.yield = c.credit / c.capital / years;
  c.expected_yield = c.ev / c.capital / years;
  double square = 0;
  for (std::size_t i = 0; i < node_count; ++i) {
    const double b = outcome(c, laws.believed.spot[i], laws.discount) - c.ev;
    const double h = weight > 0 ? outcome(c, laws.history.spot[i], laws.discount) - c.ev : 0.0;
    square += ((1 - weight) * b * b + weight * h * h) / node_count;
  }
  c.deviation = std::sqrt(square) / c.capital;
  const Kelly kelly = kelly_share(c, laws, confidence);
  c.kelly = kelly.share;
  c.growth = kelly.growth / years;
}

}  // namespace wheels
