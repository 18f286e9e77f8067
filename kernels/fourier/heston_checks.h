// heston_checks.h: what is refused before a surface is priced, the same for every method.
#pragma once

#include <zomma/kernels/heston.h>

#include <cmath>

namespace zomma::kernels {

inline bool valid_model(const HestonParameters& m, const JumpParameters& jumps) {
  for (const double x : {m.v0, m.kappa, m.theta, m.sigma, jumps.intensity, jumps.deviation}) {
    if (!(std::isfinite(x) && x >= 0)) return false;
  }
  return m.v0 + m.kappa * m.theta > 0 && m.sigma >= 1e-8 && std::fabs(m.rho) < 1 &&
         std::fabs(jumps.mean) < 100;
}

inline bool columns_fit(const HestonQuotes& quotes, const HestonValues& out) {
  const std::size_t n = quotes.strike.size();
  const auto fits = [n](std::size_t size) { return size == 0 || size == n; };
  return quotes.sign.size() == n && fits(out.price.size()) && fits(out.delta.size()) &&
         fits(out.gamma.size()) && fits(out.gradient.size()) && fits(out.status.size());
}

inline Status check_lengths(const HestonQuotes& quotes, const HestonValues& out) {
  if (!columns_fit(quotes, out)) return Status::length_mismatch;
  for (const HestonExpiry& slice : quotes.expiries) {
    if (slice.begin > slice.end || slice.end > quotes.strike.size()) return Status::length_mismatch;
  }
  return Status::ok;
}

}  // namespace zomma::kernels
