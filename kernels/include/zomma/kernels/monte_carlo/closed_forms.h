// closed_forms.h: prices of path-dependent pay-offs that have a formula. They check the simulation
// and are the means of its control variates. Present values; inputs must be those path_refusal()
// accepts.
#pragma once

#include <zomma/kernels/elementary.h>
#include <zomma/kernels/monte_carlo/path_contract.h>

namespace zomma::kernels {

// e^(-rT) E max(sign (Y - K), 0) of a lognormal Y: ln Y has mean `log_mean` and standard deviation
// `deviation`.
ZM_HOST_DEVICE inline double lognormal_option(double log_mean, double deviation, double strike,
                                              double sign, double discount) {
  const double d2 = (log_mean - kernels::log(strike)) / deviation;
  const double mean = kernels::exp(log_mean + 0.5 * deviation * deviation);
  return discount * sign *
         (mean * norm_cdf(sign * (d2 + deviation)) - strike * norm_cdf(sign * d2));
}

ZM_HOST_DEVICE inline double european_value(const GbmMarket& m, double strike, double expiry,
                                            bool call) {
  const double v = m.volatility;
  return lognormal_option(kernels::log(m.spot) + (m.rate - m.dividend - 0.5 * v * v) * expiry,
                          v * kernels::sqrt(expiry), strike, call ? 1.0 : -1.0,
                          kernels::exp(-m.rate * expiry));
}

ZM_HOST_DEVICE inline double digital_value(const GbmMarket& m, double strike, double expiry,
                                           bool call) {
  const double v = m.volatility;
  const double d2 = (kernels::log(m.spot / strike) + (m.rate - m.dividend - 0.5 * v * v) * expiry) /
                    (v * kernels::sqrt(expiry));
  return kernels::exp(-m.rate * expiry) * norm_cdf(call ? d2 : -d2);
}

// The law of the geometric average after each of n equal steps: mean and deviation of its log.
struct LogLaw {
  double mean, deviation;
};
ZM_HOST_DEVICE inline LogLaw geometric_average_law(const GbmMarket& m, double expiry,
                                                   std::uint32_t steps) {
  const double n = steps, v = m.volatility;
  return {kernels::log(m.spot) + (m.rate - m.dividend - 0.5 * v * v) * expiry * (n + 1) / (2 * n),
          v * kernels::sqrt(expiry * (n + 1) * (2 * n + 1) / (6 * n * n))};
}

ZM_HOST_DEVICE inline double geometric_asian_value(const GbmMarket& m, double strike, double expiry,
                                                   std::uint32_t steps, bool call) {
  const LogLaw law = geometric_average_law(m, expiry, steps);
  return lognormal_option(law.mean, law.deviation, strike, call ? 1.0 : -1.0,
                          kernels::exp(-m.rate * expiry));
}

// Continuously watched barrier without rebate: Reiner and Rubinstein (1991), in the terms A to D of
// Haug (2007), 4.17.
inline double barrier_value(const GbmMarket& m, double strike, double expiry, bool call,
                            Barrier kind, double level) {
  const double v = m.volatility, root = v * kernels::sqrt(expiry), carry = m.rate - m.dividend;
  const double mu = (carry - 0.5 * v * v) / (v * v);
  const bool up = kind == Barrier::up_in || kind == Barrier::up_out;
  const bool in = kind == Barrier::up_in || kind == Barrier::down_in;
  const double phi = call ? 1 : -1, eta = up ? -1 : 1;
  const double forward = m.spot * kernels::exp(-m.dividend * expiry),
               bond = strike * kernels::exp(-m.rate * expiry);
  const double log_ratio = kernels::log(level / m.spot);
  const double reflected_forward = forward * kernels::exp(2 * (mu + 1) * log_ratio);
  const double reflected_bond = bond * kernels::exp(2 * mu * log_ratio);
  const auto direct = [&](double x) {
    return phi * (forward * norm_cdf(phi * x) - bond * norm_cdf(phi * (x - root)));
  };
  const auto reflected = [&](double y) {
    return phi *
           (reflected_forward * norm_cdf(eta * y) - reflected_bond * norm_cdf(eta * (y - root)));
  };
  const double shift = (1 + mu) * root;
  const double a = direct(kernels::log(m.spot / strike) / root + shift);
  const double b = direct(-log_ratio / root + shift);
  const double c = reflected((log_ratio + kernels::log(level / strike)) / root + shift);
  const double d = reflected(log_ratio / root + shift);
  const bool strike_outside =
      up ? strike >= level : strike <= level;  // beyond the barrier, seen from the spot
  const bool towards = call == up;             // the pay-off grows towards the barrier
  double knocked_in;
  if (towards) {
    knocked_in = strike_outside ? a : b - c + d;
  } else {
    knocked_in = strike_outside ? a - b + d : c;
  }
  return in ? knocked_in : a - knocked_in;
}

namespace detail {

// Goldman, Sosin, Gatto (1979) and Conze, Viswanathan (1991), path watched continuously and
// beginning now; carry not 0. Both pay-offs are `sign` times (end - extreme or extreme - strike);
// strike = spot gives the floating kinds' terms.
inline double extreme_premium(const GbmMarket& m, double strike, double expiry, double sign) {
  const double v = m.volatility, root = v * kernels::sqrt(expiry), carry = m.rate - m.dividend;
  const double discount = kernels::exp(-m.rate * expiry);
  const double d1 =
      kernels::log(m.spot / strike) / root + (carry / v + 0.5 * v) * kernels::sqrt(expiry);
  const double power = kernels::exp(-2 * carry / (v * v) * kernels::log(m.spot / strike));
  return sign * m.spot * discount * v * v / (2 * carry) *
         (kernels::exp(carry * expiry) * norm_cdf(sign * d1) -
          power * norm_cdf(sign * (d1 - 2 * carry / v * kernels::sqrt(expiry))));
}

template <class Formula>
inline double off_zero_carry(GbmMarket m, Formula&& formula) {
  constexpr double least =
      1e-5;  // the formulas are 0 / 0 at carry 0: error of the mean below 1e-9 of the spot
  const double carry = m.rate - m.dividend;
  if (carry > least || carry < -least) return formula(m);
  GbmMarket below = m, above = m;
  below.dividend = m.rate + least;
  above.dividend = m.rate - least;
  return 0.5 * (formula(below) + formula(above));
}

}  // namespace detail

// Call on the maximum or put on the minimum, both from today on.
inline double lookback_fixed_value(const GbmMarket& market, double strike, double expiry,
                                   bool call) {
  const double sign = call ? 1.0 : -1.0;
  // A strike the spot has passed is paid for certain: the rest is a lookback struck at the spot.
  const double sure = sign * (market.spot - strike) > 0 ? sign * (market.spot - strike) : 0.0;
  const double beyond = strike + sign * sure;
  return detail::off_zero_carry(market, [&](const GbmMarket& m) {
    return kernels::exp(-m.rate * expiry) * sure + european_value(m, beyond, expiry, call) +
           detail::extreme_premium(m, beyond, expiry, sign);
  });
}

// Call: end less minimum; put: maximum less end.
inline double lookback_floating_value(const GbmMarket& market, double expiry, bool call) {
  const double sign = call ? 1.0 : -1.0;
  return detail::off_zero_carry(market, [&](const GbmMarket& m) {
    return european_value(m, m.spot, expiry, call) +
           detail::extreme_premium(m, m.spot, expiry, -sign);
  });
}

}  // namespace zomma::kernels
