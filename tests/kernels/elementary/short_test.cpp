// The elementary functions over lanes are right to a few units in the last place.
#include <zomma/kernels/elementary_more.h>
#include <zomma/kernels/pack.h>

#include <catch2/catch.hpp>

#include <cmath>

using namespace zomma::kernels;

namespace {
double relative(double got, double want) {
  return want == 0 ? std::fabs(got) : std::fabs(got / want - 1);
}
}  // namespace

TEST_CASE("exp and log over lanes equal the library's to 1e-15") {
  double worst = 0;
  for (double x = -690; x < 700; x += 0.0917) {
    worst = std::max(worst, relative(exp_short(Lanes(x))[2], std::exp(x)));
    worst = std::max(worst, relative(log_short(Lanes(std::exp(x)))[1], std::log(std::exp(x))));
  }
  for (double x = 0.5; x < 2; x += 1.3e-4)
    worst = std::max(worst, relative(log_short(Lanes(x))[3], std::log(x)));
  CHECK(worst < 1e-15);
}

TEST_CASE("sine, cosine and arc tangent over lanes are within 1e-15") {
  double worst = 0;
  for (double x = -40000; x < 40000; x += 0.731) {
    Lanes sine, cosine;
    sine_cosine(Lanes(x), sine, cosine);
    worst = std::max({worst, std::fabs(sine[0] - std::sin(x)), std::fabs(cosine[3] - std::cos(x))});
    const double y = std::sin(x), z = std::cos(x);
    worst = std::max(worst, std::fabs(arc_tangent(Lanes(y), Lanes(z))[1] - std::atan2(y, z)));
  }
  CHECK(worst < 1e-15);
}

TEST_CASE("the scaled complementary error function is within 1e-15, for doubles and lanes alike") {
  double worst = 0;
  for (double z = 0; z < 26; z += 0.0101) {
    const long double wide = z;
    const double want = static_cast<double>(std::exp(wide * wide) * std::erfc(wide));
    worst = std::max(
        {worst, relative(erfcx_positive(z), want), relative(erfcx_positive(Lanes(z))[0], want)});
  }
  CHECK(worst < 1e-15);
}
