// elementary.h: exp, log and the normal distribution as every kernel uses them.
#pragma once

#include <zomma/kernels/real.h>

namespace zomma::kernels {

ZM_HOST_DEVICE inline double exp(double x) { return ::exp(x); }
ZM_HOST_DEVICE inline double log(double x) { return ::log(x); }

// phi(x), the standard normal density.
ZM_HOST_DEVICE inline double norm_pdf(double x) { return 0.3989422804014326779399461 * exp(-0.5 * x * x); }

// Phi(x), the standard normal distribution, with full relative accuracy in the lower tail.
ZM_HOST_DEVICE inline double norm_cdf(double x) { return 0.5 * ::erfc(-0.70710678118654752440 * x); }

}  // namespace zomma::kernels
