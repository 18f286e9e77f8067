// slice_models.cpp: models that fit expiries as slices: SVI, eSSVI, SSVI, SABR, splines and the
// local volatility grid.
#include <fmt/format.h>
#include <zomma/kernels/surface/andreasen_huge.h>
#include <zomma/kernels/surface/sabr.h>
#include <zomma/kernels/surface/ssvi.h>
#include <zomma/kernels/surface/svi_fit.h>

#include <algorithm>
#include <cmath>

#include "cli/kernels/surface_models.h"

namespace zomma::cli {
namespace {

using kernels::FitReport;
using kernels::FitVerdict;
using kernels::RawSvi;
using kernels::Slice;
using kernels::SplineSlice;

Parameters of_svi(const RawSvi& svi) {
  return {{"a", svi.a}, {"b", svi.b}, {"rho", svi.rho}, {"m", svi.m}, {"sigma", svi.sigma}};
}
Parameters of_essvi(const kernels::EssviSlice& slice) {
  return {{"theta", slice.theta}, {"rho", slice.rho}, {"psi", slice.psi}};
}

// A smile that is a formula, as a spline over the quotes and half their range beyond.
template <class TotalVariance>
SplineSlice sampled(const ChainExpiry& expiry, const TotalVariance& total) {
  constexpr int points = 161;
  const auto [low, high] = quoted_range(expiry);
  const double reach = 0.5 * (high - low);
  std::vector<double> k, w;
  for (int i = 0; i < points; ++i) {
    const double at = low - reach + (high - low + 2 * reach) * i / (points - 1);
    const double value = total(at);
    if (value > 0 && std::isfinite(value)) k.push_back(at), w.push_back(value);
  }
  SplineSlice slice;
  (void)SplineSlice::make(k, w, &slice);
  return slice;
}

}  // namespace

std::vector<kernels::SliceQuotes> ModelRun::slices() const {
  std::vector<kernels::SliceQuotes> all;
  for (const auto& one : fit.expiries) all.push_back(chain.expiries[one.expiry].view());
  return all;
}

bool assemble(ModelRun& run, std::vector<Slice> slices) {
  std::vector<ExpiryFit> kept;
  std::vector<Slice> good;
  std::vector<double> years;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    ExpiryFit& one = run.fit.expiries[i];
    const ChainExpiry& expiry = run.chain.expiries[one.expiry];
    kernels::SliceSurface alone;
    const double own[] = {expiry.years};
    if (alone.assign(own, std::span(slices).subspan(i, 1)) != kernels::ElementStatus::ok) {
      run.fit.left_out.push_back(fmt::format("{}: {}", expiry.label, explain(one.report)));
      continue;
    }
    kept.push_back(std::move(one));
    good.push_back(std::move(slices[i]));
    years.push_back(expiry.years);
  }
  run.fit.expiries = std::move(kept);
  auto surface = std::make_unique<kernels::SliceSurface>();
  if (surface->assign(years, good) != kernels::ElementStatus::ok) return false;
  run.fit.surface = std::move(surface);
  return true;
}

SplineSlice spline_of_mids(const ChainExpiry& expiry) {
  std::vector<double> k, w;
  for (std::size_t i = 0; i < expiry.k.size(); ++i) {
    if (kernels::judge_quote(expiry.k[i], expiry.bid_vol[i], expiry.ask_vol[i]) !=
        kernels::QuoteUse::usable)
      continue;
    const double mid = 0.5 * (expiry.bid_vol[i] + expiry.ask_vol[i]);
    const double total = mid * mid * expiry.years;
    if (!k.empty() && expiry.k[i] - k.back() < 1e-9) {
      w.back() = 0.5 * (w.back() + total);  // a call and a put of one strike
    } else {
      k.push_back(expiry.k[i]), w.push_back(total);
    }
  }
  SplineSlice slice;
  (void)SplineSlice::make(k, w, &slice);
  return slice;
}

bool run_spline(ModelRun& run) {
  std::vector<Slice> slices;
  for (ExpiryFit& one : run.fit.expiries) {
    const ChainExpiry& expiry = run.chain.expiries[one.expiry];
    SplineSlice slice = spline_of_mids(expiry);
    if (!slice.empty()) {
      const auto check =
          kernels::check_butterfly([&](double k) { return slice(k); }, slice.low(), slice.high());
      one.report.min_g_before = one.report.min_g_after = check.min_g;
      one.report.violations_before = one.report.violations_after = check.violations;
    }
    slices.emplace_back(std::move(slice));
  }
  return assemble(run, std::move(slices));
}

bool run_svi(ModelRun& run) {
  kernels::SviFitSettings settings;
  settings.noise_floor_vol = run.settings.noise_floor_vol;
  settings.optimiser = run.optimiser;
  const auto quotes = run.slices();
  std::vector<kernels::SviFit> fits(quotes.size());
  if (fit_svi_batch(run.backend, quotes, settings, fits) != kernels::Status::ok) return false;
  std::vector<Slice> slices;
  for (std::size_t i = 0; i < fits.size(); ++i) {
    const bool none = fits[i].report.verdict == FitVerdict::too_few_quotes ||
                      fits[i].report.verdict == FitVerdict::invalid_input ||
                      (fits[i].report.quotes_used < 5);
    run.fit.expiries[i].report = fits[i].report;
    run.fit.expiries[i].parameters = of_svi(fits[i].svi);
    slices.emplace_back(none ? Slice(SplineSlice{}) : Slice(fits[i].svi));
  }
  return assemble(run, std::move(slices));
}

bool run_essvi(ModelRun& run) {
  const auto fits = kernels::fit_essvi(run.slices(), run.settings.noise_floor_vol, run.optimiser);
  if (fits.slices.size() != run.fit.expiries.size()) return false;
  std::vector<Slice> slices;
  for (std::size_t i = 0; i < fits.slices.size(); ++i) {
    run.fit.expiries[i].report = fits.reports[i];
    run.fit.expiries[i].parameters = of_essvi(fits.slices[i]);
    slices.emplace_back(to_raw(fits.slices[i]));
  }
  return assemble(run, std::move(slices));
}

// The levels at the money are those of an eSSVI fit, which grow with time; then rho, eta and gamma
// of all expiries together.
bool run_ssvi(ModelRun& run) {
  const auto quotes = run.slices();
  const auto levels = kernels::fit_essvi(quotes, run.settings.noise_floor_vol, run.optimiser);
  if (levels.slices.size() != quotes.size()) return false;
  std::vector<double> theta;
  for (const auto& slice : levels.slices) theta.push_back(slice.theta);
  const auto fit = kernels::fit_ssvi(quotes, theta, run.settings.noise_floor_vol, run.optimiser);
  run.fit.parameters = {{"rho", fit.ssvi.rho}, {"eta", fit.ssvi.eta}, {"gamma", fit.ssvi.gamma}};
  run.fit.condition = fit.report.condition;
  std::vector<Slice> slices;
  for (std::size_t i = 0; i < theta.size(); ++i) {
    const auto slice = slice_at(fit.ssvi, theta[i]);
    ExpiryFit& one = run.fit.expiries[i];
    if (fit.report.verdict != FitVerdict::poor_fit) one.report.verdict = fit.report.verdict;
    one.parameters = of_essvi(slice);
    const auto check = kernels::check_butterfly(to_raw(slice));
    one.report.min_g_after = check.min_g, one.report.violations_after = check.violations;
    slices.emplace_back(to_raw(slice));
  }
  return assemble(run, std::move(slices));
}

bool run_sabr(ModelRun& run) {
  kernels::SabrFitSettings settings;
  settings.noise_floor_vol = run.settings.noise_floor_vol;
  settings.beta = run.settings.sabr_beta;
  settings.optimiser = run.optimiser;
  std::vector<Slice> slices;
  for (ExpiryFit& one : run.fit.expiries) {
    const ChainExpiry& expiry = run.chain.expiries[one.expiry];
    const auto fit = kernels::fit_sabr(expiry.view(), expiry.forward, settings);
    one.report = fit.report;
    one.parameters = {{"alpha", fit.sabr.alpha},
                      {"beta", fit.sabr.beta},
                      {"rho", fit.sabr.rho},
                      {"nu", fit.sabr.nu}};
    if (!valid(fit.sabr)) {
      slices.emplace_back(SplineSlice{});
      continue;
    }
    slices.emplace_back(sampled(expiry, [&](double k) {
      const double vol = sabr_volatility(settings.formula, fit.sabr, expiry.forward,
                                         expiry.forward * std::exp(k), expiry.years);
      return vol > 0 ? vol * vol * expiry.years : 0.0;
    }));
  }
  return assemble(run, std::move(slices));
}

// Besides the quoted expiries the grid gives smiles at two times between each pair of them.
bool run_local_vol(ModelRun& run) {
  kernels::LocalVolSettings settings;
  settings.noise_floor_vol = run.settings.noise_floor_vol;
  const auto fit = kernels::fit_local_vol(run.slices(), settings);
  if (fit.grid.k().empty()) return false;
  std::vector<double> years;
  for (std::size_t i = 0; i < run.fit.expiries.size(); ++i) {
    ExpiryFit& one = run.fit.expiries[i];
    one.report = fit.reports[i];
    const double here = run.chain.expiries[one.expiry].years;
    if (!years.empty()) {
      const double before = years.back();
      for (const int part : {1, 2}) years.push_back(before + (here - before) * part / 3);
    }
    years.push_back(here);
  }
  std::vector<double> good;
  std::vector<Slice> slices;
  for (const double t : years) {
    SplineSlice slice;
    if (fit.grid.smile(t, &slice) != kernels::ElementStatus::ok) continue;
    good.push_back(t);
    slices.emplace_back(std::move(slice));
  }
  auto surface = std::make_unique<kernels::SliceSurface>();
  if (surface->assign(good, slices) != kernels::ElementStatus::ok) return false;
  run.fit.surface = std::move(surface);
  return true;
}

}  // namespace zomma::cli
