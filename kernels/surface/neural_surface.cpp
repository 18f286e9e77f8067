// neural_surface.cpp: the network with its derivatives in place and weights, and its training.
#include <zomma/kernels/elementary_more.h>
#include <zomma/kernels/surface/neural_surface.h>

#include <zomma/kernels/surface/least_squares.h>

#include <algorithm>
#include <cmath>

#include "noise.h"
#include "scattered.h"

namespace zomma::kernels {
namespace {

constexpr int units = NeuralSurface::units, count = NeuralSurface::parameters;
constexpr std::size_t out_bias = count - 1;
using Weights = Vector<count>;

// L = ln(vol) and its derivatives by the scaled inputs x and t.
struct Output {
  double value, dx, d2x, dt;
};

// Each hidden unit j holds four weights: by x, by t, bias, and by which it enters L.
Output forward(const Weights& w, double x, double t) {
  Output out{w[out_bias], 0, 0, 0};
  for (std::size_t j = 0; j < units; ++j) {
    const double a = w[4 * j], c = w[4 * j + 1], v = w[4 * j + 3];
    const double h = tanh(a * x + c * t + w[4 * j + 2]), s = 1.0 - h * h;
    out.value += v * h;
    out.dx += v * s * a;
    out.d2x -= 2.0 * v * h * s * a * a;
    out.dt += v * s * c;
  }
  return out;
}

// Gradient in the weights of by.value L + by.dx L_x + by.d2x L_xx + by.dt L_t.
Weights backward(const Weights& w, double x, double t, const Output& by) {
  Weights g{};
  g[out_bias] = by.value;
  for (std::size_t j = 0; j < units; ++j) {
    const double a = w[4 * j], c = w[4 * j + 1], v = w[4 * j + 3];
    const double h = tanh(a * x + c * t + w[4 * j + 2]), s = 1.0 - h * h;
    const double s1 = -2.0 * h * s,
                 s2 = s * (6.0 * h * h - 2.0);  // derivatives of s by the unit's input
    // By the unit's input, then what a and c do besides.
    const double input = v * (by.value * s + (by.dx * a + by.dt * c) * s1 + by.d2x * a * a * s2);
    g[4 * j] = input * x + v * (by.dx * s + by.d2x * 2.0 * a * s1);
    g[4 * j + 1] = input * t + v * by.dt * s;
    g[4 * j + 2] = input;
    g[4 * j + 3] = by.value * h + (by.dx * a + by.dt * c) * s + by.d2x * a * a * s1;
  }
  return g;
}

struct Sample {
  double x, t, log_vol, weight;  // scaled inputs; weight = 1 / noise of ln(vol)
};

struct Guard {
  double x, t, expiry;  // scaled inputs
};

}  // namespace

struct NeuralBuilder {
  const NeuralSettings& settings;
  NeuralSurface surface;
  std::vector<Sample> samples;
  std::vector<Guard> guards;
  static constexpr int guards_aside = 12;  // of the middle of the quotes
  double mean = 0, middle = 0;

  NeuralBuilder(const Scattered& data, const NeuralSettings& chosen) : settings(chosen) {
    NeuralSurface& s = surface;
    s.x_scale_ = std::fmax(0.5 * (data.high - data.low), 1e-3);
    middle = 0.5 * (data.high + data.low) / s.x_scale_;
    const double first = log(data.expiries.front()), last = log(data.expiries.back());
    s.t_mean_ = 0.5 * (first + last);
    s.t_scale_ = std::fmax(0.5 * (last - first), 0.5);
    for (const ScatteredQuote& q : data.quotes) {
      samples.push_back(
          {q.x / s.x_scale_, (q.log_expiry - s.t_mean_) / s.t_scale_, log(q.vol), q.vol / q.noise});
      mean += samples.back().log_vol / static_cast<double>(data.quotes.size());
    }
    for (std::size_t e = 0; e < data.expiries.size(); ++e) {
      add_guards(data.expiries[e]);
      // A single guard between expiries leaves room for a fall on either side of it.
      for (const double share : {0.2, 0.4, 0.6, 0.8})
        if (e > 0)
          add_guards(data.expiries[e - 1] + share * (data.expiries[e] - data.expiries[e - 1]));
    }
  }

  void add_guards(double expiry) {
    for (int i = -guards_aside; i <= guards_aside; ++i) {
      // Dense among the quotes, out to four times their range, where tanh has saturated.
      const double x = middle + sinh(2.5 * i / guards_aside) / sinh(2.5) * 4.0;
      guards.push_back({x, (log(expiry) - surface.t_mean_) / surface.t_scale_, expiry});
    }
  }

  // With x = k / sqrt(t), L_x by x and L_t by ln t:  g = (1 - x L_x)^2 + vol^2 (L_xx + L_x^2 -
  // L_x^2 w / 4), dw/dt = vol^2 (1 + 2 L_t - x L_x). Each must reach a small margin.
  void add_penalties(const Weights& w, const Guard& at, double penalty,
                     NormalEquations<count>* out) const {
    constexpr double margin = 0.01;
    const Output o = forward(w, at.x, at.t);
    const double sx = 1.0 / surface.x_scale_, st = 1.0 / surface.t_scale_,
                 x = at.x * surface.x_scale_;
    const double lx = o.dx * sx, lxx = o.d2x * sx * sx, lt = o.dt * st, square = exp(2.0 * o.value);
    const double total = square * at.expiry, u = 1.0 - x * lx;
    const double growth = 1.0 + 2.0 * lt - x * lx;
    if (growth < margin) {
      Weights row = backward(w, at.x, at.t, {0.0, penalty * x * sx, 0.0, -2.0 * penalty * st});
      out->add(penalty * (margin - growth), row);
    }
    const double g = u * u + square * (lxx + lx * lx - 0.25 * lx * lx * total);
    if (g < margin) {
      const double by_l = 2.0 * square * (lxx + lx * lx) - square * lx * lx * total;
      const double by_lx = -2.0 * x * u + square * lx * (2.0 - 0.5 * total);
      Weights row =
          backward(w, at.x, at.t,
                   {-penalty * by_l, -penalty * by_lx * sx, -penalty * square * sx * sx, 0.0});
      out->add(penalty * (margin - g), row);
    }
  }

  LeastSquaresResult<count> train(const Weights& start, double penalty) const {
    const auto problem = [&](const Weights& w, NormalEquations<count>* out) {
      NormalEquations<count> at;
      for (const Sample& s : samples) {
        const double r = s.weight * (forward(w, s.x, s.t).value - s.log_vol);
        at.add(r, backward(w, s.x, s.t, {s.weight, 0, 0, 0}));
      }
      for (std::size_t j = 0; j < out_bias; ++j) {
        Weights row{};
        row[j] = 1.0 / settings.weight_width;
        at.add(w[j] / settings.weight_width, row);
      }
      if (penalty > 0)
        for (const Guard& guard : guards) add_penalties(w, guard, penalty, &at);
      if (out) *out = at;
      return at.cost;
    };
    LeastSquaresSettings lm;
    lm.max_evaluations = settings.max_evaluations;
    lm.relative_decrease = 1e-4;
    lm.relative_step = 1e-6;
    lm.initial_damping = 1e-2;
    return least_squares<count>(problem, start, {}, lm);
  }

  Weights first_weights(int restart) const {
    Weights w{};
    for (std::size_t j = 0; j < out_bias; ++j)
      w[j] = (j % 4 == 3 ? 0.2 : 1.0) *
             gaussian(settings.seed, static_cast<std::uint64_t>(restart), j);
    w[out_bias] = mean;
    return w;
  }

  void keep(const Weights& w) {
    surface.weight_ = w;
    surface.trained_ = true;
  }
};

SurfaceValue NeuralSurface::at(double k, double expiry) const {
  if (!trained_ || !(expiry > 0)) return {};
  const double x = k / std::sqrt(expiry);
  const Output o = forward(weight_, x / x_scale_, (log(expiry) - t_mean_) / t_scale_);
  const double vol = exp(o.value), lx = o.dx / x_scale_, lxx = o.d2x / (x_scale_ * x_scale_);
  return variance_from_volatility(x, expiry, vol, vol * lx, vol * (lxx + lx * lx),
                                  vol * o.dt / t_scale_);
}

NeuralFit fit_neural(std::span<const SliceQuotes> quotes, const NeuralSettings& settings) {
  NeuralFit fit;
  if (!(settings.noise_floor_vol > 0) || !(settings.weight_width > 0) || !(settings.penalty >= 0) ||
      settings.restarts < 1 || settings.max_evaluations < 1)
    return fit;
  const Scattered data = scatter(quotes, settings.noise_floor_vol, 10, &fit.report);
  if (data.quotes.empty()) return fit;
  NeuralBuilder builder(data, settings);
  LeastSquaresResult<count> best;
  best.cost = INFINITY;
  for (int r = 0; r < settings.restarts; ++r) {
    const auto result = builder.train(builder.first_weights(r), 0.0);
    fit.report.evaluations += result.evaluations;
    if (result.cost < best.cost) best = result;
  }
  builder.keep(best.x);
  FitReport before = fit.report;
  judge(quotes, data, builder.surface, settings.noise_floor_vol, &before, &fit.arbitrage);
  // The penalty stiffens until nothing is left to punish.
  double penalty = settings.penalty;
  for (int round = 0; round < 3 && penalty > 0 && !fit.arbitrage.free(); ++round, penalty *= 10.0) {
    best = builder.train(best.x, penalty);
    fit.report.evaluations += best.evaluations;
    builder.keep(best.x);
    FitReport ignored = fit.report;
    judge(quotes, data, builder.surface, settings.noise_floor_vol, &ignored, &fit.arbitrage);
  }
  fit.surface = builder.surface;
  std::array<bool, count> free;
  free.fill(true);
  fit.report.condition = condition_number<count>(best.at, free);
  judge(quotes, data, fit.surface, settings.noise_floor_vol, &fit.report, &fit.arbitrage);
  fit.report.min_g_before = before.min_g_after;
  fit.report.violations_before = before.violations_after;
  return fit;
}

}  // namespace zomma::kernels
