// The wheel against its exact moments (products of matrices of truncated lognormal moments), every
// row of the table.
#include <catch2/catch.hpp>

#include <cmath>
#include <cstring>
#include <limits>

#include "csv_rows.h"
#include "support/shared_data.h"

#include <zomma/kernels/monte_carlo/wheel.h>

namespace zomma::kernels {
namespace {

const WheelSettings plain{0.95, 1.05, 1.0 / 52, 0.03, 0.01, 0.08, 0.2, 0.25, 26};

}  // namespace

TEST_CASE("every row of the wheel's moments is met within four standard errors") {
  ZOMMA_SHARED_DATA(path, "analytics/wheel_moments.csv");
  const auto rows = test::csv_rows(path);
  REQUIRE(rows.size() == 60);
  std::vector<WheelSettings> settings;
  for (const auto& r : rows) {
    settings.push_back(
        {r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], static_cast<std::uint32_t>(r[8])});
  }
  std::vector<WheelOutcome> found(rows.size());
  std::vector<ElementStatus> status(rows.size());
  const auto backend = make_cpu_backend(2);
  constexpr std::uint64_t paths = 200'000;
  REQUIRE(simulate_wheel(*backend, settings, paths, 2024, found, status) == Status::ok);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& truth = rows[i];
    CAPTURE(i, truth[9], found[i].in_stock, truth[10], found[i].mean, truth[11],
            found[i].deviation);
    CHECK(status[i] == ElementStatus::ok);
    // The exact probability gives the error: a rare state may not be seen at all.
    CHECK(std::abs(found[i].in_stock - truth[9]) <=
          4 * std::sqrt(truth[9] * (1 - truth[9]) / paths) + 1.0 / paths);
    CHECK(std::abs(found[i].mean - truth[10]) <=
          4 * truth[11] / std::sqrt(static_cast<double>(paths)));
    // A loss seen a handful of times in all paths says little of the deviation: then its error
    // comes from the exact law.
    const double seen = paths * truth[9];
    const double error = seen < 100 ? truth[11] / (2 * std::sqrt(seen)) : found[i].deviation_error;
    CHECK(std::abs(found[i].deviation - truth[11]) <= 4 * error);
    CHECK(found[i].put_premium == Approx(truth[12]).epsilon(1e-11));
    CHECK(found[i].call_premium == Approx(truth[13]).epsilon(1e-11));
  }
}

TEST_CASE("a pack of wheels and one wheel give the same bits, and so do one thread and four") {
  const WheelPolicy policy = make_wheel_policy(plain);
  const CycleLaw law = wheel_law(plain);
  const auto pack =
      walk_policy<lanes::Pack>(policy, law, plain.cycles, 9, path_lanes<lanes::Pack>(40));
  for (std::size_t i = 0; i < lanes::Traits<lanes::Pack>::width; ++i) {
    const auto single = walk_policy<double>(policy, law, plain.cycles, 9, 40 + i);
    CHECK(lanes::lane(pack.wealth, i) == single.wealth);
    CHECK(lanes::lane(pack.in_stock, i) == single.in_stock);
  }
  WheelOutcome one, four;
  REQUIRE(simulate_wheel(*make_cpu_backend(1), {&plain, 1}, 10'007, 1, {&one, 1}) == Status::ok);
  REQUIRE(simulate_wheel(*make_cpu_backend(4), {&plain, 1}, 10'007, 1, {&four, 1}) == Status::ok);
  CHECK(std::memcmp(&one, &four, sizeof one) == 0);
}

TEST_CASE("a bad row has its status and the others are right") {
  std::vector<WheelSettings> rows(4, plain);
  rows[1].real_volatility = std::numeric_limits<double>::quiet_NaN();
  rows[2].put_moneyness = 0;
  std::vector<WheelOutcome> out(4);
  std::vector<ElementStatus> status(4);
  const auto backend = make_cpu_backend(1);
  REQUIRE(simulate_wheel(*backend, rows, 1000, 1, out, status) == Status::ok);
  CHECK(status[0] == ElementStatus::ok);
  CHECK(status[1] == ElementStatus::domain);
  CHECK(status[2] == ElementStatus::domain);
  CHECK(out[1].mean == 0);
  CHECK(out[3].mean == out[0].mean);
  CHECK(simulate_wheel(*backend, rows, 1000, 1, {out.data(), 3}) == Status::length_mismatch);
  CHECK(simulate_wheel(*backend, rows, 1, 1, out) == Status::invalid_setting);
}

}  // namespace zomma::kernels
