// heston_checks.h: what is refused before a surface is priced, the same for every method.
#pragma once

#include <zomma/kernels/elementary.h>
#include <zomma/kernels/heston.h>

#include <cmath>

namespace zomma::kernels {

inline bool finite_positive(double x) { return std::isfinite(x) && x > 0; }

inline bool valid_model(const HestonParameters& m, const JumpParameters& jumps) {
  for (const double x : {m.v0, m.kappa, m.theta, m.sigma, jumps.intensity, jumps.deviation}) {
    if (!(std::isfinite(x) && x >= 0)) return false;
  }
  return m.v0 + m.kappa * m.theta > 0 && m.sigma >= 1e-8 && std::fabs(m.rho) < 1 &&
         std::fabs(jumps.mean) < 100;
}

inline bool valid_quote(const HestonQuotes& quotes, std::size_t i) {
  return finite_positive(quotes.strike[i]) && (quotes.sign[i] == 1 || quotes.sign[i] == -1);
}

inline Status check_lengths(const HestonQuotes& quotes, const HestonValues& out) {
  const std::size_t n = quotes.strike.size();
  const auto fits = [n](std::size_t size) { return size == 0 || size == n; };
  if (quotes.sign.size() != n || !fits(out.price.size()) || !fits(out.delta.size()) ||
      !fits(out.gamma.size()) || !fits(out.gradient.size()) || !fits(out.status.size())) {
    return Status::length_mismatch;
  }
  for (const HestonExpiry& slice : quotes.expiries) {
    if (slice.begin > slice.end || slice.end > n) return Status::length_mismatch;
  }
  return Status::ok;
}

struct ForwardAndDiscount {
  double forward, discount;
  bool good;

  ForwardAndDiscount(double spot, const HestonExpiry& slice)
      : forward(spot * exp((slice.rate - slice.yield) * slice.expiry)),
        discount(exp(-slice.rate * slice.expiry)),
        good(finite_positive(spot) && finite_positive(slice.expiry) && finite_positive(forward) &&
             finite_positive(discount)) {}
};

}  // namespace zomma::kernels
