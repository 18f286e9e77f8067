// The SVI slice agrees with 50-digit truth to what the inputs allow, in every parametrisation.
#include <catch2/catch.hpp>
#include <zomma/kernels/surface/svi.h>

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/surface/truth.h"
#include "support/shared_data.h"

using namespace zomma::kernels;
using zomma::test::number;

namespace {

constexpr double eps = std::numeric_limits<double>::epsilon();

struct LongJet {
  long double w, dw, d2w, g;
};

LongJet long_jet(const long double* p) {  // a, b, rho, m, sigma, k
  const long double x = p[5] - p[3], root = std::sqrt(x * x + p[4] * p[4]);
  LongJet jet{p[0] + p[1] * (p[2] * x + root), p[1] * (p[2] + x / root),
              p[1] * p[4] * p[4] / (root * root * root), 0};
  const long double u = 1 - p[5] * jet.dw / (2 * jet.w);
  jet.g = u * u - jet.dw * jet.dw / 4 * (1 / jet.w + 0.25L) + jet.d2w / 2;
  return jet;
}

// Absolute size of one attainable unit: eps (|f| + sum |x_i df/dx_i|), in the order w, dw, d2w, g.
std::vector<double> attainable(const double* inputs) {
  long double p[6];
  for (int i = 0; i < 6; ++i) p[i] = inputs[i];
  const LongJet at = long_jet(p);
  long double sum[4] = {std::fabs(at.w), std::fabs(at.dw), std::fabs(at.d2w), std::fabs(at.g)};
  for (int i = 0; i < 6; ++i) {
    const long double keep = p[i], h = 1e-6L * keep;
    p[i] = keep + h;
    const LongJet up = long_jet(p);
    p[i] = keep - h;
    const LongJet down = long_jet(p);
    p[i] = keep;
    sum[0] += std::fabs(up.w - down.w) / 2e-6L;
    sum[1] += std::fabs(up.dw - down.dw) / 2e-6L;
    sum[2] += std::fabs(up.d2w - down.d2w) / 2e-6L;
    sum[3] += std::fabs(up.g - down.g) / 2e-6L;
  }
  std::vector<double> units;
  for (const long double s : sum) units.push_back(static_cast<double>(s) * eps);
  return units;
}

RawSvi slice_of(const std::vector<std::string>& row) {
  return {number(row[2]), number(row[3]), number(row[4]), number(row[5]), number(row[6])};
}

}  // namespace

TEST_CASE("variance, its derivatives and g are within four attainable units of the truth") {
  ZOMMA_SHARED_DATA(path, "analytics/svi_slices.csv");
  const auto rows = zomma::test::table(path);
  REQUIRE(rows.size() > 1000);
  double worst = 0;
  for (const auto& row : rows) {
    const RawSvi svi = slice_of(row);
    const double k = number(row[7]);
    const VarianceJet jet = total_variance(svi, k);
    const double inputs[6] = {svi.a, svi.b, svi.rho, svi.m, svi.sigma, k};
    const auto unit = attainable(inputs);
    worst = std::max(worst, std::fabs(jet.w - number(row[8])) / unit[0]);
    worst = std::max(worst, std::fabs(jet.dw - number(row[9])) / unit[1]);
    worst = std::max(worst, std::fabs(jet.d2w - number(row[10])) / unit[2]);
    worst = std::max(worst, std::fabs(durrleman(k, jet) - number(row[11])) / unit[3]);
  }
  INFO("worst attainable units " << worst);
  CHECK(worst <= 4.0);
}

TEST_CASE("jump-wing parameters agree with the published ones and lead back to the raw slice") {
  ZOMMA_SHARED_DATA(path, "analytics/svi_butterfly.csv");
  for (const auto& row : zomma::test::table(path)) {
    const RawSvi svi = slice_of(row);
    JumpWingSvi jw;
    REQUIRE(to_jump_wing(svi, 1.0, &jw) == ElementStatus::ok);
    CHECK(jw.v == Approx(number(row[10])).epsilon(1e-13));
    CHECK(jw.psi == Approx(number(row[11])).epsilon(1e-12));
    CHECK(jw.p == Approx(number(row[12])).epsilon(1e-13));
    CHECK(jw.c == Approx(number(row[13])).epsilon(1e-13));
    CHECK(jw.v_tilde == Approx(number(row[14])).epsilon(1e-11));
    RawSvi back;
    REQUIRE(to_raw(jw, 1.0, &back) == ElementStatus::ok);
    for (const double k : {-1.0, -0.2, 0.0, 0.3, 1.5})
      CHECK(total_variance(back, k).w == Approx(total_variance(svi, k).w).epsilon(1e-9));
  }
}

TEST_CASE("the natural form is the same slice") {
  const RawSvi svi{-0.041, 0.1331, 0.306, 0.3586, 0.4153};
  NaturalSvi natural;
  REQUIRE(to_natural(svi, &natural) == ElementStatus::ok);
  RawSvi back;
  REQUIRE(to_raw(natural, &back) == ElementStatus::ok);
  CHECK(back.a == Approx(svi.a).epsilon(1e-13));
  CHECK(back.b == Approx(svi.b).epsilon(1e-14));
  CHECK(back.m == Approx(svi.m).epsilon(1e-13));
  CHECK(back.sigma == Approx(svi.sigma).epsilon(1e-14));
  const double y = natural.zeta * (0.7 - natural.mu);
  const double w = natural.delta + natural.omega / 2 *
                                       (1 + natural.rho * y +
                                        std::sqrt((y + natural.rho) * (y + natural.rho) + 1 -
                                                  natural.rho * natural.rho));
  CHECK(w == Approx(total_variance(svi, 0.7).w).epsilon(1e-14));
}

TEST_CASE("a slice that does not exist is refused, a bad strike spoils only itself") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  RawSvi raw;
  CHECK(to_raw(JumpWingSvi{0.04, 0, 1, 1, 0.05}, 1.0, &raw) == ElementStatus::domain);
  CHECK(to_raw(JumpWingSvi{nan, 0, 1, 1, 0.01}, 1.0, &raw) == ElementStatus::domain);
  CHECK_FALSE(valid(RawSvi{-0.2, 0.1, 0, 0, 0.1}));
  CHECK_FALSE(valid(RawSvi{0.04, 0.1, 1.0, 0, 0.1}));

  const auto backend = make_cpu_backend(1);
  const RawSvi svi{0.02, 0.1, -0.3, 0.0, 0.2};
  const std::vector<double> k{0.1, nan, -0.1};
  std::vector<double> w(3, 7), g(3, 7);
  std::vector<ElementStatus> status(3);
  REQUIRE(svi_variance(*backend, svi, k, w, {}, {}, g, status) == Status::ok);
  CHECK(status[1] == ElementStatus::domain);
  CHECK(w[1] == 0.0);
  CHECK(g[1] == 0.0);
  CHECK(w[2] == total_variance(svi, -0.1).w);
  CHECK(svi_variance(*backend, svi, k, std::span(w).first(2), {}, {}, {}) == Status::length_mismatch);
  CHECK(svi_variance(*backend, RawSvi{0, -1, 0, 0, 1}, k, w, {}, {}, {}) == Status::invalid_setting);
}
