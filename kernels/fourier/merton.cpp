// merton.cpp: batches under Merton's jump diffusion.
#include <zomma/kernels/merton.h>

#include <cmath>

namespace zomma::kernels {
namespace {

bool finite_positive(double x) { return std::isfinite(x) && x > 0; }
bool between(double x, double low, double high) { return x >= low && x <= high; }

}  // namespace

Status merton_price(Backend& backend, double volatility, const JumpParameters& jumps,
                    const MertonBatch& terms, std::span<double> price,
                    std::span<ElementStatus> status) {
  const std::size_t n = terms.spot.size();
  for (const std::size_t size :
       {terms.strike.size(), terms.expiry.size(), terms.rate.size(), terms.yield.size(),
        terms.sign.size(), price.size(), status.empty() ? n : status.size()}) {
    if (size != n) return Status::length_mismatch;
  }
  if (!finite_positive(volatility) || !between(jumps.intensity, 0, 1e6) ||
      !between(jumps.deviation, 0, 10) || !between(jumps.mean, -50, 50)) {
    return Status::invalid_setting;
  }
  backend.for_chunks(n, 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const double spot = terms.spot[i], strike = terms.strike[i], expiry = terms.expiry[i];
      const double forward = spot * exp((terms.rate[i] - terms.yield[i]) * expiry);
      const double discount = exp(-terms.rate[i] * expiry);
      const bool good = finite_positive(spot) && finite_positive(strike) &&
                        finite_positive(expiry) && finite_positive(forward) &&
                        finite_positive(discount) && (terms.sign[i] == 1 || terms.sign[i] == -1);
      const double value =
          good ? discount * merton_value(forward, strike, expiry, volatility, jumps, terms.sign[i])
               : 0.0;
      const bool finite = std::isfinite(value);
      price[i] = finite ? value : 0.0;
      if (!status.empty()) {
        status[i] = !good    ? ElementStatus::domain
                    : finite ? ElementStatus::ok
                             : ElementStatus::no_convergence;
      }
    }
  });
  return Status::ok;
}

}  // namespace zomma::kernels
