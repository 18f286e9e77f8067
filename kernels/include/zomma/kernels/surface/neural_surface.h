// neural_surface.h: a small neural network through the quotes of all expiries: ln(volatility) of one hidden layer of tanh in
// k / sqrt(expiry) and ln(expiry), trained by Levenberg-Marquardt, with butterfly and calendar arbitrage as penalties.
// Source of the soft constraints: Ackerer, Tagasovska & Vatter (2020), "Deep smoothing of the implied volatility surface".
#pragma once

#include <zomma/kernels/surface/volatility_surface.h>

#include <array>
#include <cstdint>
#include <span>

namespace zomma::kernels {

struct NeuralSettings {
  double noise_floor_vol = 5e-4;
  double weight_width = 3.0;   // Tikhonov: each weight is 0 give or take this
  double penalty = 100.0;      // residual per unit by which g or the growth of w falls short; 0 leaves arbitrage alone
  int restarts = 2;            // training starts from this many sets of small random weights; the best is kept
  std::uint64_t seed = 1;      // of those weights; one seed gives one result on every machine and run
  int max_evaluations = 150;   // of each training
};

class NeuralSurface : public VarianceSurface {
 public:
  static constexpr int units = 8;
  static constexpr int parameters = 4 * units + 1;

  SurfaceValue at(double k, double expiry) const override;  // zeros while empty
  bool empty() const { return !trained_; }

 private:
  friend struct NeuralBuilder;
  bool trained_ = false;
  std::array<double, parameters> weight_{};
  double x_scale_ = 1, t_mean_ = 0, t_scale_ = 1;
};

struct NeuralFit {
  NeuralSurface surface;
  FitReport report;  // violations before: trained without penalties; after: with
  ArbitrageReport arbitrage;
};

// At least 10 usable quotes. The penalties act at 25 strikes of every expiry and of four times between expiries, far beyond
// the quotes; farther out tanh is flat, and so is the volatility, which keeps w within Lee's bounds.
NeuralFit fit_neural(std::span<const SliceQuotes> quotes, const NeuralSettings& settings = {});

}  // namespace zomma::kernels
