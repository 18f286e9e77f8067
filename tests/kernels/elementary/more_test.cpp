// The rarer elementary functions are right to a few units in the last place, at the ends of their
// ranges too, and packs answer what single numbers answer.
#include <zomma/kernels/elementary_more.h>
#include <zomma/kernels/pack.h>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace zomma;
using namespace zomma::kernels;

namespace {

constexpr double epsilon = 2.2204460492503131e-16;
constexpr double infinity = std::numeric_limits<double>::infinity();

// Error in units of the last place of the true value, which long double knows to 64 bits.
double units(double got, long double want) {
  if (want == 0) return got == 0 ? 0 : infinity;
  return static_cast<double>(std::fabs((got - want) / want)) / epsilon;
}

}  // namespace

TEST_CASE("expm1 and log1p keep all digits near zero and far from it") {
  double worst_exp = 0, worst_log = 0;
  for (long double size = 1e-300L; size < 700; size *= 1.07L)
    for (const long double sign : {1.0L, -1.0L}) {
      const auto x = static_cast<double>(sign * size);
      worst_exp =
          std::max(worst_exp, units(kernels::expm1(x), std::expm1(static_cast<long double>(x))));
      if (x > -1)
        worst_log =
            std::max(worst_log, units(kernels::log1p(x), std::log1p(static_cast<long double>(x))));
    }
  CHECK(worst_exp < 2);
  CHECK(worst_log < 2);
  CHECK(kernels::expm1(-1000.0) == -1);
  CHECK(kernels::expm1(1000.0) == infinity);
  CHECK(std::isnan(kernels::expm1(std::nan(""))));
  CHECK(kernels::log1p(-1.0) == -infinity);
  CHECK(kernels::log1p(infinity) == infinity);
  CHECK(std::isnan(kernels::log1p(-2.0)));
}

TEST_CASE("hyperbolic functions are right to three units, small arguments included") {
  double worst = 0;
  for (long double size = 1e-200L; size < 690; size *= 1.06L)
    for (const long double sign : {1.0L, -1.0L}) {
      const auto x = static_cast<double>(sign * size);
      const long double wide = x;
      worst = std::max({worst, units(kernels::sinh(x), std::sinh(wide)),
                        units(kernels::tanh(x), std::tanh(wide)),
                        units(kernels::arsinh(x), std::asinh(wide))});
    }
  CHECK(worst < 3.5);
}

TEST_CASE("a power is right within two units and those of its exponent") {
  double worst = 0;
  for (double x = 1e-8; x < 1e8; x *= 1.31)
    for (double y = -6; y < 6; y += 0.173) {
      const long double want = std::pow(static_cast<long double>(x), static_cast<long double>(y));
      worst = std::max(worst, units(power(x, y), want) / (2 + std::fabs(y * std::log(x))));
    }
  CHECK(worst < 1);
  CHECK(power(3.7, 0.0) == 1);
}

TEST_CASE("the logarithm of a factorial is right to four units") {
  double worst = 0;
  for (double n = 2; n < 5000; n = std::floor(n * 1.05 + 1))
    worst = std::max(worst, units(log_factorial(n), std::lgamma(static_cast<long double>(n) + 1)));
  CHECK(worst < 4);
  CHECK(log_factorial(0) == 0);
  CHECK(log_factorial(1) == 0);
}

TEST_CASE("every lane of a pack has the bits of the single number") {
  int different = 0;
  const auto check = [&](auto&& function, double x) {
    if (function(x) != function(Lanes(x))[2]) ++different;
  };
  for (double x = -30; x < 30; x += 0.0137) {
    check([](auto y) { return exp_short(y); }, x);
    check([](auto y) { return log_short(magnitude(y)); }, x);
    check([](auto y) { return erfcx_positive(magnitude(y)); }, x);
    check([](auto y) { return kernels::expm1(y); }, x);
    check([](auto y) { return kernels::log1p(magnitude(y)); }, x);
    check([](auto y) { return kernels::sinh(y); }, x);
    check([](auto y) { return kernels::tanh(y); }, x);
    check([](auto y) { return arsinh(y); }, x);
    check([](auto y) { return arc_tangent(y, y * y - decltype(y)(2.0)); }, x);
    check([](auto y) { return power(magnitude(y), y); }, x);
    check(
        [](auto y) {
          decltype(y) sine, cosine;
          sine_cosine(y * decltype(y)(17.0), sine, cosine);
          return sine + cosine * decltype(y)(0.5);
        },
        x);
  }
  CHECK(different == 0);
}
