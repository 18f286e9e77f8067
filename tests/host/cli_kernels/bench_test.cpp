// zomma bench kernels: that it measures everything, not how fast anything is.
#include "cli/kernels/bench_kernels_command.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <set>

TEST_CASE("the quick benchmark has a figure and a ratio for every kernel") {
  const auto rows = zomma::cli::bench_kernels({true, 1});
  REQUIRE(rows.size() == 12);
  CHECK(rows[0].ratio == 1.0);
  std::set<std::string> names;
  for (const auto& row : rows) {
    INFO(row.kernel);
    CHECK(names.insert(row.kernel).second);
    CHECK(row.per_second > 0);
    CHECK(std::isfinite(row.ratio));
    CHECK(row.ratio > 0);
  }
}
