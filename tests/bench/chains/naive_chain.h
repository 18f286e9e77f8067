// naive_chain.h: the reference of the chain's benchmark: vols by Newton's method on std::erfc and
// the Greeks after it, quote by quote, of European options. No surface, no early exercise, no
// flags.
#pragma once

#include <cmath>
#include <cstdint>

#include <zomma/ext/draft/chain.h>

namespace zomma::bench {

struct NaiveGreeks {
  double vol{}, delta{}, gamma{}, vega{}, theta{};
};

inline NaiveGreeks naive_greeks(double price, double forward, double strike, double years,
                                bool put) {
  const auto normal = [](double x) { return 0.5 * std::erfc(-x * std::sqrt(0.5)); };
  const double root = std::sqrt(years), sign = put ? -1 : 1;
  double vol = 0.3;
  NaiveGreeks out;
  for (int step = 0; step < 50; ++step) {
    const double s = vol * root, d1 = std::log(forward / strike) / s + 0.5 * s;
    const double value = sign * (forward * normal(sign * d1) - strike * normal(sign * (d1 - s)));
    const double density = 0.3989422804014327 * std::exp(-0.5 * d1 * d1);
    out = {vol, sign * normal(sign * d1), density / (forward * s), forward * density * root,
           -0.5 * forward * density * vol / root};
    const double move = (value - price) / out.vega;
    if (!(std::fabs(move) < 1)) break;
    vol -= move;
    if (std::fabs(move) < 1e-10 || !(vol > 0)) break;
  }
  return out;
}

// Every quoted contract of a chain; a sum, so that nothing is left out by the compiler.
inline double naive_chain(const zm_chain& chain, double strike_scale) {
  double sum = 0;
  for (std::uint32_t e = 0; e < chain.expiry_count; ++e) {
    const zm_chain_expiry& expiry = chain.expiries[e];
    for (std::uint32_t i = expiry.first; i < expiry.first + expiry.count; ++i) {
      if (!(chain.bid[i] > 0) || !(chain.ask[i] > 0)) continue;
      const NaiveGreeks one =
          naive_greeks(0.5 * (chain.bid[i] + chain.ask[i]), expiry.forward,
                       static_cast<double>(chain.contracts[i].strike) * strike_scale, expiry.years,
                       (chain.contracts[i].flags & ZM_CONTRACT_PUT) != 0);
      sum += one.vol + one.delta + one.gamma + one.vega + one.theta;
    }
  }
  return sum;
}

}  // namespace zomma::bench
