// A surface of slices keeps the order of its expiries, and arbitrage in any surface is found and placed.
#include <catch2/catch.hpp>
#include <zomma/kernels/surface/ssvi.h>
#include <zomma/kernels/surface/volatility_surface.h>

#include <cmath>
#include <limits>

using namespace zomma::kernels;

namespace {

SliceSurface ssvi_surface(const PowerLawSsvi& ssvi, const std::vector<double>& expiries) {
  std::vector<Slice> slices;
  for (const double t : expiries) slices.push_back(to_raw(slice_at(ssvi, 0.04 * t)));
  SliceSurface surface;
  REQUIRE(surface.assign(expiries, slices) == ElementStatus::ok);
  return surface;
}

const std::vector<double> expiries{0.1, 0.5, 1.0, 2.0};

}  // namespace

TEST_CASE("a surface is its slices at their expiries and between them in total variance") {
  const SliceSurface surface = ssvi_surface({-0.6, 0.9, 0.4}, expiries);
  const double near = surface.at(0.2, 0.5).jet.w, far = surface.at(0.2, 1.0).jet.w;
  CHECK(near == Approx(total_variance(surface.slices()[1], 0.2).w));
  CHECK(surface.at(0.2, 0.75).jet.w == Approx(0.5 * (near + far)).epsilon(1e-14));
  CHECK(surface.at(0.2, 0.75).dw_dt == Approx((far - near) / 0.5).epsilon(1e-14));
  CHECK(surface.volatility(0.2, 0.05) == Approx(surface.volatility(0.2, 0.1)).epsilon(1e-14));
  CHECK(surface.at(0.7, 3.0).jet.w == Approx(surface.at(0.7, 2.0).jet.w + 0.04).epsilon(1e-12));
}

TEST_CASE("an SSVI surface without arbitrage is called free, before, between and after its expiries") {
  const SliceSurface surface = ssvi_surface({-0.6, 0.9, 0.4}, expiries);
  const std::vector<double> times{0.02, 0.1, 0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 3.0};
  const ArbitrageReport report = check_surface(surface, times, -3, 3);
  CHECK(report.free());
  CHECK(report.min_g > 0);
  CHECK(report.min_step > 0);
}

TEST_CASE("a crossing of expiries and a butterfly are found where they are") {
  const RawSvi low{0.02, 0.1, -0.3, 0, 0.1}, high{0.06, 0.1, -0.3, 0, 0.1}, vogt{-0.041, 0.1331, 0.306, 0.3586, 0.4153};
  SliceSurface surface;
  const std::vector<double> two{0.5, 1.0};
  REQUIRE(surface.assign(two, std::vector<Slice>{high, low}) == ElementStatus::ok);
  ArbitrageReport report = check_surface(surface, two, -1, 1);
  CHECK(report.calendar_violations == 201);
  CHECK(report.min_step == Approx(-0.08));
  REQUIRE(surface.assign(std::vector<double>{1.0}, std::vector<Slice>{vogt}) == ElementStatus::ok);
  report = check_surface(surface, std::vector<double>{1.0}, -1.5, 1.5, 601);
  CHECK(report.butterfly_violations > 10);
  CHECK(report.min_g == Approx(-0.0328636).epsilon(1e-3));
  CHECK(report.min_g_k == Approx(0.879).margin(0.01));
}

TEST_CASE("the local variance of a surface is Dupire's") {
  const PowerLawSsvi ssvi{-0.6, 0.9, 0.4};
  std::vector<double> fine;
  for (int i = 1; i <= 400; ++i) fine.push_back(0.005 * i);
  const SliceSurface surface = ssvi_surface(ssvi, fine);
  SsviPoint point;
  for (const double k : {-0.3, 0.0, 0.25}) {
    REQUIRE(ssvi_local_variance(ssvi, 0.04 * 0.8025, 0.04, k, &point) == ElementStatus::ok);
    CHECK(surface.local_variance(k, 0.8025) == Approx(point.local_variance).epsilon(1e-5));
  }
}

TEST_CASE("a spline goes through its points smoothly and continues within Lee's bounds") {
  const std::vector<double> k{-0.4, -0.2, -0.05, 0.1, 0.3}, w{0.09, 0.06, 0.045, 0.04, 0.042};
  SplineSlice slice;
  REQUIRE(SplineSlice::make(k, w, &slice) == ElementStatus::ok);
  for (std::size_t i = 0; i < k.size(); ++i) CHECK(slice(k[i]).w == Approx(w[i]).epsilon(1e-14));
  for (const double x : {-0.33, -0.2 + 1e-9, 0.02, 0.27}) {
    const double h = 1e-5;
    CHECK(slice(x).dw == Approx((slice(x + h).w - slice(x - h).w) / (2 * h)).epsilon(1e-6));
    CHECK(slice(x).d2w == Approx((slice(x + h).dw - slice(x - h).dw) / (2 * h)).margin(1e-4));
  }
  CHECK(slice(-0.4).d2w == Approx(0).margin(1e-12));
  CHECK(slice(-5).dw == Approx(slice(-0.4).dw));
  CHECK(slice(5).dw >= 0);
  const std::vector<double> steep_k{0, 0.01, 0.02}, steep_w{0.01, 0.03, 0.08};
  REQUIRE(SplineSlice::make(steep_k, steep_w, &slice) == ElementStatus::ok);
  CHECK(slice(1).dw < 2);
  CHECK(slice(-1).dw == 0);  // falling outward would end below zero
  CHECK(slice(-1).w > 0);
}

TEST_CASE("what cannot be a surface is refused, a bad point spoils only itself") {
  SliceSurface surface;
  const RawSvi good{0.02, 0.1, -0.3, 0, 0.1};
  const double missing = std::numeric_limits<double>::quiet_NaN();
  CHECK(surface.at(0, 1).jet.w == 0);
  CHECK(surface.assign({}, {}) == ElementStatus::domain);
  CHECK(surface.assign(std::vector<double>{1, 1}, std::vector<Slice>{good, good}) == ElementStatus::domain);
  CHECK(surface.assign(std::vector<double>{1}, std::vector<Slice>{RawSvi{-1, 0.1, 0, 0, 0.1}}) == ElementStatus::domain);
  CHECK(surface.assign(std::vector<double>{1}, std::vector<Slice>{SplineSlice{}}) == ElementStatus::domain);
  SplineSlice slice;
  CHECK(SplineSlice::make(std::vector<double>{0, 0}, std::vector<double>{1, 1}, &slice) == ElementStatus::domain);
  CHECK(SplineSlice::make(std::vector<double>{0, 1}, std::vector<double>{1, missing}, &slice) == ElementStatus::domain);

  REQUIRE(surface.assign(std::vector<double>{1}, std::vector<Slice>{good}) == ElementStatus::ok);
  const auto backend = make_cpu_backend(1);
  const std::vector<double> k{0, missing, 0.1}, t{1, 1, -1};
  std::vector<double> vol(3, 7);
  std::vector<ElementStatus> status(3);
  REQUIRE(surface_volatility(*backend, surface, k, t, vol, status) == Status::ok);
  CHECK(vol[0] == Approx(std::sqrt(0.03)));
  CHECK((status[1] == ElementStatus::domain && vol[1] == 0));
  CHECK((status[2] == ElementStatus::domain && vol[2] == 0));
  CHECK(surface_volatility(*backend, surface, k, std::span(t).first(1), vol) == Status::length_mismatch);
}
