// statistics.h: the few statistics of a report, as pure functions. Every one returns no_value where
// it is not defined.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace zomma {

// Mean and sample standard deviation of numbers seen one by one (Welford 1962).
class Moments {
 public:
  void add(double x);
  std::uint64_t count() const { return count_; }
  double mean() const;       // from 1 number on
  double deviation() const;  // sqrt(sum (x - mean)^2 / (n - 1)), from 2 numbers on

 private:
  std::uint64_t count_ = 0;
  double mean_ = 0, squares_ = 0;
};

// Weighted mean of numbers seen one by one, with the standard error sqrt(sum w^2 (x - m)^2) / sum
// w, which for equal weights is sqrt(sum (x - m)^2) / n. Weights must be positive. Sums of several
// add up.
struct WeightedMean {
  std::uint64_t count = 0;
  double w = 0, wx = 0, ww = 0, wwx = 0, wwxx = 0;

  void add(double x, double weight);
  WeightedMean& operator+=(const WeightedMean& other);
  double mean() const;   // from 1 number on
  double error() const;  // from 2 numbers on
};

// Places in rising order, from 1; equal values share the mean of their places.
std::vector<double> average_ranks(std::span<const double> values);

// Long-run variance of a series after Newey and West (1987), eq. 5, with Bartlett weights:
//   g(0) + 2 sum_{l=1..lags} (1 - l / (lags + 1)) g(l),   g(l) = (1/n) sum_{t>l} (x_t - m)(x_{t-l}
//   - m).
// The variance of the series' mean is that divided by n. Never negative. `lags` beyond n - 1 counts
// as n - 1.
double newey_west_variance(std::span<const double> series, std::uint32_t lags);

// How many lags to use: twice the number of following observations whose horizon overlaps (the
// Bartlett weights would halve the overlap's share otherwise), at least floor(4 (n / 100)^(2/9))
// (Newey and West 1994, the usual rule), below n.
std::uint32_t newey_west_lags(std::size_t count, std::uint32_t overlap);

struct Correlation {
  double r;
  double error;
};
// Pearson correlation and its standard error when neighbours depend on each other. By the delta
// method
//   r - rho = (1/n) sum psi_t,   psi_t = a_t b_t - r (a_t^2 + b_t^2) / 2,
// with a, b the series in units of their standard deviation around their mean; so error^2 =
// newey_west_variance(psi) / n. For independent normal series this is the textbook (1 - r^2) /
// sqrt(n). Same sizes, from 3 pairs on.
Correlation correlation(std::span<const double> x, std::span<const double> y, std::uint32_t lags);

}  // namespace zomma
