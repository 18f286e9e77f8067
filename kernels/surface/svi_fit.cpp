// svi_fit.cpp: the outer search over m and ln sigma by variable projection, and the report.
#include <zomma/kernels/elementary_more.h>
#include <zomma/kernels/surface/svi_fit.h>

#include <zomma/kernels/surface/least_squares.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "svi_data.h"
#include "svi_repair.h"
#include "svi_search.h"

namespace zomma::kernels {
namespace {

using svi_data::bad;
using svi_data::Data;
using svi_data::finish_report;
using svi_data::gather;

RawSvi fit_slice(const Data& data, const SviFitSettings& settings, FitReport* report) {
  const auto found =
      svi_search::search(data.search(), settings.max_evaluations,
                         [&](const svi_search::Outer& outer, const Vector<2>& start,
                             const Bounds<2>& bounds, const LeastSquaresSettings& lm) {
                           return minimise<2>(settings.optimiser, outer, start, bounds, lm);
                         });
  report->evaluations += found.evaluations;
  if (!found.converged) report->verdict = FitVerdict::no_convergence;
  RawSvi svi = found.svi;
  const ButterflyCheck before = check_butterfly(svi);
  report->min_g_before = report->min_g_after = before.min_g;
  report->violations_before = before.violations + !before.wings;
  report->violations_after = report->violations_before;
  if (before.free() || !settings.butterfly_free) return svi;
  ButterflyCheck after;
  svi = repair(data.points(), svi, data.floor, settings.min_g, settings.max_evaluations,
               &report->evaluations, &after);
  report->min_g_after = after.min_g;
  report->violations_after = after.violations + !after.wings;
  return svi;
}

}  // namespace

SviFit fit_svi(const SliceQuotes& quotes, const SviFitSettings& settings) {
  SviFit fit;
  FitReport& report = fit.report;
  if (bad(settings)) return fit;
  const FitVerdict counted = count_quotes(quotes, settings.prior_weight > 0 ? 0 : 5, &report);
  report.verdict = counted;
  if (counted == FitVerdict::invalid_input ||
      (report.quotes_used < 5 && !(settings.prior_weight > 0)))
    return fit;
  const Data data = gather(quotes, settings);
  fit.svi = fit_slice(data, settings, &report);
  finish_report(quotes, data, settings, &fit);
  return fit;
}

void assess_stability(const SliceQuotes& quotes, const SviFitSettings& settings, int refits,
                      std::uint64_t seed, SviFit* fit) {
  if (bad(settings) || !valid(fit->svi)) return;
  const auto refit = [&](const SliceQuotes& moved, std::span<double> vols) {
    FitReport ignored;
    const RawSvi svi = fit_slice(gather(moved, settings), settings, &ignored);
    for (std::size_t i = 0; i < vols.size(); ++i)
      vols[i] = std::sqrt(total_variance(svi, moved.log_moneyness[i]).w / moved.expiry);
  };
  assess_stability(quotes, refit, settings.noise_floor_vol, refits, seed, &fit->report);
}

Status fit_svi_batch(Backend& backend, std::span<const SliceQuotes> quotes,
                     const SviFitSettings& settings, std::span<SviFit> results) {
  if (quotes.size() != results.size()) return Status::length_mismatch;
  if (bad(settings)) return Status::invalid_setting;
  backend.for_chunks(quotes.size(), 8, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) results[i] = fit_svi(quotes[i], settings);
  });
  return Status::ok;
}

Status search_svi_batch(Backend& backend, const SviPoints& points, int max_evaluations,
                        std::span<RawSvi> svi, std::span<double> cost,
                        std::span<ElementStatus> status) {
  if (!svi_search::points_fit(points, svi.size(), cost.size(), status.size()) ||
      !std::is_sorted(points.first.begin(), points.first.end()) ||
      points.first.back() != points.k.size())
    return Status::length_mismatch;
  if (max_evaluations < 1) return Status::invalid_setting;
  backend.for_chunks(svi.size(), 8, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      svi_search::search_row(points, i, max_evaluations, svi, cost, status);
  });
  return Status::ok;
}

RawSvi repair_butterfly(const RawSvi& svi, double low, double high, double min_g) {
  if (!valid(svi) || (least_variance(svi) > 0 && check_butterfly(svi).free()) || !(low < high))
    return svi;
  std::array<double, 33> k, w, q;
  double largest = 0, least = INFINITY;
  for (std::size_t i = 0; i < k.size(); ++i) {
    k[i] = low + (high - low) * static_cast<double>(i) / static_cast<double>(k.size() - 1);
    w[i] = total_variance(svi, k[i]).w;
    largest = std::fmax(largest, w[i]);
    least = std::fmin(least, w[i]);
  }
  q.fill(1000.0 /
         largest);  // as if known to a thousandth: enough for closeness, little against the penalty
  int evaluations = 0;
  ButterflyCheck check;
  return repair({k, w, q}, svi, std::fmax(1e-4 * least, 1e-12), min_g, 100, &evaluations, &check);
}

}  // namespace zomma::kernels
