// overfitting_test.cpp: cross-validation against a case worked by hand, and on trials whose answer is known.
#include <catch2/catch.hpp>

#include <cmath>

#include "base/random.h"
#include "observe/statistics/overfitting.h"
#include "observe/statistics/performance.h"

using namespace zomma;

namespace {

std::vector<std::vector<double>> noise(std::size_t trials, std::size_t length, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::vector<double>> out(trials, std::vector<double>(length));
  for (auto& trial : out)
    for (double& x : trial) x = normal_quantile((static_cast<double>(random() >> 11) + 0.5) * 0x1p-53);
  return out;
}

}  // namespace

TEST_CASE("two blocks, three trials, worked by hand") {
  // Block means 2, 1, 0 with deviations sqrt(2), sqrt(2), sqrt(2), then 0, 1, 2: the best of one half is the worst of the
  // other, so both choices give rank 1 of 3: w = 1/4, logit = ln(1/3).
  const std::vector<std::vector<double>> trials{{1, 3, -1, 1}, {0, 2, 0, 2}, {-1, 1, 1, 3}};
  const auto result = backtest_overfitting(trials, 2);
  REQUIRE(result);
  REQUIRE(result->logits.size() == 2);
  CHECK(result->logits[0] == Approx(std::log(1.0 / 3)));
  CHECK(result->logits[1] == Approx(std::log(1.0 / 3)));
  CHECK(result->probability == 1.0);
  CHECK(result->loss_probability == 0.0);
  CHECK(result->in_sample[0] == Approx(std::sqrt(2.0)));
  CHECK(result->out_of_sample[0] == Approx(0).margin(1e-12));
}

TEST_CASE("a trial that is the best everywhere is never overfitted") {
  auto trials = noise(8, 160, 3);
  for (double& x : trials[5]) x += 5;
  const auto result = backtest_overfitting(trials, 8);
  REQUIRE(result);
  CHECK(result->logits.size() == 70);  // 8 choose 4
  CHECK(result->probability == 0.0);
  for (const double logit : result->logits) CHECK(logit == Approx(std::log(8.0)));  // rank 8 of 8: w = 8/9
}

TEST_CASE("the best of worthless trials is below the median about half of the time") {
  // One draw lies anywhere: complementary choices are negatively dependent. The mean over draws is near a half.
  double mean = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) mean += backtest_overfitting(noise(20, 96, seed), 8)->probability / 40;
  CHECK(mean > 0.4);
  CHECK(mean < 0.7);
}

TEST_CASE("trials that never traded share the middle rank") {
  const auto result = backtest_overfitting(std::vector<std::vector<double>>(3, std::vector<double>(8)), 2);
  REQUIRE(result);
  for (const double logit : result->logits) CHECK(logit == Approx(0).margin(1e-12));
}

TEST_CASE("what cannot be cut into blocks is refused with the numbers") {
  CHECK(backtest_overfitting(noise(1, 64, 1), 4).error().message.find("1 trials") != std::string::npos);
  CHECK(backtest_overfitting(noise(3, 64, 1), 5).error().message.find("5 blocks") != std::string::npos);
  CHECK(backtest_overfitting(noise(3, 7, 1), 4).error().message.find("7 intervals") != std::string::npos);
  auto trials = noise(3, 64, 1);
  trials[2].pop_back();
  CHECK(backtest_overfitting(trials, 4).error().message.find("trial 2") != std::string::npos);
  trials[2].push_back(std::nan(""));
  CHECK(backtest_overfitting(trials, 4).error().message.find("not finite") != std::string::npos);
}
