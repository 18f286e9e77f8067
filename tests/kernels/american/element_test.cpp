// What a GPU thread computes for one option has the bits of the batch, which works on four.
#include <zomma/kernels/american_element.h>

#include <zomma/kernels/american.h>

#include <catch2/catch.hpp>

#include <cstring>
#include <random>
#include <vector>

#include "../../../kernels/american/american_rule.h"

using namespace zomma::kernels;

namespace {

bool same(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

}  // namespace

TEST_CASE("one American option alone has the bits of the batch, Greeks and statuses included") {
  constexpr std::size_t count = 203;
  std::mt19937_64 bits(5);
  const auto uniform = [&](double low, double high) {
    return low + (high - low) * (static_cast<double>(bits() >> 11) * 0x1p-53);
  };
  std::vector<double> spot, strike, expiry, rate, yield, volatility;
  std::vector<std::int8_t> sign;
  for (std::size_t i = 0; i < count; ++i) {
    spot.push_back(i % 31 == 0 ? -1 : uniform(60, 140)), strike.push_back(uniform(70, 130));
    expiry.push_back(uniform(0.01, 8)), rate.push_back(uniform(-0.02, 0.12));
    yield.push_back(uniform(-0.02, 0.12)), volatility.push_back(uniform(0.05, 0.9));
    sign.push_back(bits() & 1 ? 1 : -1);
  }
  const AmericanTermsBatch terms{spot, strike, expiry, rate, yield, volatility, sign};
  std::vector<std::vector<double>> columns(7, std::vector<double>(count));
  std::vector<ElementStatus> status(count), how(count);
  std::vector<double> implied(count);
  const auto backend = make_cpu_backend(1);
  const AmericanRule& rule = american_rule(AmericanPreset::fast);
  REQUIRE(american_price(*backend, AmericanPreset::fast, terms,
                         {columns[0], columns[1], columns[2], columns[3], columns[4], columns[5],
                          columns[6], status}) == Status::ok);
  REQUIRE(american_implied_volatility(*backend, AmericanPreset::fast, terms, columns[0], implied,
                                      how) == Status::ok);
  int different = 0, answered = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const detail::AmericanRow row{spot[i],  strike[i],     expiry[i], rate[i],
                                  yield[i], volatility[i], sign[i]};
    detail::AmericanAnswer alone;
    detail::american_answers<double>(rule, &row, true, true, &alone);
    const double got[7] = {alone.price, alone.delta, alone.gamma,   alone.theta,
                           alone.vega,  alone.rho,   alone.boundary};
    for (std::size_t c = 0; c < 7; ++c) different += !same(got[c], columns[c][i]);
    different += alone.status != status[i];
    double found;
    ElementStatus found_how;
    detail::american_implied<double>(rule, &row, &columns[0][i], &found, &found_how);
    different += !same(found, implied[i]) || found_how != how[i];
    answered += status[i] == ElementStatus::ok;
  }
  CHECK(different == 0);
  CHECK(answered > 150);
}
