// sabr_fit.cpp: alpha, rho, nu of one expiry at given beta.
#include <zomma/kernels/elementary_more.h>
#include <zomma/kernels/surface/least_squares.h>
#include <zomma/kernels/surface/sabr.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "sabr_formula.h"

namespace zomma::kernels {
namespace {

using D = Dual<3>;
using sabr_formula::Strike;

constexpr double rho_limit = 0.999;

struct Quote {
  Strike strike;
  double k, vol, q;  // q = 1 / noise of vol
};

// Unknowns: ln alpha, rho, ln nu.
struct Problem {
  const std::vector<Quote>& quotes;
  const SabrFitSettings& settings;
  double expiry;

  double operator()(const Vector<3>& x, NormalEquations<3>* out) const {
    NormalEquations<3> at;
    const D alpha = exp(D::variable(x[0], 0)), rho = D::variable(x[1], 1),
            nu = exp(D::variable(x[2], 2));
    for (const Quote& quote : quotes) {
      const D r =
          quote.q * (sabr_formula::volatility(quote.strike, settings.beta, alpha, rho, nu, expiry) -
                     quote.vol);
      at.add(r.value, r.gradient);
    }
    if (settings.prior_width > 0) {
      const double s = 1.0 / settings.prior_width;
      at.add(s * (x[0] - log(settings.prior.alpha)), {s, 0, 0});
      at.add(s * (x[1] - settings.prior.rho), {0, s, 0});
      at.add(s * (x[2] - log(std::fmax(settings.prior.nu, 1e-6))), {0, 0, s});
    }
    if (out) *out = at;
    return at.cost;
  }
};

std::vector<Quote> gather(const SliceQuotes& quotes, double forward,
                          const SabrFitSettings& settings) {
  std::vector<Quote> out;
  out.reserve(quotes.log_moneyness.size());
  for (std::size_t i = 0; i < quotes.log_moneyness.size(); ++i) {
    const double bid = quotes.bid_vol[i], ask = quotes.ask_vol[i], k = quotes.log_moneyness[i];
    if (judge_quote(k, bid, ask) != QuoteUse::usable) continue;
    out.push_back(
        {sabr_formula::prepare(settings.formula, settings.beta, forward, forward * exp(k)), k,
         0.5 * (bid + ask), 1.0 / std::fmax(0.5 * (ask - bid), settings.noise_floor_vol)});
  }
  return out;
}

// Weighted parabola vol = c0 + c1 k + c2 k^2, read as the expansion's first terms about the money.
Vector<3> first_guess(const std::vector<Quote>& quotes, double forward, double beta) {
  NormalEquations<3> at;
  for (const Quote& quote : quotes)
    at.add(-quote.q * quote.vol, {quote.q, quote.q * quote.k, quote.q * quote.k * quote.k});
  Vector<3> downhill, c{};
  for (std::size_t i = 0; i < 3; ++i) downhill[i] = -at.gradient[i];
  double level = 0;
  for (const Quote& quote : quotes) level += quote.vol / static_cast<double>(quotes.size());
  if (!solve_positive<3>(at.matrix, downhill, {true, true, true}, &c) || !(c[0] > 0))
    c = {level, 0, 0};
  const double free = 1.0 - beta, slope = 2.0 * c[1] + free * c[0];
  const double square =
      3.0 * c[0] * 2.0 * c[2] - 0.5 * free * free * c[0] * c[0] + 1.5 * slope * slope;
  const double nu = std::sqrt(std::fmax(square, std::fmax(1.05 * slope * slope, 0.01)));
  const double rho = std::fmin(std::fmax(slope / nu, -0.95), 0.95);
  return {log(c[0] * power(forward, free)), rho, log(nu)};
}

bool bad(const SabrFitSettings& s) {
  return s.formula == SabrFormula::hagan_normal || !(s.beta >= 0) || !(s.beta <= 1) ||
         !(s.noise_floor_vol > 0) || !(s.prior_width >= 0) ||
         (s.prior_width > 0 && !valid(s.prior));
}

}  // namespace

SabrFit fit_sabr(const SliceQuotes& quotes, double forward, const SabrFitSettings& settings) {
  SabrFit fit;
  FitReport& report = fit.report;
  if (bad(settings) || !(forward > 0) || !std::isfinite(forward)) return fit;
  const int needed = settings.prior_width > 0 ? 1 : 3;
  report.verdict = count_quotes(quotes, needed, &report);
  if (report.verdict == FitVerdict::invalid_input || report.quotes_used < needed) return fit;
  const auto data = gather(quotes, forward, settings);
  Bounds<3> bounds;
  const Vector<3> start = first_guess(data, forward, settings.beta);
  bounds.low = {start[0] - 5.0, -rho_limit, log(1e-4)};
  bounds.high = {start[0] + 5.0, rho_limit, log(20.0)};
  LeastSquaresSettings lm;
  lm.relative_decrease = 1e-9;
  lm.relative_step = 1e-9;
  const auto result =
      minimise<3>(settings.optimiser, Problem{data, settings, quotes.expiry}, start, bounds, lm);
  fit.sabr = {exp(result.x[0]), settings.beta, result.x[1], exp(result.x[2])};
  report.evaluations = result.evaluations;
  report.condition = condition_number<3>(result.at, {true, true, true});
  std::vector<double> vols(quotes.log_moneyness.size());
  double low = 0, high = 0;
  for (std::size_t i = 0, used = 0; i < vols.size(); ++i) {
    if (judge_quote(quotes.log_moneyness[i], quotes.bid_vol[i], quotes.ask_vol[i]) !=
        QuoteUse::usable)
      continue;
    const Quote& quote = data[used++];
    vols[i] = sabr_formula::volatility(quote.strike, settings.beta, fit.sabr.alpha, fit.sabr.rho,
                                       fit.sabr.nu, quotes.expiry);
    low = std::fmin(low, quote.k), high = std::fmax(high, quote.k);
  }
  measure_residuals(quotes, vols, settings.noise_floor_vol, &report);
  const double range = std::fmax(high - low, 0.05);
  const ButterflyCheck check = sabr_butterfly(settings.formula, fit.sabr, forward, quotes.expiry,
                                              low - 0.5 * range, high + 0.5 * range, 48);
  report.min_g_before = report.min_g_after = check.min_g;
  report.violations_before = report.violations_after = check.violations;
  if (report.verdict != FitVerdict::trusted) return fit;
  if (poor(report)) report.verdict = FitVerdict::poor_fit;
  if (result.end == LeastSquaresEnd::out_of_evaluations)
    report.verdict = FitVerdict::no_convergence;
  if (!(report.condition < 1e7)) report.verdict = FitVerdict::singular;
  return fit;
}

}  // namespace zomma::kernels
