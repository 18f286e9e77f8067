// heston.cpp: surfaces under Heston and Bates, an expiry a chunk.
#include <zomma/kernels/heston.h>

#include <algorithm>
#include <cmath>

#include "black.h"
#include "heston_grid.h"

namespace zomma::kernels {
namespace {

bool finite_positive(double x) { return std::isfinite(x) && x > 0; }

bool valid(const HestonParameters& m, const JumpParameters& jumps) {
  for (const double x : {m.v0, m.kappa, m.theta, m.sigma, jumps.intensity, jumps.deviation}) {
    if (!(std::isfinite(x) && x >= 0)) return false;
  }
  return m.v0 + m.kappa * m.theta > 0 && m.sigma >= 1e-8 && std::fabs(m.rho) < 1 && std::fabs(jumps.mean) < 100;
}

bool valid_quote(const HestonQuotes& quotes, std::size_t i) {
  return finite_positive(quotes.strike[i]) && (quotes.sign[i] == 1 || quotes.sign[i] == -1);
}

void write(const HestonValues& out, std::size_t i, ElementStatus status, double price = 0, double delta = 0,
           double gamma = 0, HestonGradient gradient = {}) {
  if (!out.price.empty()) out.price[i] = price;
  if (!out.delta.empty()) out.delta[i] = delta;
  if (!out.gamma.empty()) out.gamma[i] = gamma;
  if (!out.gradient.empty()) out.gradient[i] = gradient;
  if (!out.status.empty()) out.status[i] = status;
}

void price_expiry(HestonGrid& grid, const HestonParameters& model, const JumpParameters& jumps,
                  const HestonQuotes& quotes, const HestonExpiry& slice, const HestonValues& out) {
  const double forward = quotes.spot * std::exp((slice.rate - slice.yield) * slice.expiry);
  const double discount = std::exp(-slice.rate * slice.expiry);
  const bool good = finite_positive(slice.expiry) && finite_positive(forward) && finite_positive(discount);
  double reach = 0;
  for (std::size_t i = slice.begin; good && i < slice.end; ++i) {
    if (valid_quote(quotes, i)) reach = std::max(reach, std::fabs(std::log(forward / quotes.strike[i])));
  }
  const bool greeks = !out.delta.empty() || !out.gamma.empty();
  const bool filled = good && grid.fill(model, jumps, slice.expiry, reach, greeks, !out.gradient.empty());
  for (std::size_t i = slice.begin; i < slice.end; ++i) {
    if (!good || !valid_quote(quotes, i)) {
      write(out, i, ElementStatus::domain);
      continue;
    }
    if (!filled) {
      write(out, i, ElementStatus::no_convergence);
      continue;
    }
    const double strike = quotes.strike[i], k = std::log(forward / strike);
    const double scale = discount * std::sqrt(forward * strike);
    double sum[HestonGrid::most_series];
    grid.sums(k, sum);
    const auto black = black_value(forward, strike, grid.variance(), quotes.sign[i]);
    // By ln S: value, then its first and second derivative.
    const double price = discount * black.price - scale * sum[0];
    const double first = grid.series() > 1 ? discount * forward * black.delta - scale * sum[1] : 0;
    const double second =
        grid.series() > 1 ? discount * forward * (black.delta + forward * black.gamma) - scale * sum[2] : 0;
    const double s = quotes.spot;
    HestonGradient gradient{};
    if (grid.series() > 3) gradient = {-scale * sum[3], -scale * sum[4], -scale * sum[5], -scale * sum[6], -scale * sum[7]};
    if (!std::isfinite(price + first + second + gradient.sigma + gradient.kappa)) {
      write(out, i, ElementStatus::no_convergence);
      continue;
    }
    write(out, i, ElementStatus::ok, std::max(price, 0.0), first / s, (second - first) / (s * s), gradient);
  }
}

}  // namespace

Status heston_price(Backend& backend, const HestonParameters& model, const JumpParameters& jumps,
                    const HestonQuotes& quotes, const HestonValues& out) {
  const std::size_t n = quotes.strike.size();
  const auto fits = [n](std::size_t size) { return size == 0 || size == n; };
  if (quotes.sign.size() != n || !fits(out.price.size()) || !fits(out.delta.size()) || !fits(out.gamma.size()) ||
      !fits(out.gradient.size()) || !fits(out.status.size())) {
    return Status::length_mismatch;
  }
  for (const HestonExpiry& slice : quotes.expiries) {
    if (slice.begin > slice.end || slice.end > n) return Status::length_mismatch;
  }
  if (!valid(model, jumps)) return Status::invalid_setting;
  backend.for_chunks(quotes.expiries.size(), 1, [&](std::size_t begin, std::size_t end) {
    HestonGrid grid;
    for (std::size_t e = begin; e < end; ++e) price_expiry(grid, model, jumps, quotes, quotes.expiries[e], out);
  });
  return Status::ok;
}

}  // namespace zomma::kernels
