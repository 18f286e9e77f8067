// heston_pricer.h: the library's own Heston and Bates prices as pricers for fit_heston and
// fit_bates.
#pragma once

#include <zomma/kernels/backend.h>
#include <zomma/kernels/surface/model_fit.h>

namespace zomma::kernels {

// Quotes of one expiry share their characteristic functions where they are neighbours. The backend
// must outlive the pricer. A price that does not converge makes the pricer answer false: the fit
// steps elsewhere. All gradients are analytic.
SurfacePricer<5> heston_pricer(Backend& backend);
SurfacePricer<8> bates_pricer(Backend& backend);

}  // namespace zomma::kernels
