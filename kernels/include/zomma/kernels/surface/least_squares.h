// least_squares.h: Levenberg-Marquardt for a handful of parameters with an analytic Jacobian and
// bounds. The dimension is fixed at compile time, nothing is allocated, and many problems run side
// by side on a Backend. Sources: Marquardt (1963); damping as in Madsen, Nielsen & Tingleff (2004),
// section 3.2; bounds by freezing what a step would push outward.
#pragma once

#include <zomma/kernels/backend.h>
#include <zomma/kernels/real.h>

#include <array>
#include <cmath>
#include <limits>
#include <span>

namespace zomma::kernels {

template <int N>
using Vector = std::array<double, N>;

// Half the sum of squared residuals with its gradient J'r and Gauss-Newton matrix J'J (upper
// triangle used).
template <int N>
struct NormalEquations {
  double cost = 0;
  Vector<N> gradient{};
  std::array<Vector<N>, N> matrix{};

  ZM_HOST_DEVICE void add(double residual, const Vector<N>& row) {
    cost += 0.5 * residual * residual;
    for (int i = 0; i < N; ++i) {
      gradient[i] += row[i] * residual;
      for (int j = i; j < N; ++j) matrix[i][j] += row[i] * row[j];
    }
  }
};

struct LeastSquaresSettings {
  int max_evaluations = 100;
  double relative_decrease = 1e-13;  // stop when a step lowers the cost by less than this share
  double relative_step = 1e-11;      // or moves no parameter by more than this share of its size
  double initial_damping = 1e-4;     // of the diagonal of J'J
};

enum class LeastSquaresEnd : std::uint8_t { converged, out_of_evaluations, not_finite };

template <int N>
struct LeastSquaresResult {
  Vector<N> x{};
  double cost = 0;
  int evaluations = 0;
  LeastSquaresEnd end = LeastSquaresEnd::converged;
  NormalEquations<N> at;  // at x, for covariance and condition
};

template <int N>
struct Bounds {
  Vector<N> low, high;
  ZM_HOST_DEVICE Bounds() {
    low.fill(-std::numeric_limits<double>::infinity());
    high.fill(std::numeric_limits<double>::infinity());
  }
};

// Solves the symmetric system A x = b over the coordinates with free[i]; the others get 0. False
// when A (upper triangle) is not positive definite there.
template <int N>
ZM_HOST_DEVICE bool solve_positive(const std::array<Vector<N>, N>& a, const Vector<N>& b,
                                   const std::array<bool, N>& free, Vector<N>* x) {
  std::array<Vector<N>, N> l{};
  Vector<N> y{};
  for (int i = 0; i < N; ++i) {
    if (!free[i]) continue;
    for (int j = 0; j <= i; ++j) {
      if (!free[j]) continue;
      double sum = a[j][i];
      for (int k = 0; k < j; ++k) sum -= l[i][k] * l[j][k];
      if (i != j) {
        l[i][j] = sum / l[j][j];
      } else {
        if (!(sum > a[i][i] * 1e-15)) return false;
        l[i][i] = std::sqrt(sum);
      }
    }
    double sum = b[i];
    for (int k = 0; k < i; ++k) sum -= l[i][k] * y[k];
    y[i] = sum / l[i][i];
  }
  x->fill(0.0);
  for (int i = N - 1; i >= 0; --i) {
    if (!free[i]) continue;
    double sum = y[i];
    for (int k = i + 1; k < N; ++k) sum -= l[k][i] * (*x)[k];
    (*x)[i] = sum / l[i][i];
  }
  return true;
}

// Condition number of J with its columns scaled to unit length, over the free coordinates: how much
// a relative error of the quotes may grow in the worst direction. Infinity where a column vanishes
// or two cannot be told apart.
template <int N>
ZM_HOST_DEVICE double condition_number(const NormalEquations<N>& at,
                                       const std::array<bool, N>& free) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::array<Vector<N>, N> scaled{};
  double norm = 0, inverse_norm = 0;
  for (int i = 0; i < N; ++i)
    for (int j = i; j < N; ++j) {
      if (!free[i] || !free[j]) continue;
      if (!(at.matrix[i][i] > 0) || !(at.matrix[j][j] > 0)) return infinity;
      scaled[i][j] = at.matrix[i][j] / std::sqrt(at.matrix[i][i] * at.matrix[j][j]);
      norm += (i == j ? 1.0 : 2.0) * scaled[i][j] * scaled[i][j];
    }
  for (int i = 0; i < N; ++i) {
    if (!free[i]) continue;
    Vector<N> unit{}, column{};
    unit[i] = 1.0;
    if (!solve_positive<N>(scaled, unit, free, &column)) return infinity;
    for (int j = 0; j < N; ++j) inverse_norm += column[j] * column[j];
  }
  return std::sqrt(std::sqrt(norm * inverse_norm));
}

// The step that solves A step = downhill, where a coordinate that would leave its bounds goes to
// the bound and the others answer to that; clipping the full step instead can point uphill. False
// when A is not positive definite.
template <int N>
ZM_HOST_DEVICE bool bounded_step(const std::array<Vector<N>, N>& a, const Vector<N>& downhill,
                                 const Vector<N>& x, const Bounds<N>& bounds,
                                 std::array<bool, N> free, Vector<N>* step) {
  Vector<N> fixed{};
  for (int round = 0; round <= N; ++round) {
    Vector<N> right = downhill;
    for (int i = 0; i < N; ++i)
      for (int j = 0; j < N; ++j)
        if (fixed[j] != 0) right[i] -= a[i < j ? i : j][i < j ? j : i] * fixed[j];
    if (!solve_positive<N>(a, right, free, step)) return false;
    bool inside = true;
    for (int i = 0; i < N; ++i) {
      if (!free[i]) continue;
      const double there = x[i] + (*step)[i];
      if (there >= bounds.low[i] && there <= bounds.high[i]) continue;
      fixed[i] = (there < bounds.low[i] ? bounds.low[i] : bounds.high[i]) - x[i];
      free[i] = inside = false;
    }
    if (inside) break;
  }
  for (int i = 0; i < N; ++i)
    if (!free[i]) (*step)[i] = fixed[i];
  return true;
}

// Minimises from `x` within `bounds`. problem(x, NormalEquations<N>* out) -> double returns the
// cost and, where out is not null, fills it; a cost that is not finite marks x as outside the
// domain and the step is taken back.
template <int N, class Problem>
ZM_HOST_DEVICE LeastSquaresResult<N> least_squares(const Problem& problem, Vector<N> x,
                                                   const Bounds<N>& bounds = {},
                                                   const LeastSquaresSettings& settings = {}) {
  LeastSquaresResult<N> result;
  for (int i = 0; i < N; ++i) x[i] = std::fmin(std::fmax(x[i], bounds.low[i]), bounds.high[i]);
  NormalEquations<N> at;
  double cost = problem(x, &at);
  result.evaluations = 1;
  result.end = LeastSquaresEnd::out_of_evaluations;
  double damping = settings.initial_damping, growth = 2.0;
  if (!std::isfinite(cost)) result.end = LeastSquaresEnd::not_finite;
  while (std::isfinite(cost) && result.evaluations < settings.max_evaluations) {
    std::array<bool, N> free;
    Vector<N> downhill, step{};
    auto damped = at.matrix;
    for (int i = 0; i < N; ++i) {
      downhill[i] = -at.gradient[i];
      free[i] = !((x[i] <= bounds.low[i] && downhill[i] < 0) ||
                  (x[i] >= bounds.high[i] && downhill[i] > 0)) &&
                at.matrix[i][i] > 0;
      damped[i][i] += damping * at.matrix[i][i];
    }
    const bool solved = bounded_step<N>(damped, downhill, x, bounds, free, &step);
    Vector<N> next = x;
    double predicted = 0, size = 0;
    for (int i = 0; i < N; ++i) {
      next[i] = std::fmin(std::fmax(x[i] + step[i], bounds.low[i]), bounds.high[i]);
      predicted += step[i] * downhill[i];
      size = std::fmax(size, std::fabs(step[i]) / (std::fabs(x[i]) + 1e-3));
    }
    for (int i = 0; i < N; ++i)
      for (int j = i; j < N; ++j)
        predicted -= (i == j ? 0.5 : 1.0) * at.matrix[i][j] * step[i] * step[j];
    if (solved && (size <= settings.relative_step ||
                   (predicted >= 0 && predicted <= 0.01 * settings.relative_decrease * cost))) {
      result.end = LeastSquaresEnd::converged;
      break;
    }
    NormalEquations<N> trial;
    const double trial_cost =
        solved ? problem(next, &trial) : std::numeric_limits<double>::infinity();
    ++result.evaluations;
    if (trial_cost < cost) {
      const double decrease = cost - trial_cost;
      const double gain = 2.0 * decrease / predicted - 1.0;
      damping *= std::fmax(1.0 / 10.0, 1.0 - gain * gain * gain);
      growth = 2.0;
      x = next;
      at = trial;
      cost = trial_cost;
      if (decrease <= settings.relative_decrease * cost) {
        result.end = LeastSquaresEnd::converged;
        break;
      }
    } else {
      damping = std::fmax(damping, 1e-12) * growth;
      growth *= 2.0;
      if (damping > 1e16) {
        result.end =
            LeastSquaresEnd::converged;  // no step, however small, goes down: a minimum to rounding
        break;
      }
    }
  }
  result.x = x;
  result.cost = cost;
  result.at = at;
  return result;
}

// `results.size()` independent problems: make(i) gives a pair-like {problem, start} whose problem
// is called as above.
template <int N, class Make>
void least_squares_batch(Backend& backend, const Make& make,
                         std::span<LeastSquaresResult<N>> results, const Bounds<N>& bounds = {},
                         const LeastSquaresSettings& settings = {}) {
  backend.for_chunks(results.size(), 16, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const auto [problem, start] = make(i);
      results[i] = least_squares<N>(problem, start, bounds, settings);
    }
  });
}

}  // namespace zomma::kernels
