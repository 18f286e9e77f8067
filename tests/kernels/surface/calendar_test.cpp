// Where the total variance of a later slice is least against an earlier one's.
#include <zomma/kernels/surface/calendar.h>
#include <catch2/catch.hpp>

#include <cmath>
#include <random>

using namespace zomma::kernels;

TEST_CASE("against a flat slice the least ratio is at the later one's vertex") {
  const RawSvi flat{0.04, 0, 0, 0, 1}, later{0.01, 0.2, -0.5, 0.1, 0.15};
  const CalendarCheck check = check_calendar(flat, later);
  CHECK(check.min_ratio == Approx((0.01 + 0.2 * 0.15 * std::sqrt(0.75)) / 0.04).epsilon(1e-12));
  CHECK(check.argmin_k == Approx(0.1 + 0.5 * 0.15 / std::sqrt(0.75)).epsilon(1e-5));
  CHECK_FALSE(check.free());
}

TEST_CASE("a flatter wing crosses however far out") {
  const RawSvi earlier{0.01, 0.10, 0.0, 0, 0.1};
  const RawSvi later{0.05, 0.11, -0.2, 0, 0.1};  // slopes 0.132 on the left, 0.088 on the right
  const CalendarCheck check = check_calendar(earlier, later);
  CHECK(check.min_ratio == Approx(0.88).epsilon(1e-14));
  CHECK(check.argmin_k == INFINITY);
}

TEST_CASE("a slice is free against itself, and against none") {
  const RawSvi svi{0.01, 0.10, -0.3, 0.02, 0.1};
  CHECK(check_calendar(svi, svi).free());
  CHECK(check_calendar(RawSvi{}, svi).min_ratio == INFINITY);
}

TEST_CASE("no ratio on a dense grid is below the one found") {
  std::mt19937 random(7);
  const auto uniform = [&](double low, double high) {
    return low + (high - low) * static_cast<double>(random()) / 4294967296.0;
  };
  const auto any = [&] {
    RawSvi svi{0, uniform(0.005, 0.3), uniform(-0.95, 0.95), uniform(-0.4, 0.4),
               std::exp(uniform(-5, 0.5))};
    svi.a = uniform(1e-4, 0.05) - svi.b * svi.sigma * std::sqrt(1 - svi.rho * svi.rho);
    return svi;
  };
  for (int pair = 0; pair < 300; ++pair) {
    const RawSvi earlier = any(), later = any();
    const CalendarCheck check = check_calendar(earlier, later);
    double least = INFINITY;
    for (int i = 0; i <= 40'000; ++i) {
      const double k = 3.0 * std::sinh(8.0 * (i / 20'000.0 - 1.0)) / std::sinh(8.0);
      least = std::fmin(least, total_variance(later, k).w / total_variance(earlier, k).w);
    }
    INFO(pair << ": least at " << check.argmin_k);
    CHECK(check.min_ratio <= least * (1 + 1e-6));
    if (std::isfinite(check.argmin_k))
      CHECK(check.min_ratio ==
            total_variance(later, check.argmin_k).w / total_variance(earlier, check.argmin_k).w);
  }
}
