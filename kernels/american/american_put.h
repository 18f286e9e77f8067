// american_put.h: an element of a batch as the put with strike 1 that it is by symmetry, and four
// of them valued at once.
#pragma once

#include <zomma/kernels/american.h>
#include <zomma/kernels/pack.h>

#include <cmath>

#include "american_rule.h"

namespace zomma::kernels {

inline constexpr double largest_rate = 1.0;

// The error of a price is of second order in that of ln B, so a last step above this is about 1e-3
// of the strike.
inline constexpr double largest_last_step = 0.03;

inline bool positive(double x) { return std::isfinite(x) && x > 0; }

// One option as the put it is by symmetry: spot in strikes, and the size of a strike in money.
struct Put {
  double spot = 1, unit = 1, rate = 0.05, yield = 0, expiry = 1, volatility = 0.2;
  bool call = false, early = true;
};

// The put of element i, without its volatility; false outside the domain.
inline bool load(const AmericanTermsBatch& terms, std::size_t i, Put& put) {
  const double spot = terms.spot[i], strike = terms.strike[i];
  const double rate = terms.rate[i], yield = terms.yield[i];
  if (!positive(spot) || !positive(strike) || !positive(terms.expiry[i])) return false;
  if (!(std::fabs(rate) <= largest_rate) || !(std::fabs(yield) <= largest_rate)) return false;
  if (terms.sign[i] != 1 && terms.sign[i] != -1) return false;
  put.call = terms.sign[i] == 1;
  put.spot = put.call ? strike / spot : spot / strike;
  put.unit = put.call ? spot : strike;
  put.rate = put.call ? yield : rate;
  put.yield = put.call ? rate : yield;
  put.expiry = terms.expiry[i];
  put.early = put.rate > 0 || put.yield < put.rate;
  return positive(put.spot) && !(put.rate < 0 && put.yield < put.rate);
}

struct Four {
  Lanes spot;
  AmericanTerms<Lanes> terms, early_terms;
  Lanes early;  // 1 where the option may be exercised early, else 0

  explicit Four(const Put* puts) {
    for (int k = 0; k < Lanes::width; ++k) {
      const Put& put = puts[k];
      spot.set(k, put.spot);
      terms.rate.set(k, put.rate);
      terms.yield.set(k, put.yield);
      terms.volatility.set(k, put.volatility);
      terms.expiry.set(k, put.expiry);
      early.set(k, put.early ? 1.0 : 0.0);
    }
    early_terms = terms;
    for (int k = 0; k < Lanes::width; ++k) {
      if (puts[k].early) continue;
      early_terms.rate.set(k, 0.05);  // any put that has a boundary: its premium is not used
      early_terms.yield.set(k, 0.0);
    }
  }
};

inline AmericanValue<Lanes> value(const AmericanRule& rule, const Four& four) {
  AmericanBoundary<Lanes> boundary;
  american_boundary(rule, four.early_terms, boundary);
  const auto premium = american_premium(rule, four.early_terms, boundary, four.spot);
  const auto european = american_european_part(four.terms, four.spot);
  const Lanes exercise = Lanes(1.0) - four.spot;
  AmericanValue<Lanes> out;
  out.boundary = premium.boundary * four.early;
  out.price = european.price + select(four.early > Lanes(0.5), premium.price, Lanes(0.0));
  out.delta = european.delta + select(four.early > Lanes(0.5), premium.delta, Lanes(0.0));
  out.gamma = european.gamma + select(four.early > Lanes(0.5), premium.gamma, Lanes(0.0));
  out.last_step = premium.last_step * four.early;
  // A price below what either right alone is worth tells of a boundary that did not converge.
  const Lanes slack = Lanes(1e-4) * (four.spot + Lanes(1.0));
  const auto live = four.spot > out.boundary;
  out.price = select(live, out.price, exercise);
  const auto short_of = out.price + slack < maximum(exercise, european.price);
  out.last_step = select(short_of, Lanes(1e300), out.last_step);
  out.price = maximum(out.price, maximum(exercise, Lanes(0.0)));
  out.delta = select(live, out.delta, Lanes(-1.0));
  out.gamma = select(live, out.gamma, Lanes(0.0));
  return out;
}

inline bool same_length(const AmericanTermsBatch& terms) {
  const std::size_t n = terms.spot.size();
  return terms.strike.size() == n && terms.expiry.size() == n && terms.rate.size() == n &&
         terms.yield.size() == n && terms.sign.size() == n;
}

}  // namespace zomma::kernels
