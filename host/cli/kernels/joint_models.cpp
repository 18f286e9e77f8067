// joint_models.cpp: models of the whole surface at once: kriging, radial functions, a neural
// network, Heston and Bates.
#include <fmt/format.h>
#include <zomma/kernels/heston.h>
#include <zomma/kernels/implied.h>
#include <zomma/kernels/surface/heston_pricer.h>
#include <zomma/kernels/surface/model_fit.h>
#include <zomma/kernels/surface/neural_surface.h>
#include <zomma/kernels/surface/radial_surface.h>

#include <cmath>

#include "cli/kernels/surface_models.h"

namespace zomma::cli {
namespace {

using kernels::FitReport;
using kernels::FitVerdict;

// The joint verdict for each expiry, whose own residuals follow.
void share_verdict(ModelRun& run, const FitReport& report) {
  run.fit.condition = report.condition;
  if (report.verdict == FitVerdict::poor_fit) return;  // each expiry says for itself
  for (ExpiryFit& one : run.fit.expiries) one.report.verdict = report.verdict;
}

std::vector<kernels::SurfaceQuote> quotes_of(const ModelRun& run) {
  std::vector<kernels::SurfaceQuote> quotes;
  for (const auto& one : run.fit.expiries) {
    const ChainExpiry& expiry = run.chain.expiries[one.expiry];
    for (std::size_t i = 0; i < expiry.k.size(); ++i)
      quotes.push_back({expiry.years, expiry.forward, expiry.quotes[i].strike, expiry.bid_vol[i],
                        expiry.ask_vol[i]});
  }
  return quotes;
}

// One expiry's smile under the model, over the quoted strikes and half their range beyond, as a
// spline. A natural spline is straight at its ends, where the model's smile is not: within the
// quotes that would look like arbitrage.
kernels::SplineSlice model_smile(ModelRun& run, const ChainExpiry& expiry,
                                 const kernels::HestonParameters& model,
                                 const kernels::JumpParameters& jumps) {
  constexpr std::size_t points = 241;
  const auto [quoted_low, quoted_high] = quoted_range(expiry);
  const double reach = 0.5 * (quoted_high - quoted_low), low = quoted_low - reach,
               high = quoted_high + reach;
  std::vector<double> k, strike, price(points), vol(points), good_k, w;
  std::vector<std::int8_t> sign;
  for (std::size_t i = 0; i < points; ++i) {
    k.push_back(low + (high - low) * static_cast<double>(i) / (points - 1));
    strike.push_back(std::exp(k.back()));
    sign.push_back(k.back() >= 0 ? 1 : -1);
  }
  std::vector<kernels::ElementStatus> status(points), implied(points);
  const kernels::HestonExpiry whole[] = {{expiry.years, 0.0, 0.0, 0, points}};
  const std::vector<double> forward(points, 1.0), years(points, expiry.years);
  kernels::SplineSlice slice;
  if (heston_price(run.backend, model, jumps, {1.0, whole, strike, sign},
                   {price, {}, {}, {}, status}) != kernels::Status::ok ||
      implied_volatility(run.backend, kernels::ImpliedModel::black,
                         {sign, price, forward, strike, years}, vol,
                         implied) != kernels::Status::ok)
    return slice;
  // Beyond the prices that carry digits the volatility is noise.
  constexpr double least_price = 1e-11;
  for (std::size_t i = 0; i < points; ++i) {
    if (status[i] != kernels::ElementStatus::ok || implied[i] != kernels::ElementStatus::ok)
      continue;
    if (price[i] < least_price) continue;
    good_k.push_back(k[i]), w.push_back(vol[i] * vol[i] * expiry.years);
  }
  (void)kernels::SplineSlice::make(good_k, w, &slice);
  return slice;
}

bool assemble_model(ModelRun& run, const kernels::HestonParameters& model,
                    const kernels::JumpParameters& jumps) {
  std::vector<kernels::Slice> slices;
  for (const auto& one : run.fit.expiries)
    slices.emplace_back(model_smile(run, run.chain.expiries[one.expiry], model, jumps));
  return assemble(run, std::move(slices));
}

// Quotes of joint fits may be too few for one expiry and enough together.
bool refused(ModelRun& run, const FitReport& report) {
  if (report.verdict != FitVerdict::invalid_input && report.verdict != FitVerdict::too_few_quotes &&
      report.verdict != FitVerdict::one_sided)
    return false;
  run.fit.left_out.insert(run.fit.left_out.begin(), explain(report));
  return true;
}

}  // namespace

bool run_radial(ModelRun& run, bool kriging) {
  kernels::RadialSettings settings;
  settings.noise_floor_vol = run.settings.noise_floor_vol;
  settings.kernel = kriging ? kernels::RadialKernel::matern52 : kernels::RadialKernel::gaussian;
  auto fit = kernels::fit_radial(run.slices(), settings);
  if (fit.surface.empty()) {
    run.fit.left_out.insert(run.fit.left_out.begin(),
                            explain(fit.report) + "; kriging and rbf take at most 2000 quotes");
    return false;
  }
  share_verdict(run, fit.report);
  run.fit.parameters = {{"width_k", fit.surface.width_k()},
                        {"width_expiry", fit.surface.width_expiry()},
                        {"deviation", fit.surface.deviation()}};
  run.fit.surface = std::make_unique<kernels::RadialSurface>(std::move(fit.surface));
  return true;
}

bool run_neural(ModelRun& run) {
  kernels::NeuralSettings settings;
  settings.noise_floor_vol = run.settings.noise_floor_vol;
  const auto fit = kernels::fit_neural(run.slices(), settings);
  if (fit.surface.empty()) {
    run.fit.left_out.insert(run.fit.left_out.begin(), explain(fit.report));
    return false;
  }
  share_verdict(run, fit.report);
  run.fit.surface = std::make_unique<kernels::NeuralSurface>(fit.surface);
  return true;
}

bool run_heston(ModelRun& run) {
  const auto quotes = quotes_of(run);
  auto settings = kernels::heston_settings(quotes);
  settings.noise_floor_vol = run.settings.noise_floor_vol;
  settings.optimiser = run.optimiser;
  const auto fit = kernels::fit_heston(quotes, kernels::heston_pricer(run.backend), settings);
  if (refused(run, fit.report)) return false;
  share_verdict(run, fit.report);
  const auto& p = fit.point;
  run.fit.parameters = {
      {"v0", p[0]}, {"kappa", p[1]}, {"theta", p[2]}, {"vol_of_vol", p[3]}, {"rho", p[4]}};
  return assemble_model(run, {p[0], p[1], p[2], p[3], p[4]}, {});
}

bool run_bates(ModelRun& run) {
  const auto quotes = quotes_of(run);
  auto settings = kernels::bates_settings(quotes);
  settings.noise_floor_vol = run.settings.noise_floor_vol;
  settings.optimiser = run.optimiser;
  const auto fit = kernels::fit_bates(quotes, kernels::bates_pricer(run.backend), settings);
  if (refused(run, fit.report)) return false;
  share_verdict(run, fit.report);
  const auto& p = fit.point;
  run.fit.parameters = {{"v0", p[0]},         {"kappa", p[1]},         {"theta", p[2]},
                        {"vol_of_vol", p[3]}, {"rho", p[4]},           {"intensity", p[5]},
                        {"jump_mean", p[6]},  {"jump_deviation", p[7]}};
  return assemble_model(run, {p[0], p[1], p[2], p[3], p[4]}, {p[5], p[6], p[7]});
}

}  // namespace zomma::cli
