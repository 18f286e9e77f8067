// cos.cpp: the cosine series of the density of ln(S_T / F), integrated against the put's payoff;
// calls by parity.
#include <zomma/kernels/cos.h>
#include <zomma/kernels/elementary_more.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "heston_checks.h"
#include "heston_grid.h"

namespace zomma::kernels {
namespace {

constexpr double pi = 3.14159265358979323846;

// Characteristic function of ln(S_T / F) at k pi / (2 width), turned by exp(i k pi / 2) for a
// density on
// [-width, width]: the series' coefficients but for the factor 1 / width.
std::vector<double> density_cosines(const HestonParameters& m, const JumpParameters& jumps,
                                    double expiry, double width, int terms) {
  std::vector<double> out(terms);
  for (int k = 0; k < terms; ++k) {
    const double u = k * pi / (2 * width);
    const Complex<double> p{0.0, u};
    const auto exponent = heston_solver(m, expiry, p).exponent();
    Complex<double> log_phi = (m.kappa * m.theta) * exponent.a + m.v0 * exponent.b;
    if (jumps.intensity > 0) log_phi = log_phi + jump_exponent(jumps, expiry, p);
    log_phi.im += u * width;
    out[k] = complex_exp(log_phi).re;
  }
  return out;
}

// Whether what was left out is small: the last coefficients against the payoff's, which fall as 1 /
// u^2.
bool converged(const std::vector<double>& cosines, double width) {
  const double u = static_cast<double>(cosines.size()) * pi / (2 * width);
  double last = 0;
  for (std::size_t k = cosines.size() - 8; k < cosines.size(); ++k)
    last = std::fmax(last, std::fabs(cosines[k]));
  return last / (1 + u * u) * u < 1e-9;
}

// Undiscounted put on a forward of 1: sum over k of A_k times the integral of (K - e^x)^+ cos(k pi
// (x + w) / 2w).
double put_value(const std::vector<double>& cosines, double width, double strike) {
  const double top = std::clamp(log(strike), -width, width), length = top + width;
  if (length <= 0) return 0;
  double total = 0.5 * (strike * length - (exp(top) - exp(-width))) * cosines[0];
  for (std::size_t k = 1; k < cosines.size(); ++k) {
    const double u = static_cast<double>(k) * pi / (2 * width), c = cosine(u * length),
                 s = sine(u * length);
    const double growth = (exp(top) * (c + u * s) - exp(-width)) / (1 + u * u);
    total += (strike * s / u - growth) * cosines[k];
  }
  return total / width;
}

}  // namespace

Status cos_price(Backend& backend, int terms, const HestonParameters& model,
                 const JumpParameters& jumps, const HestonQuotes& quotes, const HestonValues& out) {
  const std::size_t n = quotes.strike.size();
  if (const Status status = check_lengths(quotes, out); status != Status::ok) return status;
  if (!valid_model(model, jumps) || terms < 16 || terms > 65536 || out.price.size() != n ||
      !out.delta.empty() || !out.gamma.empty() || !out.gradient.empty()) {
    return Status::invalid_setting;
  }
  backend.for_chunks(quotes.expiries.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t e = begin; e < end; ++e) {
      const HestonExpiry& slice = quotes.expiries[e];
      const heston_detail::ForwardAndDiscount market(quotes.spot, slice);
      std::vector<double> cosines;
      double width = 0;
      bool enough = false;
      if (market.good) {
        width =
            tail_width(model, jumps, slice.expiry, mean_variance(model, jumps, slice.expiry), 0.0);
        cosines = density_cosines(model, jumps, slice.expiry, width, terms);
        enough = converged(cosines, width);
      }
      for (std::size_t i = slice.begin; i < slice.end; ++i) {
        double price = 0;
        ElementStatus status = ElementStatus::domain;
        if (market.good && heston_detail::valid_quote(quotes, i)) {
          const double strike = quotes.strike[i] / market.forward,
                       put = put_value(cosines, width, strike);
          price = market.discount * market.forward * (quotes.sign[i] > 0 ? put + 1 - strike : put);
          status =
              enough && std::isfinite(price) ? ElementStatus::ok : ElementStatus::no_convergence;
        }
        out.price[i] = status == ElementStatus::ok ? std::max(price, 0.0) : 0.0;
        if (!out.status.empty()) out.status[i] = status;
      }
    }
  });
  return Status::ok;
}

}  // namespace zomma::kernels
