// optimiser.h: where a fit's least squares are sought: by the kernels' own Levenberg-Marquardt, or
// by any optimiser that the caller brings. Both see one problem: its cost, the gradient J'r and the
// Gauss-Newton matrix J'J, which say all that a method of second order can use of the residuals.
#pragma once

#include <zomma/kernels/surface/least_squares.h>

#include <algorithm>
#include <functional>
#include <span>

namespace zomma::kernels {

// A problem of x.size() unknowns within bounds that may be infinite. cost(x, gradient, matrix)
// returns half the sum of squared residuals, infinity where x is outside the domain, and fills what
// is not empty: `gradient` of n numbers, `matrix` of n x n by rows, both triangles.
struct BoundedProblem {
  std::function<double(std::span<const double> x, std::span<double> gradient,
                       std::span<double> matrix)>
      cost;
  std::span<const double> low, high;
  LeastSquaresSettings settings;  // initial_damping is a hint
};

// Moves x from the start it holds to a minimum within the bounds. No state, any thread.
using Optimiser = LeastSquaresEnd (*)(const BoundedProblem& problem, std::span<double> x);

// least_squares() of least_squares.h where `optimiser` is null, else the optimiser's minimum with
// the normal equations there. The evaluations counted are those of the cost.
template <int N, class Problem>
LeastSquaresResult<N> minimise(Optimiser optimiser, const Problem& problem, Vector<N> x,
                               const Bounds<N>& bounds = {},
                               const LeastSquaresSettings& settings = {}) {
  if (optimiser == nullptr) return least_squares<N>(problem, x, bounds, settings);
  LeastSquaresResult<N> result;
  constexpr auto n = static_cast<std::size_t>(N);
  const auto cost = [&](std::span<const double> at, std::span<double> gradient,
                        std::span<double> matrix) {
    Vector<N> point;
    for (std::size_t i = 0; i < n; ++i) point[i] = at[i];
    NormalEquations<N> normal;
    const bool plain = gradient.empty() && matrix.empty();
    const double value = problem(point, plain ? nullptr : &normal);
    ++result.evaluations;
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] = normal.gradient[i];
    for (std::size_t i = 0; i < matrix.size(); ++i)
      matrix[i] = normal.matrix[std::min(i / n, i % n)][std::max(i / n, i % n)];
    return value;
  };
  for (std::size_t i = 0; i < n; ++i)
    x[i] = std::fmin(std::fmax(x[i], bounds.low[i]), bounds.high[i]);
  BoundedProblem bounded;
  bounded.cost = cost;
  bounded.low = bounds.low;
  bounded.high = bounds.high;
  bounded.settings = settings;
  result.end = optimiser(bounded, x);
  result.x = x;
  result.cost = problem(x, &result.at);
  if (!std::isfinite(result.cost)) result.end = LeastSquaresEnd::not_finite;
  return result;
}

}  // namespace zomma::kernels
