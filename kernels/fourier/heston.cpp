// heston.cpp: surfaces under Heston and Bates, an expiry a chunk.
#include <zomma/kernels/heston.h>

#include <algorithm>

#include "heston_checks.h"
#include "heston_grid.h"

namespace zomma::kernels {
namespace {

using heston_detail::valid_quote;

void price_expiry(HestonGrid& grid, const HestonParameters& model, const JumpParameters& jumps,
                  const HestonQuotes& quotes, const HestonExpiry& slice, const HestonValues& out) {
  const heston_detail::ForwardAndDiscount market(quotes.spot, slice);
  double reach = 0;
  for (std::size_t i = slice.begin; market.good && i < slice.end; ++i) {
    if (valid_quote(quotes, i))
      reach = std::max(reach, magnitude(log(market.forward / quotes.strike[i])));
  }
  const bool filled =
      market.good && grid.fill(model, jumps, slice.expiry, reach, heston_detail::series_of(out));
  for (std::size_t i = slice.begin; i < slice.end; ++i) {
    if (!market.good || !valid_quote(quotes, i)) {
      heston_detail::write(out, i, ElementStatus::domain);
      continue;
    }
    if (!filled) {
      heston_detail::write(out, i, ElementStatus::no_convergence);
      continue;
    }
    const double k = log(market.forward / quotes.strike[i]);
    double sum[HestonGrid::most_series];
    grid.sums(k, sum);
    heston_detail::answer(quotes, i, market, grid.variance(), k, grid.series(), sum, out);
  }
}

}  // namespace

Status heston_price(Backend& backend, const HestonParameters& model, const JumpParameters& jumps,
                    const HestonQuotes& quotes, const HestonValues& out) {
  if (const Status status = check_lengths(quotes, out); status != Status::ok) return status;
  if (!valid_model(model, jumps)) return Status::invalid_setting;
  backend.for_chunks(quotes.expiries.size(), 1, [&](std::size_t begin, std::size_t end) {
    HestonGrid grid;
    for (std::size_t e = begin; e < end; ++e)
      price_expiry(grid, model, jumps, quotes, quotes.expiries[e], out);
  });
  return Status::ok;
}

}  // namespace zomma::kernels
