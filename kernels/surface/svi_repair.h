// svi_repair.h: internal to the fits: making a slice free of arbitrage while staying near its
// points.
#pragma once

#include <zomma/kernels/surface/butterfly.h>
#include <zomma/kernels/surface/calendar.h>

#include "svi_inner.h"

namespace zomma::kernels {

// The slice nearest to `points` (weighted least squares, a local minimum from `start`) with g >= 0
// and Lee's wings. Always free: what the penalty leaves over is mixed away with a flat slice.
// `check` is written for the result.
RawSvi repair(const svi_inner::Points& points, const RawSvi& start, double floor, double min_g,
              int max_evaluations, int* evaluations, ButterflyCheck* check);

// The slices of the expiries before and after; those without variance are none.
struct Neighbours {
  RawSvi before{}, after{};
};

// A step of many by which the slices of a surface find their places: the least squares of `points`
// with penalties, soft ones, for butterflies and for crossing a neighbour. May still have both.
RawSvi relax(const svi_inner::Points& points, const RawSvi& start, const Neighbours& neighbours,
             double floor, double min_g, int max_evaluations, int* evaluations);

// Half the sum of squared residuals.
double misfit(const svi_inner::Points& points, const RawSvi& svi);

}  // namespace zomma::kernels
