// Technical indicators: published worked values, cases worked by hand, and their definitions
// written out the slow way.
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include <zomma/kernels/features/indicators.h>
#include <zomma/kernels/monte_carlo/normal.h>

namespace zomma::kernels {
namespace {

using Values = std::vector<double>;

struct Bars {
  Values high, low, close, volume;
  std::size_t instruments = 1;
  BarSeries series() const { return {{}, high, low, close, volume, instruments}; }
};

Bars walk(std::size_t instruments, std::size_t count) {
  Bars out;
  out.instruments = instruments;
  for (std::size_t i = 0; i < instruments; ++i) {
    double price = 100;
    for (std::size_t t = 0; t < count; ++t) {
      const auto z = four_normals<double>(i + 1, t, 0);
      price *= std::exp(0.01 * z.z[0]);
      out.close.push_back(price);
      out.high.push_back(price * (1 + 0.005 * std::abs(z.z[1])));
      out.low.push_back(price * (1 - 0.005 * std::abs(z.z[2])));
      out.volume.push_back(std::floor(1000 * std::abs(z.z[3])));
    }
  }
  return out;
}

Backend& backend() {
  static const auto pool = make_cpu_backend(2);
  return *pool;
}

Values plain_exponential(const Values& x, std::size_t first, std::size_t window, double alpha) {
  Values out(x.size(), 0.0);
  double mean = 0;
  for (std::size_t t = first; t < x.size(); ++t) {
    if (t < first + window) {
      mean += x[t] / static_cast<double>(window);
    } else {
      mean = alpha * x[t] + (1 - alpha) * mean;
    }
    if (t + 1 >= first + window) out[t] = mean;
  }
  return out;
}

void same(const Values& found, const Values& expected, double tolerance = 1e-11) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t t = 0; t < found.size(); ++t) {
    CAPTURE(t);
    CHECK(found[t] == Approx(expected[t]).epsilon(tolerance).margin(1e-12));
  }
}

}  // namespace

TEST_CASE("Wilder's relative strength gives the values of the published 14-day example") {
  const Values close{44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955,
                     45.4245, 45.8433, 46.0826, 45.8931, 46.0328, 45.6140, 46.2820,
                     46.2820, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122,
                     46.2521, 45.7137, 46.4515, 45.7835, 45.3548, 44.0288, 44.1783,
                     44.2181, 44.5672, 43.4205, 42.6628, 43.1314};
  const Values published{70.53, 66.32, 66.55, 69.41, 66.36, 57.97, 62.93, 63.26, 56.06, 62.38,
                         54.71, 50.42, 39.99, 41.46, 41.87, 45.46, 37.30, 33.08, 37.77};
  Values out(close.size());
  REQUIRE(relative_strength(backend(), close, 1, 14, out) == Status::ok);
  for (std::size_t t = 0; t < 14; ++t) CHECK(out[t] == 0);
  for (std::size_t k = 0; k < published.size(); ++k)
    CHECK(out[14 + k] == Approx(published[k]).margin(0.011));
}

TEST_CASE("relative strength of a series that only rises, only falls, or stands still") {
  const Values series{1, 2, 3, 4, 4, 3, 2, 1, 5, 5, 5, 5};
  Values out(12);
  REQUIRE(relative_strength(backend(), series, 3, 2, out) == Status::ok);
  CHECK(out == Values{0, 0, 100, 100, 0, 0, 0, 0, 0, 0, 50, 50});
}

TEST_CASE("moving averages by hand") {
  const Values x{1, 2, 3, 4, 5, 6};
  Values out(6);
  REQUIRE(simple_moving_average(backend(), x, 1, 3, out) == Status::ok);
  CHECK(out == Values{0, 0, 2, 3, 4, 5});
  // Weight 1/2 from the mean of 1 2 3.
  const Values y{1, 2, 3, 8, 1, 2};
  REQUIRE(exponential_moving_average(backend(), y, 1, 3, out) == Status::ok);
  CHECK(out == Values{0, 0, 2, 5, 3, 2.5});
}

TEST_CASE("a moving average does not drift when a huge value has passed through") {
  Values x(1000, 0.1);
  x[10] = 1e17;
  Values out(x.size());
  REQUIRE(simple_moving_average(backend(), x, 1, 5, out) == Status::ok);
  for (std::size_t t = 15; t < x.size(); ++t) CHECK(out[t] == Approx(0.1).epsilon(1e-12));
}

TEST_CASE("MACD is the difference of two averages, its signal begins with the ninth") {
  const Bars bars = walk(3, 120);
  Values line(360), signal(360), histogram(360);
  REQUIRE(macd(backend(), bars.close, 3, 12, 26, 9, {line, signal, histogram}) == Status::ok);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto row = [&](const Values& v) {
      return Values(v.begin() + i * 120, v.begin() + (i + 1) * 120);
    };
    const Values close = row(bars.close);
    const Values fast = plain_exponential(close, 0, 12, 2.0 / 13),
                 slow = plain_exponential(close, 0, 26, 2.0 / 27);
    Values expected(120, 0.0);
    for (std::size_t t = 25; t < 120; ++t) expected[t] = fast[t] - slow[t];
    same(row(line), expected, 1e-9);
    const Values smooth = plain_exponential(expected, 25, 9, 0.2);
    same(row(signal), smooth, 1e-9);
    for (std::size_t t = 33; t < 120; ++t) expected[t] -= smooth[t];
    std::fill_n(expected.begin(), 33, 0.0);
    same(row(histogram), expected, 1e-8);
    CHECK(row(signal)[32] == 0);
    CHECK(row(signal)[33] != 0);
  }
}

TEST_CASE("Bollinger bands stand two population deviations off the mean") {
  const Values x{2, 4, 4, 4, 5, 5, 7, 9};  // mean 5, deviation 2
  Values lower(8), middle(8), upper(8);
  REQUIRE(bollinger_bands(backend(), x, 1, 8, 2.0, {lower, middle, upper}) == Status::ok);
  CHECK(lower[7] == Approx(1));
  CHECK(middle[7] == Approx(5));
  CHECK(upper[7] == Approx(9));
  CHECK(upper[6] == 0);
}

TEST_CASE("average true range counts gaps and smooths by Wilder's weight") {
  // True ranges 2, 2, 5 (gap up: 15 - 10), 4 (gap down: 14 - 10).
  const Bars bars{{10, 11, 15, 12}, {8, 9, 13, 10}, {9, 10, 14, 11}, {}, 1};
  Values out(4);
  REQUIRE(average_true_range(backend(), bars.series(), 3, out) == Status::ok);
  same(out, {0, 0, 3, 3 + (4.0 - 3) / 3});
}

TEST_CASE("the stochastic oscillator places the close in its range") {
  const Bars bars{{10, 12, 14, 13, 13}, {8, 9, 10, 11, 13}, {9, 11, 13, 12, 13}, {}, 1};
  Values k(5), d(5);
  REQUIRE(stochastic_oscillator(backend(), bars.series(), 3, 2, {k, d}) == Status::ok);
  // Ranges 8-14, 9-14, 10-14.
  same(k, {0, 0, 100.0 * 5 / 6, 60, 75});
  same(d, {0, 0, 0, (100.0 * 5 / 6 + 60) / 2, 67.5});
  REQUIRE(stochastic_oscillator(backend(), bars.series(), 1, 1, {k, d}) == Status::ok);
  CHECK(k[4] == 50);
}

TEST_CASE("moving extremes equal a search of each window") {
  const Bars bars = walk(1, 400);
  Values k(400), d(400);
  for (const std::size_t window : {1u, 2u, 14u, 400u}) {
    REQUIRE(stochastic_oscillator(backend(), bars.series(), window, 1, {k, d}) == Status::ok);
    for (std::size_t t = window - 1; t < 400; ++t) {
      const double high =
          *std::max_element(bars.high.begin() + (t + 1 - window), bars.high.begin() + (t + 1));
      const double low =
          *std::min_element(bars.low.begin() + (t + 1 - window), bars.low.begin() + (t + 1));
      CHECK(k[t] == 100.0 * (bars.close[t] - low) / (high - low));
    }
  }
}

TEST_CASE("directional movement by hand, window 2") {
  // +DM 1 2 0 0; -DM 0 0 1 2; TR 2 3 3 4 (bars 1 to 4).
  const Bars bars{{10, 11, 13, 12, 11}, {8, 9, 10, 9, 7}, {9, 10, 12, 10, 8}, {}, 1};
  Values plus(5), minus(5), adx(5);
  REQUIRE(directional_movement(backend(), bars.series(), 2, {plus, minus, adx}) == Status::ok);
  same(plus, {0, 0, 100.0 * 3 / 5, 100.0 * 1.5 / 5.5, 100.0 * 0.75 / 6.75});
  same(minus, {0, 0, 0, 100.0 * 1 / 5.5, 100.0 * 2.5 / 6.75});
  const double dx2 = 100, dx3 = 100 * 0.5 / 2.5, dx4 = 100 * 1.75 / 3.25;
  same(adx, {0, 0, 0, (dx2 + dx3) / 2, ((dx2 + dx3) / 2 + dx4) / 2});
}

TEST_CASE("volume indicators by hand") {
  const Bars bars{
      {11, 13, 12, 12, 15}, {9, 11, 10, 10, 12}, {10, 12, 11, 11, 15}, {5, 10, 20, 30, 0}, 1};
  Values out(5);
  REQUIRE(on_balance_volume(backend(), bars.series(), out) == Status::ok);
  CHECK(out == Values{0, 10, -10, -10, -10});
  REQUIRE(volume_weighted_price(backend(), bars.series(), out) == Status::ok);
  same(out, {10, 170.0 / 15, 390.0 / 35, 720.0 / 65, 720.0 / 65});
}

TEST_CASE("a bad instrument is zeros, its neighbours are right, on any number of threads") {
  Bars bars = walk(40, 60);
  Values clean(2400), dirty(2400), scratch(2400), other(2400);
  REQUIRE(directional_movement(backend(), bars.series(), 5, {scratch, other, clean}) == Status::ok);
  bars.close[7 * 60 + 3] = std::numeric_limits<double>::quiet_NaN();
  bars.high[9 * 60 + 50] = bars.low[9 * 60 + 50] / 2;
  std::vector<ElementStatus> status(40);
  REQUIRE(directional_movement(*make_cpu_backend(4), bars.series(), 5, {scratch, other, dirty},
                               status) == Status::ok);
  for (std::size_t i = 0; i < 40; ++i) {
    const bool bad = i == 7 || i == 9;
    CHECK((status[i] == ElementStatus::domain) == bad);
    for (std::size_t t = i * 60; t < (i + 1) * 60; ++t) CHECK(dirty[t] == (bad ? 0.0 : clean[t]));
  }
}

TEST_CASE("windows that make no sense are refused, short and empty rows are not") {
  const Values x{1, 2, 3, 4};
  Values out(4, 9), more(4, 9), third(4, 9);
  CHECK(simple_moving_average(backend(), x, 1, 0, out) == Status::invalid_setting);
  CHECK(simple_moving_average(backend(), x, 3, 2, out) == Status::length_mismatch);
  CHECK(macd(backend(), x, 1, 5, 5, 2, {out, more, third}) == Status::invalid_setting);
  CHECK(bollinger_bands(backend(), x, 1, 2, -1, {out, more, third}) == Status::invalid_setting);
  CHECK(average_true_range(backend(), {{}, {}, {}, x, {}, 1}, 2, out) == Status::length_mismatch);
  CHECK(out == Values(4, 9));
  CHECK(simple_moving_average(backend(), x, 1, 5, out) == Status::ok);
  CHECK(out == Values(4, 0));
  CHECK(simple_moving_average(backend(), {}, 0, 5, {}) == Status::ok);
  const Values huge{1e308, 1e308, 1e308, 1e308};
  std::vector<ElementStatus> status(1);
  CHECK(simple_moving_average(backend(), huge, 1, 3, out, status) == Status::ok);
  CHECK(status[0] == ElementStatus::domain);
  CHECK(out == Values(4, 0));
}

}  // namespace zomma::kernels
