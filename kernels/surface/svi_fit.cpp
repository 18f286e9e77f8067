// svi_fit.cpp: the outer search over m and ln sigma by variable projection, and the report.
#include <zomma/kernels/elementary_more.h>
#include <zomma/kernels/surface/svi_fit.h>

#include <zomma/kernels/surface/least_squares.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "svi_repair.h"
#include "svi_search.h"

namespace zomma::kernels {
namespace {

using svi_inner::Points;
using svi_search::Search;

constexpr int prior_points = 9;

struct Data {
  std::vector<double> k, w, q;
  double s0 = 0, floor = 0, low = 0, high = 0;
  Points points() const { return {k, w, q}; }
  Search search() const { return {points(), s0, floor, low, high}; }
};

Data gather(const SliceQuotes& quotes, const SviFitSettings& settings) {
  Data data;
  const std::size_t count = quotes.log_moneyness.size();
  for (auto* column : {&data.k, &data.w, &data.q}) column->reserve(count + prior_points);
  for (std::size_t i = 0; i < count; ++i) {
    const double bid = quotes.bid_vol[i], ask = quotes.ask_vol[i], k = quotes.log_moneyness[i];
    if (judge_quote(k, bid, ask) != QuoteUse::usable) continue;
    const double mid = 0.5 * (bid + ask);
    data.k.push_back(k);
    data.w.push_back(mid * mid * quotes.expiry);
    data.q.push_back(
        1.0 / (2.0 * mid * quotes.expiry * std::fmax(0.5 * (ask - bid), settings.noise_floor_vol)));
    data.s0 += data.q.back() * data.q.back();
  }
  const bool alone = data.k.empty();
  data.low = alone ? -0.5 : *std::min_element(data.k.begin(), data.k.end());
  data.high = alone ? 0.5 : *std::max_element(data.k.begin(), data.k.end());
  if (settings.prior_weight > 0) {
    const double mean = alone ? 1.0 : data.s0 / static_cast<double>(data.k.size());
    const double q = std::sqrt(mean * settings.prior_weight / prior_points);
    const double range = std::fmax(data.high - data.low, 0.1);
    for (int i = 0; i < prior_points; ++i) {
      const double k = data.low - 0.25 * range + 1.5 * range * i / (prior_points - 1);
      data.k.push_back(k);
      data.w.push_back(total_variance(settings.prior, k).w);
      data.q.push_back(q);
      data.s0 += q * q;
    }
  }
  data.floor = 1e-4 * *std::min_element(data.w.begin(), data.w.end());
  return data;
}

double condition_of(const Data& data, const RawSvi& svi) {
  NormalEquations<5> at;
  for (std::size_t i = 0; i < data.k.size(); ++i) {
    const double x = data.k[i] - svi.m, root = std::sqrt(x * x + svi.sigma * svi.sigma),
                 q = data.q[i];
    at.add(0.0, {q, q * (svi.rho * x + root), q * svi.b * x, -q * svi.b * (svi.rho + x / root),
                 q * svi.b * svi.sigma / root});
  }
  return condition_number<5>(at, {true, true, true, true, true});
}

bool bad(const SviFitSettings& s) {
  return !(s.noise_floor_vol > 0) || !(s.min_g >= 0) || !(s.prior_weight >= 0) ||
         s.max_evaluations < 1 || (s.prior_weight > 0 && !valid(s.prior));
}

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
  report.condition = condition_of(data, fit.svi);
  std::vector<double> vols(quotes.log_moneyness.size());
  for (std::size_t i = 0; i < vols.size(); ++i)
    vols[i] = std::sqrt(std::fmax(total_variance(fit.svi, quotes.log_moneyness[i]).w, 0.0) /
                        quotes.expiry);
  measure_residuals(quotes, vols, settings.noise_floor_vol, &report);
  if (report.verdict != FitVerdict::trusted) return fit;
  if (poor(report)) report.verdict = FitVerdict::poor_fit;
  if (!(report.condition < 1e7)) report.verdict = FitVerdict::singular;
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
