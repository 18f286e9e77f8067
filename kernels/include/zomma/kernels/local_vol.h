// local_vol.h: a local variance given on a grid, and European prices under it by Dupire's forward
// equation.
#pragma once

#include <zomma/kernels/backend.h>
#include <zomma/kernels/status.h>

#include <cstdint>
#include <span>

namespace zomma::kernels {

// Local variance (a year) at time t and log-moneyness x = ln(S / F(t)): variance[i *
// moneyness.size() + j] at time[i], moneyness[j], both ascending. Linear between, flat beyond. One
// time and one moneyness make a constant.
struct LocalVariance {
  std::span<const double> time, moneyness, variance;
};

// Spot and constant continuous rates.
struct SpotMarket {
  double spot, rate, yield;
};

// How fine a finite-difference grid is: points in moneyness (concentrated about the money) and
// steps in time.
struct PdeResolution {
  int points = 401, steps = 200;
};

// Prices of many European options by one solve of dc/dT = variance(T, k) / 2 (c_kk - c_k) for the
// undiscounted call over the forward, k = ln(K/F); puts by parity. Source: Dupire (1994). Second
// order in both steps. The error is about 1e-5 of the spot at the default resolution, larger for
// expiries much shorter than the longest. length_mismatch for spans that differ; invalid_setting
// for a bad market, resolution (points in [11, 100001], steps in [4, 1000000]) or grid (empty, not
// ascending, a variance that is negative or not finite). `domain` for a bad element.
Status local_vol_price(Backend& backend, const LocalVariance& local, const SpotMarket& market,
                       PdeResolution resolution, std::span<const double> strike,
                       std::span<const double> expiry, std::span<const std::int8_t> sign,
                       std::span<double> price, std::span<ElementStatus> status);

}  // namespace zomma::kernels
