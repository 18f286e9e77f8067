// statistics_test.cpp: every statistic against a case worked by hand, and the error estimates
// against simulation.
#include "observe/report/statistics.h"

#include <cmath>

#include "base/random.h"
#include "host/report/records.h"

namespace zomma {
namespace {

using test::close_to;

// About normal, mean 0, variance 1: the sum of twelve uniform numbers.
double bell(Random& random) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += static_cast<double>(random.below(1'000'000)) * 1e-6;
  return sum;
}

TEST_CASE("mean and deviation are those of the textbook") {
  Moments moments;
  for (const double x : {2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0}) moments.add(x);
  CHECK(moments.mean() == close_to(5.0));
  CHECK(moments.deviation() == close_to(std::sqrt(32.0 / 7.0)));
}

TEST_CASE("one number has a mean and no deviation, none has neither") {
  Moments moments;
  CHECK_FALSE(has_value(moments.mean()));
  moments.add(3);
  CHECK(moments.mean() == 3);
  CHECK_FALSE(has_value(moments.deviation()));
}

TEST_CASE("a weighted mean weighs, and its error is the usual one for equal weights") {
  WeightedMean uneven;
  uneven.add(10, 1);
  uneven.add(20, 3);
  CHECK(uneven.mean() == close_to(17.5));
  // sqrt(1 * 7.5^2 + 9 * 2.5^2) / 4
  CHECK(uneven.error() == close_to(std::sqrt(112.5) / 4));

  WeightedMean even, other;
  for (const double x : {1.0, 2.0}) even.add(x, 5);
  for (const double x : {3.0, 4.0}) other.add(x, 5);
  even += other;
  CHECK(even.mean() == close_to(2.5));
  CHECK(even.error() == close_to(std::sqrt(5.0) / 4));
}

TEST_CASE("equal values share the mean of their ranks") {
  const std::vector<double> values{10, 20, 10, 30, 20, 20};
  const std::vector<double> expected{1.5, 4, 1.5, 6, 4, 4};
  CHECK(average_ranks(values) == expected);
}

TEST_CASE("the long-run variance of 1, 2, 3, 4 is worked by hand") {
  const std::vector<double> series{1, 2, 3, 4};
  CHECK(newey_west_variance(series, 0) == close_to(1.25));
  // g(1) = (0.75 - 0.25 + 0.75) / 4, weight 1/2
  CHECK(newey_west_variance(series, 1) == close_to(1.25 + 2 * 0.5 * 0.3125));
  // g(2) = (-0.75 - 0.75) / 4, weights 2/3 and 1/3
  CHECK(newey_west_variance(series, 2) ==
        close_to(1.25 + 2 * (2.0 / 3 * 0.3125 - 1.0 / 3 * 0.375)));
}

TEST_CASE("a series that swings has a smaller long-run variance, and never a negative one") {
  std::vector<double> swinging;
  for (int i = 0; i < 100; ++i) swinging.push_back(i % 2);
  CHECK(newey_west_variance(swinging, 1) < 0.1 * newey_west_variance(swinging, 0));
  for (std::uint32_t lags = 0; lags < 120; ++lags) CHECK(newey_west_variance(swinging, lags) >= 0);
}

TEST_CASE("lags cover the overlap twice, the usual rule is the least, the sample the most") {
  CHECK(newey_west_lags(100, 0) == 4);
  CHECK(newey_west_lags(100, 10) == 20);
  CHECK(newey_west_lags(10, 100) == 9);
  CHECK(newey_west_lags(1, 5) == 0);
}

TEST_CASE("Pearson and Spearman correlations are worked by hand") {
  const std::vector<double> x{1, 2, 3, 4, 5}, y{2, 1, 4, 3, 5};
  CHECK(correlation(x, y, 0).r == close_to(0.8));

  // Ranks with ties: x -> 1, 2.5, 2.5, 4; y -> 1, 3, 2, 4; covariance 4.5, sums of squares 4.5
  // and 5.
  const std::vector<double> tied{1, 7, 7, 9}, other{10, 30, 20, 400};
  CHECK(correlation(average_ranks(tied), average_ranks(other), 0).r ==
        close_to(4.5 / std::sqrt(4.5 * 5.0)));
}

TEST_CASE("a perfect line has correlation 1 without error") {
  const std::vector<double> x{1, 2, 3, 4, 5, 6}, y{10, 20, 30, 40, 50, 60};
  const Correlation found = correlation(x, y, 1);
  CHECK(found.r == close_to(1.0));
  CHECK(found.error == Approx(0).margin(1e-6));
}

TEST_CASE("a constant series has no correlation") {
  const std::vector<double> constant(10, 0.1), rising{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  CHECK_FALSE(has_value(correlation(constant, rising, 0).r));
  CHECK_FALSE(has_value(correlation(rising, constant, 0).error));
  CHECK_FALSE(has_value(correlation({}, {}, 0).r));
}

TEST_CASE("of independent pairs the error is (1 - r^2) / sqrt(n)") {
  Random random(5);
  constexpr double rho = 0.6;
  constexpr std::size_t n = 20'000;
  std::vector<double> x, y;
  for (std::size_t i = 0; i < n; ++i) {
    x.push_back(bell(random));
    y.push_back(rho * x.back() + std::sqrt(1 - rho * rho) * bell(random));
  }
  const Correlation found = correlation(x, y, newey_west_lags(n, 0));
  const double expected = (1 - rho * rho) / std::sqrt(static_cast<double>(n));
  CHECK(found.error == Approx(expected).epsilon(0.08));
  CHECK(std::fabs(found.r - rho) < 4 * expected);
}

TEST_CASE(
    "with overlapping returns and a persistent signal the error is about the true one, the naive "
    "one far too small") {
  Random random(6);
  constexpr std::size_t n = 2'000, overlap = 10, rounds = 150;
  Moments found, claimed, naive;
  for (std::size_t round = 0; round < rounds; ++round) {
    std::vector<double> noise, x, y;
    for (std::size_t i = 0; i < n + overlap; ++i) noise.push_back(bell(random));
    double state = 0;
    for (std::size_t i = 0; i < n; ++i) {
      state = 0.9 * state + bell(random);
      x.push_back(state);
      double sum = 0;
      for (std::size_t k = 0; k < overlap; ++k) sum += noise[i + k];
      y.push_back(sum);
    }
    const Correlation judged = correlation(x, y, newey_west_lags(n, overlap - 1));
    found.add(judged.r);
    claimed.add(judged.error);
    naive.add(correlation(x, y, 0).error);
  }
  CHECK(claimed.mean() == Approx(found.deviation()).epsilon(0.25));
  CHECK(naive.mean() < 0.5 * found.deviation());
}

}  // namespace
}  // namespace zomma
