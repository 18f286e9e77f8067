// Prices and Greeks between solved strikes against a solve of every strike.
#include <zomma/kernels/american.h>
#include <zomma/kernels/european.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

#include "market/options/early_exercise.h"

using namespace zomma::options;
namespace k = zomma::kernels;

namespace {

constexpr double spot = 750, low = 400, high = 1100;
constexpr std::size_t strikes = 351;

// A smile with corners, as quotes have it.
Smile smile_of(double years) {
  Smile smile;
  for (double strike = low; strike <= high; strike += 14) {
    const double x = std::log(strike / spot) / std::sqrt(years);
    smile.strike.push_back(strike);
    smile.vol.push_back(std::min(0.25 - 0.08 * x + 0.05 * x * x, 1.0));
  }
  return smile;
}

struct Everything {
  std::vector<OptionValues> american, european;
};

Everything solve(const ExerciseTerms& terms, const Smile& smile) {
  std::vector<double> s(strikes, spot), t(strikes, terms.years), r(strikes, terms.rate),
      q(strikes, terms.yield), strike, vol;
  std::vector<std::int8_t> sign(strikes, terms.put ? -1 : 1);
  for (std::size_t i = 0; i < strikes; ++i) {
    strike.push_back(low + 2.0 * static_cast<double>(i));
    vol.push_back(smile.at(strike.back()));
  }
  std::vector<double> columns[12];
  for (auto& column : columns) column.resize(strikes);
  std::vector<k::ElementStatus> status(strikes);
  const auto backend = k::make_cpu_backend(1);
  REQUIRE(
      k::american_price(
          *backend, k::AmericanPreset::accurate, {s, strike, t, r, q, vol, sign},
          {columns[0], columns[1], columns[2], columns[3], columns[4], columns[5], {}, status}) ==
      k::Status::ok);
  k::EuropeanResults<double> out;
  out.value = columns[6], out.delta = columns[7], out.gamma = columns[8], out.theta = columns[9],
  out.vega = columns[10], out.rho = columns[11];
  REQUIRE(k::european_greeks(*backend, k::EuropeanModel::black_scholes,
                             {sign, s, strike, t, r, q, vol}, out, status) == k::Status::ok);
  Everything all;
  for (std::size_t i = 0; i < strikes; ++i) {
    const auto row = [&](std::size_t from) {
      return OptionValues{columns[from][i],     columns[from + 1][i], columns[from + 2][i],
                          columns[from + 3][i], columns[from + 4][i], columns[from + 5][i]};
    };
    all.american.push_back(row(0)), all.european.push_back(row(6));
  }
  return all;
}

}  // namespace

TEST_CASE("American values between the solved strikes") {
  for (const double years : {0.02, 0.25, 1.08, 2.5})
    for (const double rate : {0.0075, 0.05})
      for (const double yield : {0.0, 0.02, 0.06})
        for (const bool put : {false, true}) {
          const ExerciseTerms terms{put, spot, years, rate, yield};
          const Smile smile = smile_of(years);
          const Everything truth = solve(terms, smile);
          const EarlyExercise early(terms, smile, low, high);
          double price = 0, delta = 0, vega = 0, rho = 0, ignored = 0;
          for (std::size_t i = 0; i < strikes; ++i) {
            const double strike = low + 2.0 * static_cast<double>(i);
            const OptionValues &american = truth.american[i], &european = truth.european[i];
            OptionValues found = early.premium(strike, smile.at(strike));
            found.price += european.price, found.delta += european.delta;
            found.vega += european.vega, found.rho += european.rho;
            if (early.due(strike)) found = early.exercised(strike);
            price = std::max(price, std::fabs(found.price - american.price));
            delta = std::max(delta, std::fabs(found.delta - american.delta));
            vega = std::max(vega, std::fabs(found.vega - american.vega));
            rho = std::max(rho, std::fabs(found.rho - american.rho));
            ignored = std::max(ignored, american.price - european.price);
          }
          INFO(years << " years, rate " << rate << ", yield " << yield << (put ? " put" : " call"));
          CHECK(price < 1.5e-4 * spot);
          CHECK(delta < 0.012);
          CHECK(vega < 0.02 * spot);
          CHECK(rho < 0.05 * spot);
          // The price is worth the trouble where there is any.
          if (ignored > 0.3) CHECK(price < 0.05 * ignored);
        }
}

TEST_CASE("where early exercise is pointless nothing is added, and nonsense adds nothing") {
  const Smile smile = smile_of(0.5);
  for (const ExerciseTerms& terms :
       {ExerciseTerms{false, spot, 0.5, 0.05, 0.0}, ExerciseTerms{true, spot, 0.5, 0.0, 0.02},
        ExerciseTerms{true, spot, 0.5, 3.0, 0.0}, ExerciseTerms{true, spot, 0.0, 0.05, 0.0},
        ExerciseTerms{true, NAN, 0.5, 0.05, 0.0}}) {
    const EarlyExercise early(terms, smile, low, high);
    CHECK_FALSE(early.due(1000));
    CHECK(early.premium(700, 0.25).price == 0);
  }
  CHECK(EarlyExercise({true, spot, 0.5, 0.05, 0.0}, Smile{}, low, high).premium(700, 0.2).price ==
        0);
}

TEST_CASE("a deep put is its intrinsic value and moves as the underlying") {
  const EarlyExercise early({true, spot, 0.25, 0.05, 0.0}, smile_of(0.25), low, high);
  REQUIRE(early.due(1050));
  const OptionValues values = early.exercised(1050);
  CHECK(values.price == 300);
  CHECK(values.delta == -1);
  CHECK(values.theta == 0);
  CHECK_FALSE(early.due(700));
}
