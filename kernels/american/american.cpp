// american.cpp: batches of American options, four to the vector lanes.
#include <zomma/kernels/american.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "american_put.h"

namespace zomma::kernels {
namespace {

constexpr std::size_t grain = 64;  // options a chunk: some 100 us of work in the fast preset
void put_at(std::span<double> out, std::size_t i, double x) {
  if (!out.empty()) out[i] = x;
}

void write(const AmericanTermsBatch& terms, const AmericanValues& out, std::size_t i,
           const Put& put, const AmericanValue<Lanes>& values, int lane) {
  const double x = put.spot, p = values.price[lane], p1 = values.delta[lane],
               p2 = values.gamma[lane];
  const double price = put.unit * p;
  const double delta = put.call ? p - x * p1 : p1;
  const double gamma = (put.call ? x * x * p2 : p2) / put.unit;
  const bool live = x > values.boundary[lane];
  const double s = terms.spot[i], v = terms.volatility[i] * s;
  const double theta =
      terms.rate[i] * price - (terms.rate[i] - terms.yield[i]) * s * delta - 0.5 * v * v * gamma;
  put_at(out.price, i, price);
  put_at(out.delta, i, delta);
  put_at(out.gamma, i, gamma);
  put_at(out.theta, i, live ? theta : 0.0);
  const double b = values.boundary[lane];
  const double never = put.call ? std::numeric_limits<double>::infinity() : 0.0;
  put_at(out.boundary, i,
         !put.early ? never
         : put.call ? terms.strike[i] / b
                    : terms.strike[i] * b);
}

void clear(const AmericanValues& out, std::size_t i, ElementStatus status) {
  for (auto span : {out.price, out.delta, out.gamma, out.theta, out.vega, out.rho, out.boundary})
    put_at(span, i, 0.0);
  if (!out.status.empty()) out.status[i] = status;
}

// Central difference of the price by one of the put's numbers. The discretised price is smooth in
// its inputs, so the step may be small; 1e-4 leaves an error of about 1e-8.
template <class Shift>
Lanes slope(const AmericanRule& rule, const Put* puts, double step, Shift shift) {
  Lanes price[2];
  for (int side = 0; side < 2; ++side) {
    Put moved[Lanes::width];
    for (int k = 0; k < Lanes::width; ++k) {
      moved[k] = puts[k];
      shift(moved[k], side == 0 ? -step : step);
    }
    price[side] = value(rule, Four(moved)).price;
  }
  return (price[1] - price[0]) / Lanes(2 * step);
}

void price_four(const AmericanRule& rule, const AmericanTermsBatch& terms,
                const AmericanValues& out, std::size_t begin, std::size_t end) {
  Put puts[Lanes::width];
  bool good[Lanes::width] = {};
  for (std::size_t i = begin; i < end; ++i) {
    const double volatility = terms.volatility[i];
    good[i - begin] =
        load(terms, i, puts[i - begin]) && positive(volatility) && volatility <= 100.0;
    if (good[i - begin])
      puts[i - begin].volatility = volatility;
    else
      puts[i - begin] = Put{};
  }
  const auto values = value(rule, Four(puts));
  Lanes vega(0.0), rho(0.0);
  if (!out.vega.empty()) {
    const auto up = [](Put& put, double by) { put.volatility *= 1 + by; };
    vega = slope(rule, puts, 1e-4, up) / Four(puts).terms.volatility;
  }
  if (!out.rho.empty()) {
    rho = slope(rule, puts, 1e-5,
                [](Put& put, double by) { (put.call ? put.yield : put.rate) += by; });
  }
  for (std::size_t i = begin; i < end; ++i) {
    const int k = static_cast<int>(i - begin);
    if (!good[k]) {
      clear(out, i, ElementStatus::domain);
      continue;
    }
    const double all =
        values.price[k] + values.delta[k] + values.gamma[k] + values.boundary[k] + vega[k] + rho[k];
    if (!std::isfinite(all * puts[k].unit) || !(values.last_step[k] < largest_last_step)) {
      clear(out, i, ElementStatus::no_convergence);
      continue;
    }
    write(terms, out, i, puts[k], values, k);
    put_at(out.vega, i, puts[k].unit * vega[k]);
    put_at(out.rho, i, puts[k].unit * rho[k]);
    if (!out.status.empty()) out.status[i] = ElementStatus::ok;
  }
}

}  // namespace

Status american_price(Backend& backend, AmericanPreset preset, const AmericanTermsBatch& terms,
                      const AmericanValues& out) {
  const std::size_t n = terms.spot.size();
  if (!same_length(terms) || terms.volatility.size() != n) return Status::length_mismatch;
  for (auto span : {out.price, out.delta, out.gamma, out.theta, out.vega, out.rho, out.boundary}) {
    if (!span.empty() && span.size() != n) return Status::length_mismatch;
  }
  if (!out.status.empty() && out.status.size() != n) return Status::length_mismatch;
  const AmericanRule& rule = american_rule(preset);
  backend.for_chunks(n, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i += Lanes::width) {
      price_four(rule, terms, out, i, std::min(i + Lanes::width, end));
    }
  });
  return Status::ok;
}

}  // namespace zomma::kernels
