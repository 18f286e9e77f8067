// early_exercise.cpp: see early_exercise.h.
//
// The premium over an upper bound of it, the carry of the exercised position times the probability
// of being in the money, is a smooth function of ln(strike): a cubic through eight solved strikes
// between the far out of the money and the strike whose boundary is the spot itself.
#include "market/options/early_exercise.h"

#include <zomma/kernels/american.h>
#include <zomma/kernels/european.h>

#include <algorithm>
#include <cmath>

namespace zomma::options {
namespace {

namespace k = zomma::kernels;
constexpr double worthless = 0.01;  // of currency at the money: then only what is due counts
constexpr double vol_step = 1e-3, rate_step = 1e-4;  // of vega and rho
constexpr double out_deviations = 3;                 // out of the money the premium is lost beyond
constexpr double least_deviation = 1e-3;

k::Backend& backend() {
  static const std::unique_ptr<k::Backend> one = k::make_cpu_backend(1);
  return *one;
}

double normal(double x) { return 0.5 * std::erfc(-x * std::sqrt(0.5)); }

// A solve of some strikes with everything else alike.
template <std::size_t N>
struct Batch {
  std::array<double, N> spot, strike, years, rate, yield, vol;
  std::array<std::int8_t, N> sign;
  std::array<k::ElementStatus, N> status, other;

  Batch(const ExerciseTerms& terms, const Smile& smile, const std::array<double, N>& strikes)
      : strike(strikes) {
    spot.fill(terms.spot), years.fill(terms.years), rate.fill(terms.rate), yield.fill(terms.yield),
        sign.fill(terms.put ? -1 : 1);
    for (std::size_t i = 0; i < N; ++i) vol[i] = smile.at(strike[i]);
  }
  bool american(k::AmericanValues out) {
    out.status = status;
    return k::american_price(backend(), k::AmericanPreset::fast,
                             {spot, strike, years, rate, yield, vol, sign}, out) == k::Status::ok &&
           std::all_of(status.begin(), status.end(),
                       [](k::ElementStatus one) { return one == k::ElementStatus::ok; });
  }
};

// Through y at 0, 1, 2 and 3.
double cubic(const double* y, double t) {
  return -y[0] * (t - 1) * (t - 2) * (t - 3) / 6 + y[1] * t * (t - 2) * (t - 3) / 2 -
         y[2] * t * (t - 1) * (t - 3) / 2 + y[3] * t * (t - 1) * (t - 2) / 6;
}

}  // namespace

double Smile::at(double x) const {
  const auto above = std::lower_bound(strike.begin(), strike.end(), x);
  if (above == strike.begin()) return vol.front();
  if (above == strike.end()) return vol.back();
  const auto i = static_cast<std::size_t>(above - strike.begin());
  return vol[i - 1] + (vol[i] - vol[i - 1]) * (x - strike[i - 1]) / (strike[i] - strike[i - 1]);
}

// Interest on the strike, or the yield of the underlying, while in the money.
double EarlyExercise::scale(double strike, double vol) const {
  const double s = std::max(vol * std::sqrt(terms_.years), least_deviation);
  const double carry = (terms_.rate - terms_.yield) * terms_.years;
  const double d2 = (std::log(terms_.spot / strike) + carry) / s - 0.5 * s;
  return terms_.put ? terms_.rate * terms_.years * strike * normal(-d2)
                    : terms_.yield * terms_.years * terms_.spot * normal(d2 + s);
}

EarlyExercise::EarlyExercise(const ExerciseTerms& terms, const Smile& smile, double low,
                             double high)
    : terms_(terms) {
  const double gain = terms.put ? terms.rate : terms.yield;
  if (!(gain > 0) || std::fabs(terms.rate) > 1 || std::fabs(terms.yield) > 1 ||
      !(terms.years > 0) || !(terms.spot > 0) || smile.strike.empty() || !(low > 0))
    return;
  find_boundary(smile, low, high);
  if (0.5 * gain * terms.years * terms.spot >= worthless) solve(smile, low, high);
}

// The boundary of a strike is a share of it that changes slowly with the smile; where the share
// times the strike is the spot, exercise is due.
void EarlyExercise::find_boundary(const Smile& smile, double low, double high) {
  const double side = terms_.put ? 1.0 : -1.0;
  const double s = std::max(smile.at(terms_.spot) * std::sqrt(terms_.years), least_deviation);
  std::array<double, 4> strike, boundary;
  constexpr std::array<double, 4> deviations{0.3, 1.0, 2.2, 4.0};
  for (std::size_t i = 0; i < 4; ++i) strike[i] = terms_.spot * std::exp(side * deviations[i] * s);
  Batch<4> batch(terms_, smile, strike);
  k::AmericanValues out;
  out.boundary = boundary;
  if (!batch.american(out)) return;
  const auto excess = [&](std::size_t i) { return side * std::log(boundary[i] / terms_.spot); };
  for (std::size_t i = 0; i < 4; ++i) {
    const double here = excess(i);
    if (!(here >= 0)) continue;
    const double before = i == 0 ? 0 : excess(i - 1);
    const double share = i == 0 ? 1 : -before / (here - before);
    const double from = i == 0 ? terms_.spot / (boundary[0] / strike[0]) : strike[i - 1];
    due_ = i == 0 ? from : from * std::pow(strike[i] / from, share);
    break;
  }
  if (due_ > 0 && (terms_.put ? due_ > high : due_ < low)) due_ = 0;
}

void EarlyExercise::solve(const Smile& smile, double low, double high) {
  const double side = terms_.put ? 1.0 : -1.0;
  const double s = std::max(smile.at(terms_.spot) * std::sqrt(terms_.years), least_deviation);
  double out_end = terms_.spot * std::exp(-side * out_deviations * s);
  double in_end = due_ > 0 ? due_ : terms_.put ? high : low;
  if (terms_.put) out_end = std::clamp(out_end, low, std::max(low, 0.98 * in_end));
  if (!terms_.put) out_end = std::clamp(out_end, std::min(high, 1.02 * in_end), high);
  if (in_end == out_end) in_end = out_end * 1.02;
  first_ = std::log(out_end), step_ = std::log(in_end / out_end) / (nodes - 1);
  std::array<double, nodes> strike;
  for (std::size_t i = 0; i < nodes; ++i)
    strike[i] = std::exp(first_ + step_ * static_cast<double>(i));
  Batch<nodes> batch(terms_, smile, strike);
  std::array<std::array<double, nodes>, 4> american, european;
  std::array<double, nodes> european_vega, european_rho;
  k::AmericanValues out;
  out.price = american[0], out.delta = american[1], out.gamma = american[2],
  out.theta = american[3];
  k::EuropeanResults<double> same;
  same.value = european[0], same.delta = european[1], same.gamma = european[2],
  same.theta = european[3], same.vega = european_vega, same.rho = european_rho;
  std::array<double, rare_nodes> rare_strike, vega, rho;
  for (std::size_t i = 0; i < rare_nodes; ++i) rare_strike[i] = strike[2 * i + 1];
  Batch<rare_nodes> higher_vol(terms_, smile, rare_strike), higher_rate = higher_vol;
  for (double& one : higher_vol.vol) one += vol_step;
  for (double& one : higher_rate.rate) one += rate_step;
  k::AmericanValues out_vega, out_rho;
  out_vega.price = vega, out_rho.price = rho;
  if (!batch.american(out) || !higher_vol.american(out_vega) || !higher_rate.american(out_rho) ||
      k::european_greeks(
          backend(), k::EuropeanModel::black_scholes,
          {batch.sign, batch.spot, batch.strike, batch.years, batch.rate, batch.yield, batch.vol},
          same, batch.other) != k::Status::ok)
    return;
  for (std::size_t i = 0; i < nodes; ++i) {
    const double over = 1.0 / std::max(scale(strike[i], batch.vol[i]), 1e-300);
    for (std::size_t c = 0; c < 4; ++c) columns_[c][i] = (american[c][i] - european[c][i]) * over;
    if (i % 2 == 0) continue;
    rare_[0][i / 2] = ((vega[i / 2] - american[0][i]) / vol_step - european_vega[i]) * over;
    rare_[1][i / 2] = ((rho[i / 2] - american[0][i]) / rate_step - european_rho[i]) * over;
  }
  // Gamma and theta jump at the boundary, which is known to a percent or so: of a last node beyond
  // it the others say what they would be.
  if (due_ > 0 && american[2][nodes - 1] < 0.5 * american[2][nodes - 2])
    for (const std::size_t c : {2u, 3u}) {
      auto& column = columns_[c];
      column[nodes - 1] = 3 * column[nodes - 2] - 3 * column[nodes - 3] + column[nodes - 4];
    }
  any_ = true;
}

bool EarlyExercise::due(double strike) const {
  return due_ > 0 && (terms_.put ? strike >= due_ : strike <= due_);
}

OptionValues EarlyExercise::exercised(double strike) const {
  const double side = terms_.put ? -1.0 : 1.0;
  return {side * (terms_.spot - strike), side, 0, 0, 0, 0};
}

OptionValues EarlyExercise::premium(double strike, double vol) const {
  if (!any_) return {};
  const double x =
      std::clamp((std::log(strike) - first_) / step_, 0.0, static_cast<double>(nodes - 1));
  const auto from = static_cast<std::size_t>(std::clamp(std::floor(x) - 1.0, 0.0, nodes - 4.0));
  const double by = scale(strike, vol), t = x - static_cast<double>(from), u = 0.5 * (x - 1.0);
  const auto value = [&](std::size_t c) { return by * cubic(&columns_[c][from], t); };
  return {
      std::max(value(0), 0.0),       value(1), value(2), value(3), by * cubic(rare_[0].data(), u),
      by * cubic(rare_[1].data(), u)};
}

}  // namespace zomma::options
