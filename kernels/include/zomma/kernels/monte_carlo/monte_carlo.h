// monte_carlo.h: prices and Greeks of path-dependent pay-offs by simulation.
#pragma once

#include <zomma/kernels/backend.h>
#include <zomma/kernels/monte_carlo/path_contract.h>
#include <zomma/kernels/status.h>

namespace zomma::kernels {

// Why simulate() would refuse this, as a sentence; nullptr if it would not.
const char* path_refusal(const GbmMarket& market, const PathContract& contract,
                         const PathSettings& settings);

// Price, delta and vega with their standard errors. The answer is a function of the arguments
// alone: sums are taken in a fixed order, so neither the number of threads nor the width of the
// vector unit changes a bit. Philox: standard errors from the samples. Sobol: from the means of the
// replicates, each a shifted net of samples / replicates points (best a power of two) on a Brownian
// bridge; one dimension a step, so at most 1024 steps. Greeks: pathwise for pay-offs that are
// continuous along the path (all but digitals and discretely watched barriers), likelihood ratio
// for those that see the path at its points only (continuous = false or no barrier and no extreme).
// Control: the geometric average for the arithmetic one; the European option for barriers and fixed
// lookbacks; the average or the last spot for the others.
// Status::invalid_setting, nothing written: see path_refusal().
Status simulate(Backend& backend, const GbmMarket& market, const PathContract& contract,
                const PathSettings& settings, PathEstimate& estimate);

// The mean, not discounted, of the control variate that simulate() uses.
double control_mean(const GbmMarket& market, const PathContract& contract);

}  // namespace zomma::kernels
