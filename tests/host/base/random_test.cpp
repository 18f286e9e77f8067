#include "base/random.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

namespace zomma {

// Value published with the reference implementation of SplitMix64 for seed 1234567.
TEST_CASE("SplitMix64 gives the published sequence") {
  SplitMix64 mix(1234567);
  CHECK(mix() == 6457827717110365317u);
  CHECK(mix() == 3203168211198807973u);
  CHECK(mix() == 9817491932198370423u);
}

TEST_CASE("a copied generator continues with the same numbers, another seed with others") {
  Random first(7);
  first();
  Random copy = first;
  for (int i = 0; i < 100; ++i) REQUIRE(first() == copy());
  Random other(8);
  CHECK(first() != other());
}

TEST_CASE("below and between stay in their ranges and reach both ends evenly") {
  Random random(3);
  std::vector<int> seen(7);
  for (int i = 0; i < 70'000; ++i) ++seen[random.below(7)];
  for (const int count : seen) CHECK(std::abs(count - 10'000) < 500);
  bool low = false, high = false;
  for (int i = 0; i < 1000; ++i) {
    const auto value = random.between(-3, 3);
    REQUIRE(value >= -3);
    REQUIRE(value <= 3);
    low |= value == -3;
    high |= value == 3;
  }
  CHECK((low && high));
  CHECK(random.between(5, 5) == 5);
  (void)random.between(INT64_MIN, INT64_MAX);  // the full range is not an overflow
  CHECK(random.below(1) == 0);
}

TEST_CASE("chance is a probability") {
  Random random(4);
  int hits = 0;
  for (int i = 0; i < 100'000; ++i) hits += random.chance(1, 4);
  CHECK(std::abs(hits - 25'000) < 700);
  CHECK_FALSE(random.chance(0, 9));
  CHECK(random.chance(9, 9));
}

TEST_CASE("exponential has the mean asked for and the exponential's tail") {
  Random random(5);
  constexpr std::int64_t mean = 1'000'000;
  constexpr int draws = 200'000;
  double sum = 0;
  int above_one_mean = 0, above_three_means = 0;
  for (int i = 0; i < draws; ++i) {
    const auto value = random.exponential(mean);
    REQUIRE(value >= 0);
    REQUIRE(value <= 45 * mean);
    sum += static_cast<double>(value);
    above_one_mean += value > mean;
    above_three_means += value > 3 * mean;
  }
  CHECK(std::abs(sum / draws / mean - 1) < 0.01);
  CHECK(std::abs(above_one_mean / (draws * std::exp(-1.0)) - 1) < 0.02);
  CHECK(std::abs(above_three_means / (draws * std::exp(-3.0)) - 1) < 0.05);
  CHECK(random.exponential(0) == 0);
}

}  // namespace zomma
