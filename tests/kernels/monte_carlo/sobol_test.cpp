// Sobol points against an independent library, the bridge against the covariance of Brownian
// motion, quantiles against the truth table.
#include <catch2/catch.hpp>

#if __has_include(<boost/random/sobol.hpp>)
#include <boost/random/sobol.hpp>
#define ZM_HAS_BOOST_SOBOL 1
#endif
#include <cmath>
#include <iostream>
#include <set>
#include <vector>

#include "csv_rows.h"
#include "support/shared_data.h"

#include <zomma/kernels/monte_carlo/brownian_bridge.h>
#include <zomma/kernels/monte_carlo/inverse_normal.h>
#include <zomma/kernels/monte_carlo/sobol.h>

namespace zomma::kernels {

TEST_CASE("every one of 1024 dimensions agrees with Boost's Sobol generator") {
#ifdef ZM_HAS_BOOST_SOBOL
  boost::random::sobol_engine<std::uint32_t, 32> reference(sobol_dimensions);
  for (std::uint32_t index = 1; index <= 300; ++index) {  // Boost leaves out point 0
    for (unsigned d = 0; d < sobol_dimensions; ++d) {
      REQUIRE(sobol_word(sobol_directions() + d * sobol_bits, index) == reference());
    }
  }
#else
  std::cout << "SKIPPED: Boost.Random is not on this machine\n";
#endif
}

TEST_CASE("each dimension's first 2^k points fall one into each 2^k-th") {
  for (const unsigned d : {0u, 1u, 17u, 511u, 1023u}) {
    std::set<std::uint32_t> cells;
    for (std::uint32_t i = 0; i < 4096; ++i) {
      cells.insert((sobol_word(sobol_directions() + d * sobol_bits, i) ^ digital_shift(3, d, 1)) >>
                   20);
    }
    CHECK(cells.size() == 4096);
  }
}

TEST_CASE("a neighbour differs by the direction number that sobol_change names") {
  const std::uint32_t* v = sobol_directions() + 5 * sobol_bits;
  for (std::uint32_t i = 0; i < 1000; ++i)
    CHECK((sobol_word(v, i) ^ v[sobol_change(i)]) == sobol_word(v, i + 1));
}

TEST_CASE("the bridge is a linear map with the covariance of Brownian motion") {
  for (const std::size_t steps : {1u, 2u, 7u, 16u}) {
    const auto points = brownian_bridge(steps);
    REQUIRE(points.size() == steps);
    std::vector<std::vector<double>> columns;
    for (std::size_t k = 0; k < steps; ++k) {
      std::vector<double> unit(steps, 0.0), path(steps);
      unit[k] = 1;
      fill_bridge(points.data(), steps, unit.data(), path.data());
      columns.push_back(path);
    }
    for (std::size_t i = 0; i < steps; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        double covariance = 0;
        for (const auto& column : columns) covariance += column[i] * column[j];
        CHECK(covariance == Approx(static_cast<double>(j + 1)).epsilon(1e-13));
      }
    }
  }
}

TEST_CASE("normal quantiles agree with the truth table to a few units in the last place") {
  ZOMMA_SHARED_DATA(path, "analytics/inverse_normal.csv");
  const auto rows = test::csv_rows(path);
  REQUIRE(rows.size() > 1000);
  double worst = 0;
  for (const auto& row : rows) {
    const double p = row[0], z = row[1];
    if (p < 2.3e-308) continue;
    // Near p = 1/2 and p = 1 the rounding of p itself moves z.
    const double density = 0.3989422804014327 * std::exp(-0.5 * z * z);
    const double from_input = density > 0 && p > 0.4 ? 2.3e-16 * p / density : 0.0;
    worst = std::max(worst, (std::abs(inverse_normal(p) - z) - from_input) / std::abs(z));
  }
  CHECK(worst < 4e-15);
}

}  // namespace zomma::kernels
