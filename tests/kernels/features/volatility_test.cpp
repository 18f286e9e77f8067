// Volatility estimators: one bar worked by hand, and a simulated market whose volatility is known.
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include <zomma/kernels/features/volatility.h>
#include <zomma/kernels/monte_carlo/normal.h>

namespace zomma::kernels {
namespace {

using V = VolatilityEstimator;

struct Market {
  std::vector<double> open, high, low, close;
  BarSeries bars(std::size_t instruments) const {
    return {open, high, low, close, {}, instruments};
  }
};

// Daily bars of Brownian motion in logs with `drift` and `gap` share of the daily variance
// overnight.
Market simulate_days(std::size_t days, double daily, double drift, double gap, std::uint64_t seed) {
  Market out;
  double x = 0;
  constexpr std::uint32_t blocks = 500;  // of four steps a day
  const double step = daily * std::sqrt((1 - gap) / (4.0 * blocks));
  for (std::size_t day = 0; day < days; ++day) {
    x += daily * std::sqrt(gap) * four_normals<double>(seed, day, 0, 7).z[0];
    const double open = x;
    double high = x, low = x;
    for (std::uint32_t block = 0; block < blocks; ++block) {
      for (const double z : four_normals<double>(seed, day, block).z) {
        x += step * z + drift / (4.0 * blocks);
        high = std::max(high, x);
        low = std::min(low, x);
      }
    }
    out.open.push_back(std::exp(open));
    out.high.push_back(std::exp(high));
    out.low.push_back(std::exp(low));
    out.close.push_back(std::exp(x));
  }
  return out;
}

double estimate(const Market& market, V estimator) {
  double out = 0;
  REQUIRE(volatility(*make_cpu_backend(1), estimator, market.bars(1), 252, {&out, 1}) ==
          Status::ok);
  return out;
}

}  // namespace

TEST_CASE("each estimator of one bar is the published formula") {
  const Market one{{100}, {110}, {95}, {105}};
  const double u = std::log(1.1), d = std::log(0.95), c = std::log(1.05);
  const auto squared = [&](V v) { return std::pow(estimate(one, v), 2) / 252; };
  CHECK(squared(V::parkinson) == Approx((u - d) * (u - d) / (4 * std::log(2.0))).epsilon(1e-13));
  CHECK(squared(V::garman_klass) ==
        Approx(0.5 * (u - d) * (u - d) - (2 * std::log(2.0) - 1) * c * c).epsilon(1e-13));
  CHECK(squared(V::rogers_satchell) == Approx(u * (u - c) + d * (d - c)).epsilon(1e-13));
}

TEST_CASE("realised volatility is the root mean square of log returns, annualised") {
  Market market;
  market.close = {100, 110, 99, 99};
  double out = 0;
  const BarSeries bars{{}, {}, {}, market.close, {}, 1};
  REQUIRE(volatility(*make_cpu_backend(1), V::realised, bars, 12, {&out, 1}) == Status::ok);
  const double a = std::log(1.1), b = std::log(0.9);
  CHECK(out == Approx(std::sqrt(12 * (a * a + b * b) / 3)).epsilon(1e-13));
}

TEST_CASE("Yang-Zhang of four bars equals the formula written out") {
  const Market m{
      {100, 102, 99, 101}, {103, 104, 102, 103}, {98, 100, 97, 100}, {101, 101, 100, 102}};
  double o[3], c[3], rs = 0;
  for (int t = 1; t < 4; ++t) {
    o[t - 1] = std::log(m.open[t] / m.close[t - 1]);
    c[t - 1] = std::log(m.close[t] / m.open[t]);
    rs += (std::log(m.high[t] / m.close[t]) * std::log(m.high[t] / m.open[t]) +
           std::log(m.low[t] / m.close[t]) * std::log(m.low[t] / m.open[t])) /
          3;
  }
  const auto variance = [](const double(&x)[3]) {
    const double mean = (x[0] + x[1] + x[2]) / 3;
    return (std::pow(x[0] - mean, 2) + std::pow(x[1] - mean, 2) + std::pow(x[2] - mean, 2)) / 2;
  };
  const double k = 0.34 / (1.34 + 4.0 / 2.0);
  CHECK(estimate(m, V::yang_zhang) ==
        Approx(std::sqrt(252 * (variance(o) + k * variance(c) + (1 - k) * rs))).epsilon(1e-12));
}

TEST_CASE("every estimator finds the volatility of a simulated market") {
  const double daily = 0.2 / std::sqrt(252.0);
  const Market still = simulate_days(1000, daily, 0, 0, 3);
  // Seen at 2000 points a day the range is a little short: 0.5826 / sqrt(2000) of the deviation at
  // each end.
  CHECK(estimate(still, V::realised) == Approx(0.2).epsilon(0.07));
  CHECK(estimate(still, V::parkinson) == Approx(0.2).epsilon(0.05));
  CHECK(estimate(still, V::garman_klass) == Approx(0.2).epsilon(0.05));
  CHECK(estimate(still, V::rogers_satchell) == Approx(0.2).epsilon(0.05));
  CHECK(estimate(still, V::yang_zhang) == Approx(0.2).epsilon(0.05));
  // A strong trend fools the range, not Rogers-Satchell; an overnight gap is seen by Yang-Zhang
  // alone.
  const Market trend = simulate_days(1000, daily, 2 * daily, 0, 4);
  CHECK(estimate(trend, V::parkinson) > 0.3);
  CHECK(estimate(trend, V::rogers_satchell) == Approx(0.2).epsilon(0.05));
  const Market gaps = simulate_days(1000, daily, 0, 0.4, 5);
  CHECK(estimate(gaps, V::garman_klass) < 0.17);
  CHECK(estimate(gaps, V::yang_zhang) == Approx(0.2).epsilon(0.05));
}

TEST_CASE("bars that cannot be are marked and the other instruments are right") {
  Market m{{100, 100, 100, 100}, {110, 110, 99, 110}, {95, 95, 95, 0}, {105, 105, 105, 105}};
  m.close[1] = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> out(4, 9);
  std::vector<ElementStatus> status(4);
  const auto backend = make_cpu_backend(1);
  REQUIRE(volatility(*backend, V::parkinson, m.bars(4), 252, out, status) == Status::ok);
  CHECK(out[0] > 0);
  for (int i = 1; i < 4; ++i) {
    CHECK(out[i] == 0);
    CHECK(status[i] == ElementStatus::domain);
  }
  CHECK(volatility(*backend, V::yang_zhang, m.bars(4), 252, out) == Status::invalid_setting);
  CHECK(volatility(*backend, V::parkinson, m.bars(4), -1, out) == Status::invalid_setting);
  CHECK(volatility(*backend, V::parkinson, m.bars(3), 252, out) == Status::length_mismatch);
  CHECK(volatility(*backend, V::parkinson, {{}, {}, {}, {}, {}, 0}, 252, {}) == Status::ok);
}

}  // namespace zomma::kernels
