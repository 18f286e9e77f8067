// svi_search.h: the outer search of the SVI fit over m and ln sigma by variable projection, for one
// slice on any backend. Nothing is allocated.
#pragma once

#include <zomma/kernels/surface/least_squares.h>
#include <zomma/kernels/surface/svi_fit.h>

#include <array>
#include <cmath>

#include "svi_inner.h"

namespace zomma::kernels::svi_search {

using svi_inner::Face;
using svi_inner::Points;
using svi_inner::Solution;

// The points of a slice, the sum of their q^2, the least variance allowed, and their range of k.
struct Search {
  Points points;
  double s0 = 0, floor = 0, low = 0, high = 0;
};

// The outer problem: residuals after the inner solution, with Kaufman's Jacobian: the derivative at
// fixed inner numbers, less what the inner numbers can take up.
struct Outer {
  const Search& data;

  ZM_HOST_DEVICE double operator()(const Vector<2>& x, NormalEquations<2>* out) const {
    const double m = x[0], sigma = exp(x[1]);
    const Solution s = svi_inner::solve(data.points, data.s0, m, sigma, data.floor);
    double cost = 0;
    for (std::size_t i = 0; i < data.points.k.size(); ++i) {
      const double y = (data.points.k[i] - m) / sigma;
      const double r =
          data.points.q[i] * (s.a + s.d * y + s.c * std::sqrt(1.0 + y * y) - data.points.w[i]);
      cost += 0.5 * r * r;
    }
    if (out) derivatives(s, m, sigma, out);
    return cost;
  }

  // Inner directions: the level (or what replaces it), and one or two more as the active face
  // allows.
  ZM_HOST_DEVICE static int directions(const Solution& s, double y, double z, double* column) {
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
  ZM_HOST_DEVICE void derivatives(const Solution& s, double m, double sigma,
                                  NormalEquations<2>* out) const {
    std::array<std::array<double, 6>, 6> gram{};
    int count = 0;
    for (std::size_t i = 0; i < data.points.k.size(); ++i) {
      const double y = (data.points.k[i] - m) / sigma, z = std::sqrt(1.0 + y * y),
                   q = data.points.q[i];
      double column[6];
      count = directions(s, y, z, column);
      const double slope = s.d + s.c * y / z;
      column[count] = -slope / sigma;
      column[count + 1] = -y * slope + (s.scales ? s.d * y + s.c * z : 0.0);
      column[count + 2] = s.a + s.d * y + s.c * z - data.points.w[i];
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

ZM_HOST_DEVICE inline RawSvi slice_of(const Search& data, const Vector<2>& x) {
  const double sigma = exp(x[1]);
  const Solution s = svi_inner::solve(data.points, data.s0, x[0], sigma, data.floor);
  return {s.a, s.c / sigma, s.c > 0 ? s.d / s.c : 0.0, x[0], sigma};
}

ZM_HOST_DEVICE inline Bounds<2> outer_bounds(const Search& data) {
  Bounds<2> bounds;
  const double range = std::fmax(data.high - data.low, 0.05);
  bounds.low = {data.low - range, log(5e-3 * range)};
  bounds.high = {data.high + range, log(5.0 * range)};
  return bounds;
}

struct Found {
  RawSvi svi;
  double cost = 0;  // half the sum of squared residuals
  int evaluations = 0;
  bool converged = false;
};

// The best of a coarse grid is where the search starts: the cost has several valleys when wings are
// one-sided. minimise(outer, start, bounds, settings) is least_squares<2> or a stand-in for it.
template <class Minimise>
ZM_HOST_DEVICE Found search(const Search& data, int max_evaluations, const Minimise& minimise) {
  const double range = std::fmax(data.high - data.low, 0.05);
  const Outer outer{data};
  Found found;
  Vector<2> start{};
  double least = INFINITY;
  for (const double place : {0.15, 0.4, 0.6, 0.85})
    for (const double width : {0.08, 0.25, 0.8}) {
      const Vector<2> x{data.low + place * range, log(width * range)};
      const double cost = outer(x, nullptr);
      ++found.evaluations;
      if (cost < least) least = cost, start = x;
    }
  LeastSquaresSettings lm;
  lm.max_evaluations = max_evaluations;
  lm.relative_decrease = 1e-9;
  lm.relative_step = 1e-9;
  lm.initial_damping = 1e-3;
  const auto result = minimise(outer, start, outer_bounds(data), lm);
  found.evaluations += result.evaluations;
  found.converged = result.end == LeastSquaresEnd::converged;
  found.cost = result.cost;
  found.svi = slice_of(data, result.x);
  return found;
}

ZM_HOST_DEVICE inline Found search(const Search& data, int max_evaluations) {
  return search(
      data, max_evaluations,
      [](const Outer& outer, const Vector<2>& start, const Bounds<2>& bounds,
         const LeastSquaresSettings& lm) { return least_squares<2>(outer, start, bounds, lm); });
}

// The slice through points without a prior: at least five, all finite, w and q positive; else
// domain.
ZM_HOST_DEVICE inline ElementStatus search_points(const Points& points, int max_evaluations,
                                                  Found* found) {
  Search data{points};
  double least = INFINITY;
  data.low = INFINITY, data.high = -INFINITY;
  bool good = points.k.size() >= 5;
  for (std::size_t i = 0; i < points.k.size(); ++i) {
    const double k = points.k[i], w = points.w[i], q = points.q[i];
    good = good && std::fabs(k) < 1e3 && w > 0 && w < 1e6 && q > 0 && q < 1e100;
    data.low = std::fmin(data.low, k), data.high = std::fmax(data.high, k);
    least = std::fmin(least, w);
    data.s0 += q * q;
  }
  *found = {};
  if (!good) return ElementStatus::domain;
  data.floor = 1e-4 * least;
  *found = search(data, max_evaluations);
  return found->converged ? ElementStatus::ok : ElementStatus::no_convergence;
}

inline bool points_fit(const SviPoints& points, std::size_t slices, std::size_t cost,
                       std::size_t status) {
  return points.first.size() == slices + 1 && points.k.size() == points.w.size() &&
         points.k.size() == points.q.size() && (cost == 0 || cost == slices) &&
         (status == 0 || status == slices);
}

ZM_HOST_DEVICE inline void search_row(const SviPoints& points, std::size_t i, int max_evaluations,
                                      std::span<RawSvi> svi, std::span<double> cost,
                                      std::span<ElementStatus> status) {
  const std::size_t from = points.first[i], count = points.first[i + 1] - from;
  Found found;
  const ElementStatus how = search_points(
      {points.k.subspan(from, count), points.w.subspan(from, count), points.q.subspan(from, count)},
      max_evaluations, &found);
  svi[i] = found.svi;
  if (!cost.empty()) cost[i] = found.cost;
  if (!status.empty()) status[i] = how;
}

}  // namespace zomma::kernels::svi_search
