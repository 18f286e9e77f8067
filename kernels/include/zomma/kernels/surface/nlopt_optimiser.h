// nlopt_optimiser.h: the minimum of a fit by NLopt's L-BFGS (Nocedal 1980; Luksan's bounds): a
// method that knows nothing of least squares, so a second opinion on the kernels' own. In the
// library zomma_kernels_nlopt, which is there where NLopt was found at configuration.
#pragma once

#include <zomma/kernels/surface/optimiser.h>

namespace zomma::kernels {

// An Optimiser. `matrix` is not asked for; max_evaluations is taken six times, for a step here
// costs as much and says less. out_of_evaluations also where NLopt gives up; not_finite where the
// start has no cost.
LeastSquaresEnd nlopt_optimiser(const BoundedProblem& problem, std::span<double> x);

}  // namespace zomma::kernels
