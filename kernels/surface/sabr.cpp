// sabr.cpp: the SABR expansions for callers, and their smiles' arbitrage.
#include <zomma/kernels/elementary_more.h>
#include <zomma/kernels/surface/sabr.h>

#include <cmath>

#include "sabr_formula.h"

namespace zomma::kernels {

bool valid(const Sabr& s) {
  return s.alpha > 0 && std::isfinite(s.alpha) && s.beta >= 0 && s.beta <= 1 &&
         std::fabs(s.rho) < 1 && s.nu >= 0 && std::isfinite(s.nu);
}

double sabr_volatility(SabrFormula formula, const Sabr& s, double forward, double strike,
                       double expiry) {
  return sabr_formula::volatility(sabr_formula::prepare(formula, s.beta, forward, strike), s.beta,
                                  s.alpha, s.rho, s.nu, expiry);
}

Status sabr_volatility(Backend& backend, SabrFormula formula, const Sabr& sabr, double forward,
                       double expiry, std::span<const double> strike, std::span<double> volatility,
                       std::span<ElementStatus> status) {
  if (volatility.size() != strike.size() || (!status.empty() && status.size() != strike.size()))
    return Status::length_mismatch;
  const bool any_sign = formula == SabrFormula::hagan_normal && sabr.beta == 0;
  if (!valid(sabr) || !(expiry >= 0) || !std::isfinite(expiry) || !std::isfinite(forward) ||
      (!any_sign && !(forward > 0)))
    return Status::invalid_setting;
  backend.for_chunks(strike.size(), 1024, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      double vol = 0;
      if (std::isfinite(strike[i]) && (any_sign || strike[i] > 0))
        vol = sabr_volatility(formula, sabr, forward, strike[i], expiry);
      const bool ok = vol > 0 && std::isfinite(vol);
      volatility[i] = ok ? vol : 0.0;
      if (!status.empty()) status[i] = ok ? ElementStatus::ok : ElementStatus::domain;
    }
  });
  return Status::ok;
}

VarianceJet sabr_variance(SabrFormula formula, const Sabr& sabr, double forward, double k,
                          double expiry) {
  constexpr double h = 2e-3;
  double w[5];
  for (int i = 0; i < 5; ++i) {
    const double vol =
        sabr_volatility(formula, sabr, forward, forward * exp(k + (i - 2) * h), expiry);
    w[i] = vol * vol * expiry;
  }
  return {w[2], (w[0] - w[4] + 8.0 * (w[3] - w[1])) / (12.0 * h),
          (16.0 * (w[1] + w[3]) - w[0] - w[4] - 30.0 * w[2]) / (12.0 * h * h)};
}

// One evaluation a sample: derivatives by differences among neighbours.
ButterflyCheck sabr_butterfly(SabrFormula formula, const Sabr& sabr, double forward, double expiry,
                              double low, double high, int samples) {
  if (samples < 2 || !(low < high)) return {-1.0, low, 1, false};
  const double h = (high - low) / (samples - 1);
  const auto variance = [&](int i) {
    const double vol = sabr_volatility(formula, sabr, forward, forward * exp(low + i * h), expiry);
    return vol > 0 ? vol * vol * expiry : 0.0;
  };
  ButterflyCheck check;
  check.min_g = INFINITY;
  double w[5] = {variance(-2), variance(-1), variance(0), variance(1), 0};
  bool below = false;
  for (int i = 0; i < samples; ++i) {
    w[4] = variance(i + 2);
    const VarianceJet jet{w[2], (w[0] - w[4] + 8.0 * (w[3] - w[1])) / (12.0 * h),
                          (16.0 * (w[1] + w[3]) - w[0] - w[4] - 30.0 * w[2]) / (12.0 * h * h)};
    const double k = low + i * h, g = jet.w > 0 ? durrleman(k, jet) : -1.0;
    if (g < check.min_g) check.min_g = g, check.argmin_k = k;
    check.violations += g < 0 && !below;
    below = g < 0;
    check.wings = check.wings && std::fabs(jet.dw) < 2.0;
    for (int j = 0; j < 4; ++j) w[j] = w[j + 1];
  }
  return check;
}

}  // namespace zomma::kernels
