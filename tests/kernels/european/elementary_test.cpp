// elementary_test.cpp: exp, log and the normal distribution against 90 digits, and one result on
// every kind of Real.
#include <catch2/catch.hpp>

#include <zomma/kernels/elementary.h>
#include <zomma/kernels/pack.h>

#include <cstring>
#include <random>

#include "kernels/european/truth_table.h"
#include "support/shared_data.h"

namespace zk = zomma::kernels;
using zomma::test::TruthTable;
using zomma::test::units;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

template <class T>
std::vector<T> sample(double low, double high) {
  std::mt19937_64 bits(7);
  std::vector<T> out;
  for (int i = 0; i < 20000; ++i)
    out.push_back(T(low + (high - low) * (double(bits() >> 11) * 0x1p-53)));
  return out;
}

// Largest error in ulp of f over x, against the long double function.
template <class T, class F, class G>
double worst(const std::vector<T>& xs, F f, G truth) {
  double most = 0.0;
  for (const T x : xs) {
    const long double exact = truth(static_cast<long double>(x));
    const long double error = std::fabs((static_cast<long double>(f(x)) - exact) / exact);
    most = std::max(most, double(error / std::numeric_limits<T>::epsilon()));
  }
  return most;
}

template <class T>
void same_bits_on_packs(double low, double high) {
  const auto same = [](T a, T b) {
    return std::memcmp(&a, &b, sizeof a) == 0 || (std::isnan(a) && std::isnan(b));
  };
  auto xs = sample<T>(low, high);
  for (const double x : {0.0, -0.0, 1.0, infinity, -infinity, double(NAN), 1e-40, -1e-40})
    xs.push_back(T(x));
  using P = zk::Pack<T, 2>;
  for (std::size_t i = 0; i + P::width <= xs.size(); i += P::width) {
    const P x = P::load(&xs[i]);
    const P packs[] = {zk::exp(x),      zk::log(x),   zk::norm_pdf(x),
                       zk::norm_cdf(x), zk::erfcx(x), zk::norm_inverse(x)};
    for (int lane = 0; lane < P::width; ++lane) {
      const T s = xs[i + lane];
      const T scalars[] = {zk::exp<T>(s),      zk::log<T>(s),   zk::norm_pdf<T>(s),
                           zk::norm_cdf<T>(s), zk::erfcx<T>(s), zk::norm_inverse<T>(s)};
      for (int f = 0; f < 6; ++f) {
        INFO("function " << f << " at " << s << ": " << packs[f][lane] << " and " << scalars[f]);
        REQUIRE(same(packs[f][lane], scalars[f]));
      }
    }
  }
}

}  // namespace

TEST_CASE("exp and log are right to about a unit in the last place") {
  const auto exp_of = [](auto x) { return zk::exp(x); };
  const auto log_of = [](auto x) { return zk::log(x); };
  const auto exact_exp = [](long double x) { return std::exp(x); };
  const auto exact_log = [](long double x) { return std::log(x); };
  CHECK(worst(sample<double>(-708, 709), exp_of, exact_exp) < 1.0);
  CHECK(worst(sample<double>(-1e-3, 1e-3), exp_of, exact_exp) < 1.0);
  CHECK(worst(sample<float>(-87, 88), exp_of, exact_exp) < 1.0);
  CHECK(worst(sample<double>(1e-300, 4), log_of, exact_log) < 1.5);
  CHECK(worst(sample<double>(0.999, 1.001), log_of, exact_log) < 1.5);
  CHECK(worst(sample<double>(1e-320, 1e-300), log_of, exact_log) < 1.5);
  CHECK(worst(sample<float>(0.5, 2), log_of, exact_log) < 1.5);
  CHECK(worst(sample<float>(1e-30, 1e30), log_of, exact_log) < 1.5);
}

TEST_CASE("exp and log answer the ends of their ranges as IEEE 754 asks") {
  CHECK(zk::exp(infinity) == infinity);
  CHECK(zk::exp(710.0) == infinity);
  CHECK(zk::exp(-infinity) == 0.0);
  CHECK(zk::exp(-744.0) == Approx(std::exp(-744.0)).epsilon(0.5));
  CHECK(std::isnan(zk::exp(double(NAN))));
  CHECK(zk::log(0.0) == -infinity);
  CHECK(zk::log(infinity) == infinity);
  CHECK(std::isnan(zk::log(-1.0)));
  CHECK(std::isnan(zk::log(double(NAN))));
  CHECK(zk::norm_cdf(infinity) == 1.0);
  CHECK(zk::norm_cdf(-infinity) == 0.0);
  CHECK(std::isnan(zk::norm_cdf(double(NAN))));
  CHECK(zk::norm_inverse(0.0) == -infinity);
  CHECK(zk::norm_inverse(1.0) == infinity);
  CHECK(std::isnan(zk::norm_inverse(-0.1)));
  CHECK(std::isnan(zk::norm_inverse(double(NAN))));
}

TEST_CASE("the normal distribution is right to a few units in the last place in the far tail too") {
  ZOMMA_SHARED_DATA(path, "analytics/normal_functions.csv");
  const TruthTable table(path);
  const auto x = table.numbers("x"), cdf = table.numbers("Phi(x)"), pdf = table.numbers("phi(x)");
  const auto mills = table.numbers("Mills=Phi(-x)/phi(x)"), erfcx = table.numbers("erfcx(x)");
  double worst_cdf = 0, worst_pdf = 0, worst_mills = 0, worst_erfcx = 0;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    worst_cdf = std::fmax(worst_cdf, units<double>(zk::norm_cdf(x[i]), cdf[i], 0.0));
    worst_pdf = std::fmax(worst_pdf, units<double>(zk::norm_pdf(x[i]), pdf[i], 0.0));
    if (std::isfinite(mills[i]))
      worst_mills = std::fmax(
          worst_mills, units<double>(zk::mills(x[i]), mills[i], x[i] < 0 ? x[i] * x[i] : 0.0));
    // The argument of Mills' ratio is rounded once more, and below zero erfcx grows as exp(x^2).
    if (std::isfinite(erfcx[i]))
      worst_erfcx = std::fmax(
          worst_erfcx, units<double>(zk::erfcx(x[i]), erfcx[i], x[i] < 0 ? 2 * x[i] * x[i] : 1.0));
  }
  INFO("cdf " << worst_cdf << " pdf " << worst_pdf << " mills " << worst_mills << " erfcx "
              << worst_erfcx);
  CHECK(worst_cdf < 4.0);
  CHECK(worst_pdf < 3.0);
  CHECK(worst_mills < 5.0);
  CHECK(worst_erfcx < 4.5);
}

TEST_CASE("the inverse of the normal distribution is as exact as its argument allows") {
  ZOMMA_SHARED_DATA(path, "analytics/inverse_normal.csv");
  const TruthTable table(path);
  const auto p = table.numbers("p"), z = table.numbers("z=Phi^-1(p)"),
             condition = table.numbers("cond");
  double most = 0.0;
  for (std::size_t i = 0; i < table.rows(); ++i)
    most = std::fmax(most, units<double>(zk::norm_inverse(p[i]), z[i], condition[i]));
  INFO("worst " << most);
  CHECK(most < 3.0);
}

TEST_CASE("a pack and a scalar agree to the last bit") {
  same_bits_on_packs<double>(-40, 40);
  same_bits_on_packs<double>(-800, 800);
  same_bits_on_packs<double>(0, 1);
  same_bits_on_packs<float>(-15, 15);
  same_bits_on_packs<float>(-110, 110);
  same_bits_on_packs<float>(0, 1);
}
