// lattice.cpp: backward induction on a tree whose strike lies midway between two final nodes.
#include <zomma/kernels/elementary_more.h>
#include <zomma/kernels/lattice.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace zomma::kernels {
namespace {

// Peizer and Pratt's second inversion: the binomial probability whose distribution meets Phi(z).
double peizer_pratt(double z, int n) {
  const double scaled = z / (n + 1.0 / 3 + 0.1 / (n + 1));
  const double root = 0.5 * std::sqrt(-expm1(-scaled * scaled * (n + 1.0 / 6)));
  return z < 0 ? 0.5 - root : 0.5 + root;
}

struct Terms {
  double spot, strike, expiry, rate, yield, volatility;
  int sign;
};

bool valid(const Terms& t) {
  for (const double x : {t.spot, t.strike, t.expiry, t.volatility}) {
    if (!(std::isfinite(x) && x > 0)) return false;
  }
  return std::fabs(t.rate) <= 10 && std::fabs(t.yield) <= 10 && (t.sign == 1 || t.sign == -1);
}

double tree(const Terms& t, int steps, std::vector<double>& value, std::vector<double>& asset) {
  const double dt = t.expiry / steps, deviation = t.volatility * std::sqrt(t.expiry),
               carry = t.rate - t.yield;
  const double d2 = (log(t.spot / t.strike) + carry * t.expiry) / deviation - 0.5 * deviation;
  const double p = peizer_pratt(d2, steps), p_asset = peizer_pratt(d2 + deviation, steps);
  const double growth = exp(carry * dt), up = growth * p_asset / p,
               down = growth * (1 - p_asset) / (1 - p);
  const double hold_up = exp(-t.rate * dt) * p, hold_down = exp(-t.rate * dt) * (1 - p);
  for (int k = 0; k <= steps; ++k) {
    asset[k] = t.spot * exp(k * log(up) + (steps - k) * log(down));
    value[k] = std::max(t.sign * (asset[k] - t.strike), 0.0);
  }
  for (int n = steps - 1; n >= 0; --n) {
    for (int k = 0; k <= n; ++k) {
      asset[k] /= down;  // the node with k ups one step earlier
      value[k] =
          std::max(hold_up * value[k + 1] + hold_down * value[k], t.sign * (asset[k] - t.strike));
    }
  }
  return value[0];
}

}  // namespace

Status lattice_price(Backend& backend, int steps, const AmericanTermsBatch& terms,
                     std::span<double> price, std::span<ElementStatus> status) {
  const std::size_t n = terms.spot.size();
  for (const std::size_t size : {terms.strike.size(), terms.expiry.size(), terms.rate.size(),
                                 terms.yield.size(), terms.volatility.size(), terms.sign.size(),
                                 price.size(), status.empty() ? n : status.size()}) {
    if (size != n) return Status::length_mismatch;
  }
  if (steps < 3 || steps > 10001 || steps % 2 == 0) return Status::invalid_setting;
  backend.for_chunks(n, 1, [&](std::size_t begin, std::size_t end) {
    std::vector<double> value(steps + 1), asset(steps + 1);
    for (std::size_t i = begin; i < end; ++i) {
      const Terms t{terms.spot[i],  terms.strike[i],     terms.expiry[i], terms.rate[i],
                    terms.yield[i], terms.volatility[i], terms.sign[i]};
      const bool good = valid(t);
      const double result = good ? tree(t, steps, value, asset) : 0.0;
      const bool finite = std::isfinite(result);
      price[i] = finite ? result : 0.0;
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
