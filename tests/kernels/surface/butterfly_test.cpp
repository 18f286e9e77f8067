// Butterfly arbitrage is found where it is and nowhere else.
#include <catch2/catch.hpp>
#include <zomma/kernels/surface/butterfly.h>

#include "kernels/surface/truth.h"
#include "support/shared_data.h"

using namespace zomma::kernels;
using zomma::test::number;

TEST_CASE("the least g of sixty slices agrees with the truth, Vogt's among them") {
  ZOMMA_SHARED_DATA(path, "analytics/svi_butterfly.csv");
  for (const auto& row : zomma::test::table(path)) {
    const RawSvi svi{number(row[2]), number(row[3]), number(row[4]), number(row[5]), number(row[6])};
    const ButterflyCheck check = check_butterfly(svi);
    INFO("set " << row[0] << " at " << check.argmin_k << " truth " << row[7]);
    const double truth = number(row[8]);
    // The truth looks no further than |k| = 6; where its minimum is that border, ours may lie lower and farther out.
    if (std::fabs(number(row[7])) < 5.99) {
      CHECK(check.min_g == Approx(truth).margin(1e-10));
    } else {
      CHECK(check.min_g <= truth + 1e-12);
      CHECK(check.min_g > 0);
    }
    CHECK((check.min_g >= 0) == (number(row[9]) == 1.0));
    CHECK((check.violations > 0) == (number(row[9]) == 0.0));
  }
}

TEST_CASE("a wing steeper than two is arbitrage even where g is not") {
  CHECK_FALSE(check_butterfly(RawSvi{0.04, 1.6, -0.5, 0, 0.5}).wings);
  CHECK(check_butterfly(RawSvi{0.04, 0.2, -0.5, 0, 0.5}).free());
}

TEST_CASE("the general search agrees with the search made for SVI") {
  const RawSvi vogt{-0.041, 0.1331, 0.306, 0.3586, 0.4153};
  const auto check = check_butterfly([&](double k) { return total_variance(vogt, k); }, -3.0, 3.0);
  CHECK(check.min_g == Approx(-0.0328635734536).margin(1e-10));
  CHECK(check.argmin_k == Approx(0.879262541622).margin(1e-5));
  CHECK(check.violations == 1);
}
