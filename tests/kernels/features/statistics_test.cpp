// Autocorrelation, correlation, price impact and volume profiles against small cases worked by hand
// and known laws.
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include <zomma/kernels/features/statistics.h>
#include <zomma/kernels/monte_carlo/normal.h>

namespace zomma::kernels {
namespace {

const double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> noise(std::size_t n, std::uint64_t seed) {
  std::vector<double> out;
  for (std::uint64_t path = 0; out.size() < n; ++path) {
    for (const double z : four_normals<double>(seed, path, 0).z) out.push_back(z);
  }
  out.resize(n);
  return out;
}

}  // namespace

TEST_CASE("autocorrelations of 1 2 3 4 5 are 0.4 -0.1 -0.4") {
  const std::vector<double> x{1, 2, 3, 4, 5};
  std::vector<double> out(3);
  REQUIRE(autocorrelation(*make_cpu_backend(1), x, 1, 3, out) == Status::ok);
  CHECK(out[0] == Approx(0.4));
  CHECK(out[1] == Approx(-0.1));
  CHECK(out[2] == Approx(-0.4));
}

TEST_CASE("a first-order autoregression shows powers of its coefficient") {
  auto x = noise(200'000, 3);
  for (std::size_t t = 1; t < x.size(); ++t) x[t] += 0.7 * x[t - 1];
  std::vector<double> out(4);
  REQUIRE(autocorrelation(*make_cpu_backend(1), x, 1, 4, out) == Status::ok);
  for (int k = 0; k < 4; ++k) CHECK(out[k] == Approx(std::pow(0.7, k + 1)).margin(0.012));
}

TEST_CASE("correlations: a hand-worked pair, symmetry, ones on the diagonal, bad rows apart") {
  // Five points of x and y with sum xy' = 6, squares 10 and 6: r = 6 / sqrt(60).
  std::vector<double> x{1, 2, 3, 4,   5, 2, 4, 5,  4,  5,  3,  3, 3,
                        3, 3, 1, nan, 1, 2, 3, -1, -2, -3, -4, -5};
  std::vector<double> out(25, 9);
  std::vector<ElementStatus> status(5);
  REQUIRE(correlation_matrix(*make_cpu_backend(3), x, 5, out, status) == Status::ok);
  CHECK(out[1] == Approx(6 / std::sqrt(60.0)).epsilon(1e-14));
  CHECK(out[4] == Approx(-1).epsilon(1e-14));
  for (int i = 0; i < 5; ++i) {
    const bool bad = i == 2 || i == 3;
    CHECK((status[i] == ElementStatus::domain) == bad);
    CHECK(out[i * 6] == (bad ? 0.0 : 1.0));
    for (int j = 0; j < 5; ++j) {
      CHECK(out[i * 5 + j] == out[j * 5 + i]);
      if (bad) CHECK(out[i * 5 + j] == 0);
    }
  }
  CHECK(correlation_matrix(*make_cpu_backend(1), x, 4, out) == Status::length_mismatch);
  CHECK(correlation_matrix(*make_cpu_backend(1), {x.data(), 5}, 5, out) == Status::invalid_setting);
}

TEST_CASE("correlations of mixed noise are those it was mixed with, on any number of threads") {
  constexpr std::size_t n = 60, length = 4003;
  std::vector<double> x(n * length);
  const auto common = noise(length, 1);
  for (std::size_t i = 0; i < n; ++i) {
    const auto own = noise(length, 100 + i);
    for (std::size_t t = 0; t < length; ++t)
      x[i * length + t] = 0.6 * common[t] + 0.8 * own[t] + 1e3;
  }
  std::vector<double> one(n * n), four(n * n);
  REQUIRE(correlation_matrix(*make_cpu_backend(1), x, n, one) == Status::ok);
  REQUIRE(correlation_matrix(*make_cpu_backend(4), x, n, four) == Status::ok);
  CHECK(one == four);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) CHECK(one[i * n + j] == Approx(0.36).margin(0.075));
  }
}

TEST_CASE("Kyle's lambda of a hand-worked regression") {
  // q = 1 2 3 4 5, dp = 2 4 5 4 5: slope 0.6, intercept 2.2, residual 2.4, R^2 0.6.
  const std::vector<double> q{1, 2, 3, 4, 5}, dp{2, 4, 5, 4, 5};
  PriceImpact out;
  REQUIRE(kyle_lambda(*make_cpu_backend(1), dp, q, 1, {&out, 1}) == Status::ok);
  CHECK(out.lambda == Approx(0.6));
  CHECK(out.intercept == Approx(2.2));
  CHECK(out.lambda_error == Approx(std::sqrt(2.4 / 3 / 10)));
  CHECK(out.r_squared == Approx(0.6));
}

TEST_CASE("Kyle's lambda is found in noise, and an instrument without trades says so") {
  const auto q = noise(30'000, 5), e = noise(30'000, 6);
  std::vector<double> dp(30'000), volume = q;
  for (std::size_t t = 0; t < dp.size(); ++t) dp[t] = 0.01 + 0.25 * q[t] + 0.5 * e[t];
  for (std::size_t t = 10'000; t < 20'000; ++t) volume[t] = 0;
  dp[25'000] = nan;
  std::vector<PriceImpact> out(3);
  std::vector<ElementStatus> status(3);
  REQUIRE(kyle_lambda(*make_cpu_backend(2), dp, volume, 3, out, status) == Status::ok);
  CHECK(std::abs(out[0].lambda - 0.25) < 4 * out[0].lambda_error);
  CHECK(out[0].lambda_error == Approx(0.005).epsilon(0.05));
  CHECK(out[0].r_squared == Approx(0.2).margin(0.03));
  CHECK(status[1] == ElementStatus::domain);
  CHECK(status[2] == ElementStatus::domain);
  CHECK(out[1].lambda == 0);
}

TEST_CASE(
    "a volume profile puts each trade in its bin and grows the value area by the larger "
    "neighbour") {
  const std::vector<double> price{100, 101, 102, 103, 104, 105, 101.5, 102.5},
      volume{1, 2, 3, 10, 4, 1, 5, 4};
  // Five bins of one from 100: 1, 7, 7, 10, 5.
  std::vector<double> bins(5);
  ProfileSummary summary;
  REQUIRE(volume_profile(*make_cpu_backend(1), price, volume, 1, 5, 0.7, bins, {&summary, 1}) ==
          Status::ok);
  CHECK(bins == std::vector<double>{1, 7, 7, 10, 5});
  CHECK(summary.low == 100);
  CHECK(summary.high == 105);
  CHECK(summary.point_of_control == 3);
  // 10, then 7 below, then 7 below again: 24 of 30 >= 21.
  CHECK(summary.value_low == 1);
  CHECK(summary.value_high == 3);
}

TEST_CASE("one price, no volume, negative volume and bad settings in a profile") {
  const std::vector<double> price{5, 5, 1, 2, 1, 2}, volume{1, 2, 0, 0, 1, -1};
  std::vector<double> bins(6, 9);
  std::vector<ProfileSummary> summary(3);
  std::vector<ElementStatus> status(3);
  const auto backend = make_cpu_backend(1);
  REQUIRE(volume_profile(*backend, price, volume, 3, 2, 1.0, bins, summary, status) == Status::ok);
  CHECK(bins == std::vector<double>{3, 0, 0, 0, 0, 0});
  CHECK(status == std::vector{ElementStatus::ok, ElementStatus::domain, ElementStatus::domain});
  CHECK(volume_profile(*backend, price, volume, 3, 2, 0.0, bins, summary) ==
        Status::invalid_setting);
  CHECK(volume_profile(*backend, price, volume, 3, 0, 0.7, {}, summary) == Status::invalid_setting);
  CHECK(volume_profile(*backend, price, volume, 2, 2, 0.7, bins, summary) ==
        Status::length_mismatch);
}

}  // namespace zomma::kernels
