// heston.cpp: surfaces under Heston and Bates, an expiry a chunk.
#include <zomma/kernels/black_value.h>
#include <zomma/kernels/heston.h>

#include <algorithm>
#include <cmath>

#include "heston_checks.h"
#include "heston_grid.h"

namespace zomma::kernels {
namespace {

void write(const HestonValues& out, std::size_t i, ElementStatus status, double price = 0,
           double delta = 0, double gamma = 0, HestonGradient gradient = {}) {
  if (!out.price.empty()) out.price[i] = price;
  if (!out.delta.empty()) out.delta[i] = delta;
  if (!out.gamma.empty()) out.gamma[i] = gamma;
  if (!out.gradient.empty()) out.gradient[i] = gradient;
  if (!out.status.empty()) out.status[i] = status;
}

void price_expiry(HestonGrid& grid, const HestonParameters& model, const JumpParameters& jumps,
                  const HestonQuotes& quotes, const HestonExpiry& slice, const HestonValues& out) {
  const ForwardAndDiscount market(quotes.spot, slice);
  const double forward = market.forward, discount = market.discount;
  const bool good = market.good;
  double reach = 0;
  for (std::size_t i = slice.begin; good && i < slice.end; ++i) {
    if (valid_quote(quotes, i))
      reach = std::max(reach, std::fabs(log(forward / quotes.strike[i])));
  }
  const bool greeks = !out.delta.empty() || !out.gamma.empty();
  const bool filled =
      good && grid.fill(model, jumps, slice.expiry, reach, greeks, !out.gradient.empty());
  const double deviation = sqrt(grid.variance());
  for (std::size_t i = slice.begin; i < slice.end; ++i) {
    if (!good || !valid_quote(quotes, i)) {
      write(out, i, ElementStatus::domain);
      continue;
    }
    if (!filled) {
      write(out, i, ElementStatus::no_convergence);
      continue;
    }
    const double strike = quotes.strike[i], k = log(forward / strike);
    const double scale = discount * std::sqrt(forward * strike);
    double sum[HestonGrid::most_series];
    grid.sums(k, sum);
    const auto black = black_value(forward, strike, k, deviation, quotes.sign[i]);
    // By ln S: value, then its first and second derivative.
    const double price = discount * black.price - scale * sum[0];
    const double first = grid.series() > 1 ? discount * forward * black.delta - scale * sum[1] : 0;
    const double second =
        grid.series() > 1
            ? discount * forward * (black.delta + forward * black.gamma) - scale * sum[2]
            : 0;
    const double s = quotes.spot;
    HestonGradient gradient{};
    if (grid.series() > 3) {
      gradient = {-scale * sum[3], -scale * sum[4], -scale * sum[5], -scale * sum[6],
                  -scale * sum[7]};
    }
    if (!std::isfinite(price + first + second + gradient.sigma + gradient.kappa)) {
      write(out, i, ElementStatus::no_convergence);
      continue;
    }
    write(out, i, ElementStatus::ok, std::max(price, 0.0), first / s, (second - first) / (s * s),
          gradient);
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
