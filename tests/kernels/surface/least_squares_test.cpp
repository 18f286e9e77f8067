// The small Levenberg-Marquardt finds minima, stays within bounds and says when it did not finish.
#include <catch2/catch.hpp>
#include <zomma/kernels/surface/least_squares.h>

#include <utility>
#include <vector>

using namespace zomma::kernels;

namespace {

double rosenbrock(const Vector<2>& x, NormalEquations<2>* out) {
  NormalEquations<2> at;
  at.add(10.0 * (x[1] - x[0] * x[0]), {-20.0 * x[0], 10.0});
  at.add(1.0 - x[0], {-1.0, 0.0});
  if (out) *out = at;
  return at.cost;
}

}  // namespace

TEST_CASE("Rosenbrock's valley ends at (1, 1)") {
  const auto result = least_squares<2>(rosenbrock, {-1.2, 1.0});
  CHECK(result.end == LeastSquaresEnd::converged);
  CHECK(result.x[0] == Approx(1.0).epsilon(1e-9));
  CHECK(result.x[1] == Approx(1.0).epsilon(1e-9));
  CHECK(result.evaluations < 40);
}

TEST_CASE("a bound holds and the rest is best along it") {
  Bounds<2> bounds;
  bounds.high[0] = 0.5;
  const auto result = least_squares<2>(rosenbrock, {-1.2, 1.0}, bounds);
  CHECK(result.x[0] == 0.5);
  CHECK(result.x[1] == Approx(0.25).epsilon(1e-9));
}

TEST_CASE("a region that is not finite is walked around, a start in it is told") {
  const auto log_problem = [](const Vector<1>& x, NormalEquations<1>* out) {
    NormalEquations<1> at;
    at.add(std::log(x[0]) - 1.0, {1.0 / x[0]});
    if (out) *out = at;
    return at.cost;
  };
  CHECK(least_squares<1>(log_problem, {20.0}).x[0] == Approx(std::exp(1.0)).epsilon(1e-9));
  CHECK(least_squares<1>(log_problem, {-1.0}).end == LeastSquaresEnd::not_finite);
  LeastSquaresSettings two;
  two.max_evaluations = 2;
  CHECK(least_squares<1>(log_problem, {20.0}, {}, two).end == LeastSquaresEnd::out_of_evaluations);
}

TEST_CASE("the condition number is that of the scaled Jacobian; parallel columns have none") {
  NormalEquations<2> at;
  at.add(0, {1.0, 0.0});
  at.add(0, {0.0, 1e-6});
  CHECK(condition_number<2>(at, {true, true}) == Approx(std::sqrt(2.0)));
  at.add(0, {2.0, 0.0});
  NormalEquations<2> parallel;
  parallel.add(0, {1.0, 2.0});
  parallel.add(0, {2.0, 4.0});
  CHECK(std::isinf(condition_number<2>(parallel, {true, true})));
}

TEST_CASE("a batch gives each problem what it gets alone, on any number of threads") {
  std::vector<LeastSquaresResult<2>> one(40), four(40);
  const auto make = [](std::size_t i) {
    return std::pair(&rosenbrock, Vector<2>{-1.2 + 0.05 * static_cast<double>(i), 1.0});
  };
  const auto single = make_cpu_backend(1), pool = make_cpu_backend(4);
  least_squares_batch<2>(*single, make, std::span(one));
  least_squares_batch<2>(*pool, make, std::span(four));
  for (std::size_t i = 0; i < one.size(); ++i) {
    CHECK(one[i].x == four[i].x);
    CHECK(one[i].x[0] == Approx(1.0).epsilon(1e-8));
  }
}
