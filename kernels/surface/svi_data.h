// svi_data.h: internal to the fits: the quotes of a slice as points, and what a report says of the
// slice that was made of them.
#pragma once

#include <zomma/kernels/surface/svi_fit.h>

#include <vector>

#include "svi_search.h"

namespace zomma::kernels::svi_data {

// The usable quotes' mids, with q one over the noise of w; s0 is the sum of q^2, floor the least
// variance a fit may have.
struct Data {
  std::vector<double> k, w, q;
  double s0 = 0, floor = 0, low = 0, high = 0;
  svi_inner::Points points() const { return {k, w, q}; }
  svi_search::Search search() const { return {points(), s0, floor, low, high}; }
};

// At least one quote must be usable, or there must be a prior.
Data gather(const SliceQuotes& quotes, const SviFitSettings& settings);

bool bad(const SviFitSettings& settings);

// Residuals and condition of fit->svi, and the verdict where they spoil it.
void finish_report(const SliceQuotes& quotes, const Data& data, const SviFitSettings& settings,
                   SviFit* fit);

}  // namespace zomma::kernels::svi_data
