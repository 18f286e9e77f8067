// heston.h: European options under Heston's stochastic volatility, with or without lognormal jumps
// (Bates), for whole surfaces: the characteristic function is evaluated once an expiry and shared
// by its strikes.
#pragma once

#include <zomma/kernels/backend.h>
#include <zomma/kernels/status.h>

#include <cstdint>
#include <span>

namespace zomma::kernels {

// dv = kappa (theta - v) dt + sigma sqrt(v) dW, correlation rho with the asset; v0 is today's
// variance. Years. v0 >= 0, kappa >= 0, theta >= 0, v0 + kappa theta > 0, sigma >= 1e-8, -1 < rho
// < 1.
struct HestonParameters {
  double v0, kappa, theta, sigma, rho;
};

// Jumps arrive `intensity` times a year; ln of a jump's factor is normal with this mean and
// deviation. Zero: no jumps.
struct JumpParameters {
  double intensity = 0, mean = 0, deviation = 0;
};

// One expiry of a surface: years, continuous rates, and the quotes [begin, end) that belong to it.
struct HestonExpiry {
  double expiry, rate, yield;
  std::size_t begin, end;
};

struct HestonGradient {
  double v0, kappa, theta, sigma, rho;
};

struct JumpGradient {
  double intensity, mean, deviation;
};

// Quotes of a surface: strike and sign (+1 call, -1 put) one an element.
struct HestonQuotes {
  double spot;
  std::span<const HestonExpiry> expiries;
  std::span<const double> strike;
  std::span<const std::int8_t> sign;
};

// delta and gamma by spot; an empty span is not computed.
struct HestonValues {
  std::span<double> price, delta, gamma;
  std::span<HestonGradient> gradient;
  std::span<ElementStatus> status;
  std::span<JumpGradient> jump_gradient{};
};

// Prices a surface to about 1e-13 of the spot: Lewis' integral along Im u = -1/2 less that of
// Black's formula with the model's mean variance, by the trapezoid rule. The step follows from a
// bound on the tails of the return (Chernoff, over the moments that are finite), the last node from
// the integrand's own decay, so no range is guessed. invalid_setting for parameters outside their
// range, length_mismatch for spans or expiries that do not fit. An element has status `domain`
// where its strike, sign, spot or expiry is bad, `no_convergence` where 65536 nodes do not do.
Status heston_price(Backend& backend, const HestonParameters& model, const JumpParameters& jumps,
                    const HestonQuotes& quotes, const HestonValues& out);

}  // namespace zomma::kernels
