// sample_chain.h: a chain made from known smiles, as the table an analyst would have.
#pragma once

#include <fmt/format.h>
#include <zomma/kernels/european.h>
#include <zomma/kernels/surface/svi.h>

#include <cmath>
#include <string>
#include <vector>

namespace zomma::test {

struct SampleExpiry {
  double years, forward, discount;
  kernels::RawSvi svi;
};

inline std::vector<SampleExpiry> sample_expiries() {
  return {{30.0 / 365, 100.4, 0.9975, {0.0005, 0.02, -0.4, 0.01, 0.06}},
          {91.0 / 365, 101.1, 0.9925, {0.0024, 0.035, -0.45, 0.02, 0.12}},
          {365.0 / 365, 103.9, 0.9704, {0.012, 0.07, -0.5, 0.04, 0.25}}};
}

inline double sample_vol(const SampleExpiry& e, double strike) {
  return std::sqrt(kernels::total_variance(e.svi, std::log(strike / e.forward)).w / e.years);
}

// Discounted Black value.
inline double sample_price(const SampleExpiry& e, double strike, int sign) {
  const double s = sample_vol(e, strike) * std::sqrt(e.years),
               d1 = std::log(e.forward / strike) / s + s / 2;
  const auto cdf = [](double x) { return 0.5 * std::erfc(-x * 0.7071067811865476); };
  return e.discount * sign * (e.forward * cdf(sign * d1) - strike * cdf(sign * (d1 - s)));
}

// Calls and puts of every strike, quoted a half spread, or a fifth of the price, around their
// values.
inline std::string sample_chain(double half_spread = 0.01) {
  std::string text = "expiry,type,strike,bid,ask\n";
  for (const auto& e : sample_expiries())
    for (int strike = 80; strike <= 120; strike += 2)
      for (const int sign : {1, -1}) {
        const double price = sample_price(e, strike, sign),
                     half = std::fmin(half_spread, 0.2 * price);
        text += fmt::format("{},{},{},{:.12f},{:.12f}\n", e.years, sign > 0 ? "call" : "put",
                            strike, price - half, price + half);
      }
  return text;
}

}  // namespace zomma::test
