#include "cli/kernels/surface_fit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#ifdef ZOMMA_NLOPT
#include <zomma/kernels/surface/nlopt_optimiser.h>
#endif

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include "base/clock.h"
#include "cli/kernels/surface_models.h"

namespace zomma::cli {
namespace {

using kernels::QuoteUse;

struct NamedModel {
  const char* name;
  std::function<bool(ModelRun&)> run;
  bool takes_optimiser = false;  // searched by least squares of a few numbers
};

const std::vector<NamedModel>& models() {
  static const std::vector<NamedModel> all{
      {"svi", run_svi, true},
      {"essvi", run_essvi, true},
      {"ssvi", run_ssvi, true},
      {"sabr", run_sabr, true},
      {"spline", run_spline},
      {"local-vol", run_local_vol},
      {"kriging", [](ModelRun& run) { return run_radial(run, true); }},
      {"rbf", [](ModelRun& run) { return run_radial(run, false); }},
      {"neural", run_neural},
      {"heston", run_heston, true},
      {"bates", run_bates, true}};
  return all;
}

struct NamedOptimiser {
  const char* name;
  kernels::Optimiser find;
};

const std::vector<NamedOptimiser>& optimisers() {
  static const std::vector<NamedOptimiser> all{
      {"own", nullptr},
#ifdef ZOMMA_NLOPT
      {"nlopt", kernels::nlopt_optimiser},
#endif
  };
  return all;
}

// Why the optimiser cannot be taken for the model, if it cannot.
std::optional<std::string> refusal(const NamedModel& model, const SurfaceSettings& settings,
                                   kernels::Optimiser* optimiser) {
  const auto& all = optimisers();
  const auto named = std::find_if(all.begin(), all.end(),
                                  [&](const auto& o) { return o.name == settings.optimiser; });
  if (named == all.end())
    return fmt::format("--optimiser: found '{}', expected one of {}", settings.optimiser,
                       fmt::join(surface_optimisers(), ", "));
  *optimiser = named->find;
  if (named->find == nullptr || model.takes_optimiser) return std::nullopt;
  std::vector<std::string> takers;
  for (const auto& one : models())
    if (one.takes_optimiser) takers.emplace_back(one.name);
  return fmt::format(
      "--optimiser {}: found --model {}, expected one of {}; the others have a way of "
      "their own",
      settings.optimiser, model.name, fmt::join(takers, ", "));
}

bool usable(const ChainExpiry& expiry, std::size_t i) {
  return kernels::judge_quote(expiry.k[i], expiry.bid_vol[i], expiry.ask_vol[i]) ==
         QuoteUse::usable;
}

// One fit with its residuals, of quotes as they stand.
Result<SurfaceFit> fit_once(const Chain& chain, const SurfaceSettings& settings,
                            kernels::Backend& backend);

// Moves the quotes of one expiry after another within their noise and fits the whole anew: how much
// more, or less, than the quotes does the surface move there? A refit that fails moves it beyond
// all bounds.
void measure_stability(const Chain& chain, const SurfaceSettings& settings,
                       kernels::Backend& backend, SurfaceFit* fit) {
  constexpr std::uint64_t seed = 1;
  Chain moved = chain;
  for (ExpiryFit& one : fit->expiries) {
    const ChainExpiry& expiry = chain.expiries[one.expiry];
    const auto refit = [&](const kernels::SliceQuotes& quotes, std::span<double> vols) {
      ChainExpiry& there = moved.expiries[one.expiry];
      there.bid_vol.assign(quotes.bid_vol.begin(), quotes.bid_vol.end());
      there.ask_vol.assign(quotes.ask_vol.begin(), quotes.ask_vol.end());
      const auto other = fit_once(moved, settings, backend);
      for (std::size_t i = 0; i < vols.size(); ++i)
        vols[i] = other ? other->surface->volatility(expiry.k[i], expiry.years) : INFINITY;
    };
    kernels::assess_stability(expiry.view(), refit, settings.noise_floor_vol,
                              settings.stability_refits, seed, &one.report);
    moved.expiries[one.expiry] = expiry;
    fit->verdict = std::max(fit->verdict, one.report.verdict);
  }
}

// Residuals of the assembled surface at every quote, whatever model made it.
void measure(const Chain& chain, const SurfaceSettings& settings, SurfaceFit* fit) {
  for (ExpiryFit& one : fit->expiries) {
    const ChainExpiry& expiry = chain.expiries[one.expiry];
    one.vol.clear();
    for (std::size_t i = 0; i < expiry.k.size(); ++i) {
      one.vol.push_back(fit->surface->volatility(expiry.k[i], expiry.years));
      if (usable(expiry, i))
        one.inside += one.vol[i] >= expiry.bid_vol[i] && one.vol[i] <= expiry.ask_vol[i];
    }
    kernels::FitReport& report = one.report;
    report.max_vol = report.max_spread = 0;
    kernels::measure_residuals(expiry.view(), one.vol, settings.noise_floor_vol, &report);
    if (report.verdict == kernels::FitVerdict::trusted && kernels::poor(report))
      report.verdict = kernels::FitVerdict::poor_fit;
    fit->verdict =
        &one == &fit->expiries.front() ? report.verdict : std::max(fit->verdict, report.verdict);
  }
}

ArbitrageCount arbitrage_of_mids(const Chain& chain, const std::vector<std::size_t>& expiries) {
  std::vector<double> years;
  std::vector<kernels::Slice> slices;
  std::vector<std::size_t> used;
  for (const std::size_t e : expiries) {
    kernels::SplineSlice slice = spline_of_mids(chain.expiries[e]);
    if (slice.empty()) continue;
    years.push_back(chain.expiries[e].years);
    slices.emplace_back(std::move(slice));
    used.push_back(e);
  }
  kernels::SliceSurface surface;
  if (surface.assign(years, slices) != kernels::ElementStatus::ok) return {};
  return count_arbitrage(surface, chain, used);
}

}  // namespace

std::vector<std::string> surface_models() {
  std::vector<std::string> names;
  for (const auto& model : models()) names.emplace_back(model.name);
  return names;
}

std::vector<std::string> surface_optimisers() {
  std::vector<std::string> names;
  for (const auto& one : optimisers()) names.emplace_back(one.name);
  return names;
}

std::pair<double, double> quoted_range(const ChainExpiry& expiry) {
  std::pair<double, double> range{INFINITY, -INFINITY};
  for (std::size_t i = 0; i < expiry.k.size(); ++i) {
    if (!usable(expiry, i)) continue;
    range.first = std::fmin(range.first, expiry.k[i]);
    range.second = std::fmax(range.second, expiry.k[i]);
  }
  return range;
}

ArbitrageCount count_arbitrage(const kernels::VarianceSurface& surface, const Chain& chain,
                               const std::vector<std::size_t>& expiries) {
  ArbitrageCount count;
  count.min_g = count.min_step = INFINITY;
  for (std::size_t i = 0; i < expiries.size(); ++i) {
    const ChainExpiry& near = chain.expiries[expiries[i]];
    const auto [low, high] = quoted_range(near);
    if (!(low < high)) continue;
    const double own[] = {near.years};
    const auto alone = kernels::check_surface(surface, own, low, high, arbitrage_samples);
    count.butterfly += alone.butterfly_violations;
    count.min_g = std::fmin(count.min_g, alone.min_g);
    if (i + 1 == expiries.size()) continue;
    const ChainExpiry& far = chain.expiries[expiries[i + 1]];
    const auto [far_low, far_high] = quoted_range(far);
    const double from = std::fmax(low, far_low), to = std::fmin(high, far_high);
    if (!(from < to)) continue;
    const double both[] = {near.years, far.years};
    const auto step = kernels::check_surface(surface, both, from, to, arbitrage_samples);
    count.calendar += step.calendar_violations;
    count.min_step = std::fmin(count.min_step, step.min_step);
  }
  return count;
}

double forward_at(const Chain& chain, double years) {
  const auto& all = chain.expiries;
  const auto after =
      std::find_if(all.begin(), all.end(), [&](const auto& e) { return e.years >= years; });
  if (after == all.begin()) return all.front().forward;
  if (after == all.end()) return all.back().forward;
  const ChainExpiry &near = *(after - 1), &far = *after;
  const double share = (years - near.years) / (far.years - near.years);
  return near.forward * std::pow(far.forward / near.forward, share);
}

namespace {

Result<SurfaceFit> fit_once(const Chain& chain, const SurfaceSettings& settings,
                            kernels::Backend& backend) {
  const auto& all = models();
  const auto model =
      std::find_if(all.begin(), all.end(), [&](const auto& m) { return m.name == settings.model; });
  if (model == all.end())
    return Error{Errc::invalid_argument,
                 fmt::format("--model: found '{}', expected one of {}", settings.model,
                             fmt::join(surface_models(), ", "))};
  SurfaceFit fit;
  ModelRun run{chain, settings, backend, fit};
  if (auto why = refusal(*model, settings, &run.optimiser))
    return Error{Errc::invalid_argument, *why};
  for (std::size_t e = 0; e < chain.expiries.size(); ++e) {
    ExpiryFit one;
    one.expiry = e;
    one.report.verdict = kernels::count_quotes(chain.expiries[e].view(), 2, &one.report);
    const auto [low, high] = quoted_range(chain.expiries[e]);
    if (low < high) {
      fit.expiries.push_back(std::move(one));
    } else {
      fit.left_out.push_back(fmt::format("{}: {}", chain.expiries[e].label, explain(one.report)));
    }
  }
  const Nanoseconds begin = monotonic_now();
  const bool fitted = !fit.expiries.empty() && model->run(run);
  fit.milliseconds = static_cast<double>((monotonic_now() - begin).value) * 1e-6;
  if (!fitted)
    return Error{Errc::refused,
                 fmt::format("--model {}: nothing could be fitted: {}", settings.model,
                             fit.left_out.empty() ? "no usable quotes" : fit.left_out.front())};
  measure(chain, settings, &fit);
  return fit;
}

}  // namespace

Result<SurfaceFit> fit_surface(const Chain& chain, const SurfaceSettings& settings,
                               kernels::Backend& backend) {
  auto fit = fit_once(chain, settings, backend);
  if (!fit) return fit.error();
  std::vector<std::size_t> used;
  for (const auto& one : fit->expiries) used.push_back(one.expiry);
  fit->before = arbitrage_of_mids(chain, used);
  fit->after = count_arbitrage(*fit->surface, chain, used);
  if (settings.stability_refits > 0) measure_stability(chain, settings, backend, &*fit);
  return fit;
}

}  // namespace zomma::cli
