// lattice.h: American options on the binomial tree of Leisen and Reimer (1996): second order in the
// steps for a European option, first order with early exercise. The plainest cross-check of
// american.h.
#pragma once

#include <zomma/kernels/american.h>

namespace zomma::kernels {

// The price by a tree of `steps` (odd, 3 to 10001, else invalid_setting). Lengths and `domain` as
// in american_price, but for two boundaries, which a tree takes in its stride; `no_convergence`
// where the tree's probability leaves [0, 1].
Status lattice_price(Backend& backend, int steps, const AmericanTermsBatch& terms,
                     std::span<double> price, std::span<ElementStatus> status);

}  // namespace zomma::kernels
