// svi_repair.h: internal to the fits: making a slice free of butterfly arbitrage while staying near
// its points.
#pragma once

#include <zomma/kernels/surface/butterfly.h>

#include "svi_inner.h"

namespace zomma::kernels {

// The slice nearest to `points` (weighted least squares, a local minimum from `start`) with g >= 0
// and Lee's wings. Always free: what the penalty leaves over is mixed away with a flat slice.
// `check` is written for the result.
RawSvi repair(const svi_inner::Points& points, const RawSvi& start, double floor, double min_g,
              int max_evaluations, int* evaluations, ButterflyCheck* check);

// The largest share of `svi`, to 2^-24, in a mix with the flat slice of total variance `flat` > 0
// whose least g keeps a tenth of min_g.
RawSvi mix_until_free(const RawSvi& svi, double flat, double min_g);

}  // namespace zomma::kernels
