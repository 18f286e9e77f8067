// svi_fit.cpp: the outer search over m and ln sigma by variable projection, and the report.
#include <zomma/kernels/elementary_more.h>
#include <zomma/kernels/surface/svi_fit.h>

#include <zomma/kernels/surface/least_squares.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "svi_inner.h"
#include "svi_repair.h"

namespace zomma::kernels {
namespace {

using svi_inner::Face;
using svi_inner::Points;
using svi_inner::Solution;

constexpr int prior_points = 9;

struct Data {
  std::vector<double> k, w, q;
  double s0 = 0, floor = 0, low = 0, high = 0;
  Points points() const { return {k, w, q}; }
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

// The outer problem: residuals after the inner solution, with Kaufman's Jacobian: the derivative at
// fixed inner numbers, less what the inner numbers can take up.
struct Outer {
  const Data& data;

  double operator()(const Vector<2>& x, NormalEquations<2>* out) const {
    const double m = x[0], sigma = exp(x[1]);
    const Solution s = svi_inner::solve(data.points(), data.s0, m, sigma, data.floor);
    double cost = 0;
    for (std::size_t i = 0; i < data.k.size(); ++i) {
      const double y = (data.k[i] - m) / sigma;
      const double r = data.q[i] * (s.a + s.d * y + s.c * std::sqrt(1.0 + y * y) - data.w[i]);
      cost += 0.5 * r * r;
    }
    if (out) derivatives(s, m, sigma, out);
    return cost;
  }

  // Inner directions: the level (or what replaces it), and one or two more as the active face
  // allows.
  static int directions(const Solution& s, double y, double z, double* column) {
    switch (s.face) {
      case Face::interior:
        column[0] = 1.0, column[1] = y, column[2] = z;
        return 3;
      case Face::edge:
        column[0] = 1.0, column[1] = s.edge_d * y + s.edge_c * z;
        return 2;
      case Face::vertex:
        column[0] = 1.0;
        return 1;
      case Face::floor: {
        const double rho = s.c > 0 ? s.d / s.c : 0.0, q = std::sqrt((1.0 - rho) * (1.0 + rho));
        column[0] = z + rho * y - q, column[1] = y + rho / q;
        return 2;
      }
    }
    return 0;
  }

  // Gram-Schmidt by normal equations of at most 3 + 3 columns: the last three are dr/dm, dr/dln
  // sigma and r.
  void derivatives(const Solution& s, double m, double sigma, NormalEquations<2>* out) const {
    std::array<std::array<double, 6>, 6> gram{};
    int count = 0;
    for (std::size_t i = 0; i < data.k.size(); ++i) {
      const double y = (data.k[i] - m) / sigma, z = std::sqrt(1.0 + y * y), q = data.q[i];
      double column[6];
      count = directions(s, y, z, column);
      const double slope = s.d + s.c * y / z;
      column[count] = -slope / sigma;
      column[count + 1] = -y * slope + (s.scales ? s.d * y + s.c * z : 0.0);
      column[count + 2] = s.a + s.d * y + s.c * z - data.w[i];
      for (int a = 0; a < count + 3; ++a)
        for (int b = a; b < count + 3; ++b)
          gram[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)] +=
              q * q * column[a] * column[b];
    }
    const auto n = static_cast<std::size_t>(count);
    for (std::size_t p = 0; p < n; ++p) {
      if (!(gram[p][p] > 0)) continue;
      for (std::size_t a = p + 1; a < n + 3; ++a)
        for (std::size_t b = a; b < n + 3; ++b) gram[a][b] -= gram[p][a] * gram[p][b] / gram[p][p];
    }
    out->cost = 0.5 * gram[n + 2][n + 2];
    out->gradient = {gram[n][n + 2], gram[n + 1][n + 2]};
    out->matrix[0] = {std::fmax(gram[n][n], 0.0), gram[n][n + 1]};
    out->matrix[1][1] = std::fmax(gram[n + 1][n + 1], 0.0);
  }
};

RawSvi slice_of(const Data& data, const Vector<2>& x) {
  const double sigma = exp(x[1]);
  const Solution s = svi_inner::solve(data.points(), data.s0, x[0], sigma, data.floor);
  return {s.a, s.c / sigma, s.c > 0 ? s.d / s.c : 0.0, x[0], sigma};
}

Bounds<2> outer_bounds(const Data& data) {
  Bounds<2> bounds;
  const double range = std::fmax(data.high - data.low, 0.05);
  bounds.low = {data.low - range, log(5e-3 * range)};
  bounds.high = {data.high + range, log(5.0 * range)};
  return bounds;
}

// The best of a coarse grid is where the search starts: the cost has several valleys when wings are
// one-sided.
RawSvi search(const Data& data, const SviFitSettings& settings, FitReport* report) {
  const double range = std::fmax(data.high - data.low, 0.05);
  const Outer outer{data};
  Vector<2> start{};
  double least = INFINITY;
  for (const double place : {0.15, 0.4, 0.6, 0.85})
    for (const double width : {0.08, 0.25, 0.8}) {
      const Vector<2> x{data.low + place * range, log(width * range)};
      const double cost = outer(x, nullptr);
      ++report->evaluations;
      if (cost < least) least = cost, start = x;
    }
  LeastSquaresSettings lm;
  lm.max_evaluations = settings.max_evaluations;
  lm.relative_decrease = 1e-9;
  lm.relative_step = 1e-9;
  lm.initial_damping = 1e-3;
  const auto result = least_squares<2>(outer, start, outer_bounds(data), lm);
  report->evaluations += result.evaluations;
  if (result.end == LeastSquaresEnd::out_of_evaluations)
    report->verdict = FitVerdict::no_convergence;
  return slice_of(data, result.x);
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
  RawSvi svi = search(data, settings, report);
  const ButterflyCheck before = check_butterfly(svi);
  report->min_g_before = report->min_g_after = before.min_g;
  report->violations_before = before.violations + !before.wings;
  report->violations_after = report->violations_before;
  if (before.free() || !settings.butterfly_free) return svi;
  svi = repair(data.points(), svi, data.floor, settings.min_g, settings.max_evaluations,
               &report->evaluations);
  const ButterflyCheck after = check_butterfly(svi);
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
  return repair({k, w, q}, svi, std::fmax(1e-4 * least, 1e-12), min_g, 100, &evaluations);
}

}  // namespace zomma::kernels
