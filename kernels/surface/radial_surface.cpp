// radial_surface.cpp: kernels of distance with derivatives, their weights by Cholesky, and widths
// by maximum likelihood.
#include <zomma/kernels/elementary_more.h>
#include <zomma/kernels/surface/radial_surface.h>

#include <algorithm>
#include <cmath>

#include "scattered.h"

namespace zomma::kernels {
namespace {

double square(double x) { return x * x; }

constexpr std::size_t most_quotes = 2000;
constexpr double least_noise =
    1e-4;  // of the deviation, added to a quote's noise so that the factor exists

// phi as a function of q = r^2 with two derivatives in q. Matern 5/2's second is infinite at 0 but
// always multiplied by a squared distance there.
struct Radial {
  double value, first, second;
};

Radial radial(RadialKernel kernel, double q) {
  switch (kernel) {
    case RadialKernel::gaussian: {
      const double e = exp_short(-0.5 * q);
      return {e, -0.5 * e, 0.25 * e};
    }
    case RadialKernel::inverse_multiquadric: {
      const double v = 1.0 / std::sqrt(1.0 + q), third = v * v * v;
      return {v, -0.5 * third, 0.75 * third * v * v};
    }
    case RadialKernel::matern52:
      break;
  }
  const double s = std::sqrt(5.0 * q), e = exp_short(-s);
  return {(1.0 + s + s * s / 3.0) * e, -5.0 / 6.0 * (1.0 + s) * e, 25.0 / 12.0 * e};
}

double value_of(RadialKernel kernel, double q) { return radial(kernel, q).value; }

// Lower triangle by rows; row i begins at i (i + 1) / 2. False where the matrix is not positive
// definite.
bool factorise(std::vector<double>& a, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    double* row = a.data() + i * (i + 1) / 2;
    for (std::size_t j = 0; j <= i; ++j) {
      const double* other = a.data() + j * (j + 1) / 2;
      double sum = row[j];
      for (std::size_t k = 0; k < j; ++k) sum -= row[k] * other[k];
      if (j < i)
        row[j] = sum / other[j];
      else if (!(sum > 0))
        return false;
      else
        row[i] = std::sqrt(sum);
    }
  }
  return true;
}

void solve_lower(const std::vector<double>& l, std::vector<double>& b) {
  for (std::size_t i = 0; i < b.size(); ++i) {
    const double* row = l.data() + i * (i + 1) / 2;
    double sum = b[i];
    for (std::size_t k = 0; k < i; ++k) sum -= row[k] * b[k];
    b[i] = sum / row[i];
  }
}

void solve_upper(const std::vector<double>& l, std::vector<double>& b) {
  for (std::size_t i = b.size(); i-- > 0;) {
    const double* row = l.data() + i * (i + 1) / 2;
    b[i] /= row[i];
    for (std::size_t k = 0; k < i; ++k) b[k] -= row[k] * b[i];
  }
}

}  // namespace

struct RadialBuilder {
  const Scattered& data;
  RadialSurface surface;

  RadialBuilder(const Scattered& quotes, RadialKernel kernel) : data(quotes) {
    surface.kernel_ = kernel;
  }

  std::vector<double> factor(double width_k, double width_expiry, double deviation) const {
    const std::size_t n = data.quotes.size();
    std::vector<double> a(n * (n + 1) / 2);
    for (std::size_t i = 0, at = 0; i < n; ++i)
      for (std::size_t j = 0; j <= i; ++j, ++at) {
        const double x = (data.quotes[i].x - data.quotes[j].x) / width_k;
        const double t = (data.quotes[i].log_expiry - data.quotes[j].log_expiry) / width_expiry;
        a[at] = deviation * deviation * value_of(surface.kernel_, x * x + t * t);
        if (i == j) a[at] += square(data.quotes[i].noise) + square(least_noise * deviation);
      }
    if (!factorise(a, n)) a.clear();
    return a;
  }

  std::vector<double> excess() const {
    std::vector<double> out;
    for (const ScatteredQuote& quote : data.quotes) out.push_back(quote.vol - surface.mean_);
    return out;
  }

  // Minus twice the log likelihood, less a constant.
  double surprise(double width_k, double width_expiry, double deviation) const {
    const auto l = factor(width_k, width_expiry, deviation);
    if (l.empty()) return INFINITY;
    auto z = excess();
    solve_lower(l, z);
    double sum = 0;
    for (std::size_t i = 0; i < z.size(); ++i)
      sum += z[i] * z[i] + 2.0 * log(l[i * (i + 1) / 2 + i]);
    return sum;
  }

  void set_mean() {
    double sum = 0, total = 0;
    for (const ScatteredQuote& quote : data.quotes) {
      sum += quote.vol / (quote.noise * quote.noise);
      total += 1.0 / (quote.noise * quote.noise);
    }
    surface.mean_ = sum / total;
  }

  // Coordinate search on a grid in logarithms, twice as fine each round; only what the settings
  // leave open moves.
  void choose_widths(const RadialSettings& settings) {
    double spread = 0, span = data.quotes.size() > 1 ? data.high - data.low : 1.0;
    for (const ScatteredQuote& quote : data.quotes)
      spread += square(quote.vol - surface.mean_) / static_cast<double>(data.quotes.size());
    const double time = log(data.expiries.back() / data.expiries.front());
    double value[3] = {
        settings.width_k > 0 ? settings.width_k : std::fmax(0.5 * span, 1e-3),
        settings.width_expiry > 0 ? settings.width_expiry : std::fmax(0.5 * time, 0.5),
        settings.deviation > 0 ? settings.deviation : std::fmax(2.0 * std::sqrt(spread), 0.01)};
    const bool open[3] = {!(settings.width_k > 0), !(settings.width_expiry > 0),
                          !(settings.deviation > 0)};
    double best = surprise(value[0], value[1], value[2]);
    for (double step = 2.0; step > 1.2; step = std::sqrt(step))
      for (int round = 0; round < 3; ++round)
        for (int c = 0; c < 3; ++c)
          for (const double by : {step, 1.0 / step}) {
            if (!open[c]) continue;
            double other[3] = {value[0], value[1], value[2]};
            other[c] *= by;
            if (other[c] > 1e3 || other[c] < 1e-4) continue;
            const double there = surprise(other[0], other[1], other[2]);
            if (there < best) best = there, value[c] = other[c];
          }
    surface.width_k_ = value[0], surface.width_expiry_ = value[1], surface.deviation_ = value[2];
  }

  // False where the covariance has no factor.
  bool solve(FitReport* report) {
    surface.factor_ = factor(surface.width_k_, surface.width_expiry_, surface.deviation_);
    if (surface.factor_.empty()) return false;
    surface.weight_ = excess();
    solve_lower(surface.factor_, surface.weight_);
    solve_upper(surface.factor_, surface.weight_);
    double least = INFINITY, most = 0;
    for (std::size_t i = 0; i < data.quotes.size(); ++i) {
      const double pivot = surface.factor_[i * (i + 1) / 2 + i];
      least = std::fmin(least, pivot), most = std::fmax(most, pivot);
      surface.weight_[i] *= surface.deviation_ * surface.deviation_;
      surface.place_.push_back(
          {data.quotes[i].x / surface.width_k_, data.quotes[i].log_expiry / surface.width_expiry_});
    }
    surface.low_ = data.low, surface.high_ = data.high;
    report->condition = (most / least) * (most / least);
    return true;
  }
};

RadialSurface::Volatility RadialSurface::volatility_at(double x, double log_expiry) const {
  Volatility out{mean_, 0, 0, 0};
  const double a = x / width_k_, b = log_expiry / width_expiry_;
  for (std::size_t i = 0; i < place_.size(); ++i) {
    const double u = a - place_[i].x, v = b - place_[i].t;
    Radial r = radial(kernel_, u * u + v * v);
    out.value += weight_[i] * r.value;
    out.dx += weight_[i] * 2.0 * u * r.first;
    out.d2x += weight_[i] * (2.0 * r.first + 4.0 * u * u * r.second);
    out.dt += weight_[i] * 2.0 * v * r.first;
  }
  out.dx /= width_k_, out.d2x /= width_k_ * width_k_, out.dt /= width_expiry_;
  return out;
}

SurfaceValue RadialSurface::at(double k, double expiry) const {
  if (empty() || !(expiry > 0)) return {};
  return with_wings(k, expiry, low_, high_, [&](double x, double t) {
    const Volatility v = volatility_at(x, log(t));
    return variance_from_volatility(x, t, std::fmax(v.value, 1e-4), v.dx, v.d2x, v.dt);
  });
}

double RadialSurface::error(double k, double expiry) const {
  if (empty() || !(expiry > 0)) return 0.0;
  const double a = k / std::sqrt(expiry) / width_k_, b = log(expiry) / width_expiry_;
  std::vector<double> z;
  for (const Place& place : place_)
    z.push_back(deviation_ * deviation_ *
                value_of(kernel_, (a - place.x) * (a - place.x) + (b - place.t) * (b - place.t)));
  solve_lower(factor_, z);
  double left = deviation_ * deviation_;
  for (const double entry : z) left -= entry * entry;
  return std::sqrt(std::fmax(left, 0.0));
}

RadialFit fit_radial(std::span<const SliceQuotes> quotes, const RadialSettings& settings) {
  RadialFit fit;
  if (!(settings.noise_floor_vol > 0) || !(settings.width_k >= 0) ||
      !(settings.width_expiry >= 0) || !(settings.deviation >= 0))
    return fit;
  const Scattered data = scatter(quotes, settings.noise_floor_vol, 3, &fit.report);
  if (data.quotes.empty()) return fit;
  if (data.quotes.size() > most_quotes) {
    fit.report.verdict = FitVerdict::invalid_input;
    return fit;
  }
  RadialBuilder builder(data, settings.kernel);
  builder.set_mean();
  builder.choose_widths(settings);
  if (!builder.solve(&fit.report)) {
    fit.report.verdict = FitVerdict::singular;
    return fit;
  }
  fit.surface = std::move(builder.surface);
  judge(quotes, data, fit.surface, settings.noise_floor_vol, &fit.report, &fit.arbitrage);
  return fit;
}

}  // namespace zomma::kernels
