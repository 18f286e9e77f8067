// model_fit.h: parameters of a model of the whole surface (Heston's five, Bates' eight) from quotes
// of several expiries, given any function that prices them with gradients. Knows nothing of how the
// prices are made.
#pragma once

#include <zomma/kernels/surface/fit_report.h>
#include <zomma/kernels/surface/optimiser.h>

#include <array>
#include <functional>
#include <span>
#include <vector>

namespace zomma::kernels {

// v0, kappa, theta, sigma, rho.
using HestonPoint = std::array<double, 5>;
// The same and the jumps' intensity a year, mean and deviation of the log jump.
using BatesPoint = std::array<double, 8>;

struct SurfaceQuote {
  double expiry = 0;  // years
  double forward = 0, strike = 0;
  double bid_vol = 0, ask_vol = 0;  // Black volatilities
};

// Writes the undiscounted price of each usable quote's out-of-the-money option (a call where strike
// >= forward) and its gradient; false where the model has no price there. `usable` holds the quotes
// in the order given, less those left out.
template <std::size_t N>
using SurfacePricer =
    std::function<bool(const std::array<double, N>& point, std::span<const SurfaceQuote> usable,
                       std::span<double> price, std::span<std::array<double, N>> gradient)>;

template <std::size_t N>
struct ModelFitSettings {
  std::array<double, N> start{}, low{}, high{};
  double noise_floor_vol = 5e-4;
  bool equal_weights = false;  // every quote's noise is noise_floor_vol, whatever its spread
  // Tikhonov: belief of this width about the prior, in ln of positive parameters and plainly in rho
  // and the mean jump.
  double prior_width = 0;
  std::array<double, N> prior{};
  int max_evaluations = 100;
  Optimiser optimiser = nullptr;  // null: the kernels' own
};

// Start and bounds that hold equity and index surfaces; v0 and theta start at the variances at the
// money of the first and last expiry.
ModelFitSettings<5> heston_settings(std::span<const SurfaceQuote> quotes);
ModelFitSettings<8> bates_settings(std::span<const SurfaceQuote> quotes);

template <std::size_t N>
struct ModelFit {
  std::array<double, N> point{};
  FitReport report;         // min_g and violations stay 0: a model's prices hold no arbitrage
  std::vector<double> vol;  // the model's volatility of each quote; 0 where it was left out
};

// Levenberg-Marquardt on the residuals in implied volatility: each model price is turned into a
// volatility, each gradient divided by its vega.
ModelFit<5> fit_heston(std::span<const SurfaceQuote> quotes, const SurfacePricer<5>& pricer,
                       const ModelFitSettings<5>& settings);
ModelFit<8> fit_bates(std::span<const SurfaceQuote> quotes, const SurfacePricer<8>& pricer,
                      const ModelFitSettings<8>& settings);

}  // namespace zomma::kernels
