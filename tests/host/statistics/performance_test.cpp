// performance_test.cpp: every statistic against numbers worked by hand or printed in its paper.
#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

#include "observe/statistics/performance.h"

using namespace zomma;

TEST_CASE("moments of five returns are those worked by hand") {
  // mean 2; deviations -3 -1 0 1 3; squares 20, cubes 0, fourths 164
  const std::vector<double> returns{-1, 1, 2, 3, 5};
  const ReturnMoments moments = return_moments(returns);
  CHECK(moments.mean == Approx(2.0));
  CHECK(moments.deviation == Approx(std::sqrt(20.0 / 4)));
  CHECK(moments.skew == Approx(0.0).margin(1e-15));
  CHECK(moments.kurtosis == Approx(164.0 / 5 / 16));
  CHECK(sharpe_ratio(returns) == Approx(2 / std::sqrt(5.0)));
  CHECK(sharpe_ratio(returns, 1) == Approx(1 / std::sqrt(5.0)));
  CHECK(sortino_ratio(returns) == Approx(2 / std::sqrt(1.0 / 5)));
  CHECK(return_moments(std::vector<double>{0, 0, 3}).skew == Approx(std::sqrt(0.5)));
}

TEST_CASE("a series that does not vary, or is too short, has no ratio") {
  CHECK(std::isnan(sharpe_ratio(std::vector<double>{0.1, 0.1, 0.1})));
  CHECK(std::isnan(sharpe_ratio(std::vector<double>{1})));
  CHECK(std::isnan(sharpe_ratio({})));
  CHECK(std::isnan(sortino_ratio(std::vector<double>{1, 2})));
  CHECK(std::isnan(calmar_ratio(std::vector<double>{1, 2}, 1)));
  CHECK(std::isnan(return_moments(std::vector<double>{5, 5}).skew));
}

TEST_CASE("the deepest drawdown is found with its peak, its trough and the longest time below") {
  const std::vector<double> wealth{100, 120, 90, 110, 125, 124, 123, 122, 130, 65};
  const DrawdownFigures figures = drawdown_of(wealth);
  CHECK(figures.deepest == 65);
  CHECK(figures.relative == Approx(0.5));
  CHECK(figures.peak == 8);
  CHECK(figures.trough == 9);
  CHECK(figures.longest == 3);
  CHECK(drawdown_of({}).deepest == 0);
  CHECK(drawdown_of(std::vector<double>{0, -4, -1}).relative == 0);  // profit and loss has no relative depth
}

TEST_CASE("Calmar: growth a year over the greatest relative drawdown") {
  // two years of two points a year: 100 -> 144 is 20 % a year; the drawdown is a quarter
  CHECK(calmar_ratio(std::vector<double>{100, 160, 120, 150, 144}, 2) == Approx(0.2 / 0.25));
}

TEST_CASE("the probabilistic Sharpe ratio of the efficient-frontier paper's track record") {
  // Bailey and Lopez de Prado (2012), section 5: 24 monthly returns, mean 3.6 %, deviation 7.9 %, Sharpe 0.458 a month.
  CHECK(probabilistic_sharpe(0.458, 0, 24, 0, 3) == Approx(0.982).margin(5e-4));
  CHECK(probabilistic_sharpe(0.458, 0, 24, -2.448, 10.164) == Approx(0.913).margin(5e-4));
}

TEST_CASE("a track record of the minimum length reaches exactly its confidence") {
  const double length = minimum_track_record(0.1, 0.02, -0.7, 5, 0.95);
  CHECK(probabilistic_sharpe(0.1, 0.02, length, -0.7, 5) == Approx(0.95).epsilon(1e-12));
  CHECK(std::isnan(minimum_track_record(0.1, 0.1, 0, 3, 0.95)));
}

TEST_CASE("the deflated Sharpe ratio of its paper's example") {
  // Bailey and Lopez de Prado (2014), "A numerical example": Sharpe 2.5 a year from five years of daily returns (1,250),
  // the best of 100 trials whose yearly ratios vary by 1/2, skew -3, kurtosis 10: threshold 0.1132 a day, DSR 0.9004.
  const double sharpe = 2.5 / std::sqrt(250.0), variance = 0.5 / 250;
  CHECK(expected_maximum_sharpe(100, variance) == Approx(0.1132).margin(5e-5));
  CHECK(deflated_sharpe(sharpe, 1250, -3, 10, 100, variance) == Approx(0.9004).margin(5e-5));
  // With 46 trials 0.9505; with normal returns 88 trials give the same.
  CHECK(deflated_sharpe(sharpe, 1250, -3, 10, 46, variance) == Approx(0.9505).margin(5e-5));
  CHECK(deflated_sharpe(sharpe, 1250, 0, 3, 88, variance) == Approx(0.9505).margin(5e-4));
}

TEST_CASE("one trial is not deflated") {
  CHECK(expected_maximum_sharpe(1, 0.3) == 0);
  CHECK(deflated_sharpe(0.1, 500, 0.2, 4, 1, 0.3) == probabilistic_sharpe(0.1, 0, 500, 0.2, 4));
}

TEST_CASE("the normal law and its quantile undo each other") {
  for (const double p : {1e-12, 0.01, 0.3, 0.5, 0.9, 0.999999}) CHECK(normal_probability(normal_quantile(p)) == Approx(p).epsilon(1e-13));
  CHECK(std::isinf(normal_quantile(0)));
  CHECK(std::isinf(normal_quantile(1)));
}
