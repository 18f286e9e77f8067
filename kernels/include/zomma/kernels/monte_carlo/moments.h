// moments.h: means, variances and one covariance of samples, chunk by chunk and merged in the order
// of the chunks, so that the result does not depend on who summed what.
#pragma once

#include <cstddef>

#include <zomma/kernels/real.h>

namespace zomma::kernels {

// The samples of one chunk, as arrays.
template <std::size_t capacity>
struct SampleBuffer {
  double payoff[capacity], spot_slope[capacity], volatility_slope[capacity], control[capacity];
};

struct Moments {
  double count = 0;
  double payoff = 0, spot_slope = 0, volatility_slope = 0, control = 0;  // means
  double payoff_m2 = 0, spot_slope_m2 = 0, volatility_slope_m2 = 0, control_m2 = 0,
         co = 0;  // centred sums

  // Chan, Golub, LeVeque (1983).
  ZM_HOST_DEVICE void merge(const Moments& other) {
    if (other.count == 0) return;
    const double total = count + other.count, share = other.count / total, cross = count * share;
    const double payoff_gap = other.payoff - payoff, control_gap = other.control - control;
    const auto join = [&](double& mean, double& m2, double other_mean, double other_m2) {
      const double gap = other_mean - mean;
      mean += gap * share;
      m2 += other_m2 + gap * gap * cross;
    };
    co += other.co + payoff_gap * control_gap * cross;
    join(payoff, payoff_m2, other.payoff, other.payoff_m2);
    join(spot_slope, spot_slope_m2, other.spot_slope, other.spot_slope_m2);
    join(volatility_slope, volatility_slope_m2, other.volatility_slope, other.volatility_slope_m2);
    join(control, control_m2, other.control, other.control_m2);
    count = total;
  }
};

template <std::size_t capacity>
inline Moments moments_of(const SampleBuffer<capacity>& buffer, std::size_t count) {
  Moments out;
  out.count = static_cast<double>(count);
  for (std::size_t i = 0; i < count; ++i) {
    out.payoff += buffer.payoff[i];
    out.spot_slope += buffer.spot_slope[i];
    out.volatility_slope += buffer.volatility_slope[i];
    out.control += buffer.control[i];
  }
  out.payoff /= out.count;
  out.spot_slope /= out.count;
  out.volatility_slope /= out.count;
  out.control /= out.count;
  for (std::size_t i = 0; i < count; ++i) {
    const double payoff = buffer.payoff[i] - out.payoff, control = buffer.control[i] - out.control;
    const double spot = buffer.spot_slope[i] - out.spot_slope;
    const double volatility = buffer.volatility_slope[i] - out.volatility_slope;
    out.payoff_m2 += payoff * payoff;
    out.control_m2 += control * control;
    out.co += payoff * control;
    out.spot_slope_m2 += spot * spot;
    out.volatility_slope_m2 += volatility * volatility;
  }
  return out;
}

}  // namespace zomma::kernels
