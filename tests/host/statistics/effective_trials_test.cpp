// The number of independent trials against cases that can be worked by hand.
#include <catch2/catch.hpp>

#include <cmath>

#include "base/random.h"
#include "observe/statistics/effective_trials.h"

using namespace zomma;

TEST_CASE("copies are one trial, whatever their scale; opposites are not") {
  const std::vector<double> x{1, -2, 3, 0.5, -1}, twice{2, -4, 6, 1, -2};
  CHECK(effective_trials(std::vector<std::vector<double>>{x, twice, x, x}) == Approx(1));
  std::vector<double> opposite = x;
  for (double& value : opposite) value = -value;
  CHECK(effective_trials(std::vector<std::vector<double>>{x, opposite}) == Approx(2));
}

TEST_CASE("a mean correlation of one half leaves the mean of one and all") {
  // Correlations of 1/2, 1/2, 1/2: sums of one common and one own orthogonal series.
  const std::vector<double> common{1, 1, 1, 1, -1, -1, -1, -1}, a{1, 1, -1, -1, 1, 1, -1, -1},
      b{1, -1, 1, -1, 1, -1, 1, -1}, c{1, -1, -1, 1, 1, -1, -1, 1};
  std::vector<std::vector<double>> trials;
  for (const auto& own : {a, b, c}) {
    trials.push_back(common);
    for (std::size_t i = 0; i < own.size(); ++i) trials.back()[i] += own[i];
  }
  CHECK(effective_trials(trials) == Approx(0.5 + 0.5 * 3));
}

TEST_CASE("independent series count for nearly all of them, silent ones for one") {
  Random random(7);
  std::vector<std::vector<double>> trials(50, std::vector<double>(2000));
  for (auto& trial : trials)
    for (double& x : trial) x = static_cast<double>(random.between(-1000, 1000));
  CHECK(effective_trials(trials) == Approx(50).epsilon(0.02));
  const double before = effective_trials(trials);
  trials.push_back(std::vector<double>(2000, 0.0));
  trials.push_back(std::vector<double>(2000, 3.0));
  CHECK(effective_trials(trials) == Approx(before + 1));
}

TEST_CASE("what cannot be compared is counted as it is") {
  CHECK(effective_trials({}) == 0);
  CHECK(effective_trials(std::vector<std::vector<double>>{{1, 2}}) == 1);
  CHECK(effective_trials(std::vector<std::vector<double>>{{1, 2}, {1, 2, 3}}) == 2);
  CHECK(effective_trials(std::vector<std::vector<double>>{{1, 2}, {1, NAN}}) == 2);
}
