#include <nlopt.h>
#include <zomma/kernels/surface/nlopt_optimiser.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <memory>

namespace zomma::kernels {
namespace {

constexpr int evaluations_for_one = 6;

struct Destroy {
  void operator()(nlopt_opt_s* solver) const { nlopt_destroy(solver); }
};

struct Call {
  const BoundedProblem& problem;
  nlopt_opt_s* solver;
  double high;  // far above the cost of the start
  std::exception_ptr thrown;
};

// Line searches divide by differences of costs, so a point outside the domain is a high plain and
// not an infinity. Nothing is thrown through C.
double cost_and_gradient(unsigned count, const double* x, double* gradient, void* data) {
  Call& call = *static_cast<Call*>(data);
  const std::span<double> slope(gradient, gradient == nullptr ? 0 : count);
  try {
    const double cost = call.problem.cost({x, count}, slope, {});
    if (std::isfinite(cost)) return cost;
  } catch (...) {
    call.thrown = std::current_exception();
    nlopt_force_stop(call.solver);
  }
  std::fill(slope.begin(), slope.end(), 0.0);
  return call.high;
}

}  // namespace

LeastSquaresEnd nlopt_optimiser(const BoundedProblem& problem, std::span<double> x) {
  const std::unique_ptr<nlopt_opt_s, Destroy> solver(
      nlopt_create(NLOPT_LD_LBFGS, static_cast<unsigned>(x.size())));
  if (!solver) return LeastSquaresEnd::out_of_evaluations;
  const double first = problem.cost(x, {}, {});
  if (!std::isfinite(first)) return LeastSquaresEnd::not_finite;
  Call call{problem, solver.get(), 1e3 * (1.0 + first), {}};
  nlopt_set_min_objective(solver.get(), cost_and_gradient, &call);
  nlopt_set_lower_bounds(solver.get(), problem.low.data());
  nlopt_set_upper_bounds(solver.get(), problem.high.data());
  nlopt_set_maxeval(solver.get(), evaluations_for_one * problem.settings.max_evaluations);
  nlopt_set_ftol_rel(solver.get(), problem.settings.relative_decrease);
  nlopt_set_xtol_rel(solver.get(), problem.settings.relative_step);
  double cost = 0;
  const nlopt_result how = nlopt_optimize(solver.get(), x.data(), &cost);
  if (call.thrown) std::rethrow_exception(call.thrown);
  // Rounding ends a line search at a minimum as well.
  const bool done = how == NLOPT_ROUNDOFF_LIMITED || (how > 0 && how != NLOPT_MAXEVAL_REACHED);
  return done ? LeastSquaresEnd::converged : LeastSquaresEnd::out_of_evaluations;
}

}  // namespace zomma::kernels
