// Sums without rounding, against cases whose true sum is known.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <zomma/kernels/portfolio/exact_sum.h>

namespace zomma::kernels {
namespace {

double sum_of(const std::vector<double>& terms) {
  ExactSum sum;
  for (const double x : terms) sum.add(x);
  return sum.value();
}

}  // namespace

TEST_CASE("one term comes back as it was, from the largest to the smallest") {
  const double largest = std::numeric_limits<double>::max(),
               least = std::numeric_limits<double>::denorm_min();
  std::mt19937_64 random(1);
  for (const double x :
       {0.0, 1.0, 0.1, 1e300, 1e-300, 2.2250738585072014e-308, 2.2250738585072009e-308, largest,
        least, 3 * least, 4503599627370497 * least}) {
    CHECK(sum_of({x}) == x);
    CHECK(sum_of({-x}) == -x);
  }
  for (int i = 0; i < 100'000; ++i) {
    const double x = std::bit_cast<double>(random());
    if (std::isfinite(x)) REQUIRE(sum_of({x}) == x);
  }
}

TEST_CASE("two terms round as the hardware rounds them") {
  std::mt19937_64 random(2);
  for (int i = 0; i < 200'000; ++i) {
    const double a = std::bit_cast<double>(random());
    const double near =
        std::bit_cast<double>((std::bit_cast<std::uint64_t>(a) & 0x7fe0000000000000u) ^
                              (random() >> 5) ^ (random() << 63));
    if (!std::isfinite(a) || !std::isfinite(near) || !std::isfinite(a + near)) continue;
    REQUIRE(sum_of({a, near}) == a + near);
  }
}

TEST_CASE("ties go to even and a speck beyond a tie decides it") {
  const double ulp = 0x1p-52;
  CHECK(sum_of({1.0, ulp / 2}) == 1.0);
  CHECK(sum_of({1.0 + ulp, ulp / 2}) == 1.0 + 2 * ulp);
  CHECK(sum_of({1.0, ulp / 2, 1e-300}) == 1.0 + ulp);
  CHECK(sum_of({1.0, ulp / 2, -1e-300}) == 1.0);
  CHECK(sum_of({-1.0, -ulp / 2, -1e-300}) == -1.0 - ulp);
}

TEST_CASE("what cancels leaves the rest exact") {
  CHECK(sum_of({1e300, 1.0, -1e300}) == 1.0);
  CHECK(sum_of({1e308, 1e308, -1e308, -1e308, 1e-320}) == 1e-320);
  CHECK(sum_of({0.1, 0.2, -0.3}) == 2.7755575615628914e-17);
  const double largest = std::numeric_limits<double>::max();
  CHECK(sum_of({largest, largest}) == std::numeric_limits<double>::infinity());
  CHECK(sum_of({-largest, -largest}) == -std::numeric_limits<double>::infinity());
  CHECK(sum_of({largest, largest, -largest}) == largest);
  CHECK(sum_of({}) == 0.0);
}

TEST_CASE("neither the order of a million terms nor how they are split changes a bit") {
  std::mt19937_64 random(3);
  std::vector<double> terms(1'000'000);
  for (double& x : terms) {
    x = (static_cast<double>(random() >> 11) * 0x1p-53 - 0.5) *
        std::exp2(static_cast<int>(random() % 80) - 40);
  }
  const double sum = sum_of(terms);
  std::reverse(terms.begin(), terms.end());
  CHECK(sum_of(terms) == sum);
  std::shuffle(terms.begin(), terms.end(), random);
  CHECK(sum_of(terms) == sum);
  ExactSum total;
  for (std::size_t begin = 0; begin < terms.size(); begin += 77'777) {
    ExactSum part;
    for (std::size_t i = begin; i < std::min(begin + 77'777, terms.size()); ++i) part.add(terms[i]);
    total.add(part);
  }
  CHECK(total.value() == sum);
  long double reference = 0;
  for (const double x : terms) reference += x;
  CHECK(sum == Approx(static_cast<double>(reference)).epsilon(1e-12));
}

}  // namespace zomma::kernels
