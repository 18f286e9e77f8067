// The parts of a gain against the formulas of Black and Scholes, and against each other.
#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <zomma/kernels/monte_carlo/closed_forms.h>
#include <zomma/kernels/portfolio/explain.h>

namespace zomma::kernels {
namespace {

// A call of spot 100, strike 105, half a year, 25 %, 3 %, no dividend.
const GbmMarket start{100, 0.03, 0, 0.25};
constexpr double strike = 105, expiry = 0.5;

GreeksAtStart<double> greeks() {
  const double root = std::sqrt(expiry), v = start.volatility,
               bond = strike * std::exp(-start.rate * expiry);
  const double d1 =
      (std::log(start.spot / strike) + (start.rate + 0.5 * v * v) * expiry) / (v * root);
  const double d2 = d1 - v * root, bell = norm_pdf(d1), vega = start.spot * bell * root;
  return {-start.spot * bell * v / (2 * root) - start.rate * bond * norm_cdf(d2),
          norm_cdf(d1),
          bell / (start.spot * v * root),
          vega,
          -bell * d2 / v,
          vega * d1 * d2 / v,
          expiry * bond * norm_cdf(d2)};
}

double gain(const MarketMove<double>& m) {
  const GbmMarket end{start.spot + m.spot, start.rate + m.rate, 0, start.volatility + m.volatility};
  return european_value(end, strike, expiry - m.years, true) -
         european_value(start, strike, expiry, true);
}

double residual(const MarketMove<double>& m) { return explain(greeks(), m, gain(m)).residual; }

}  // namespace

TEST_CASE("a move in one factor is explained by that factor alone to third order") {
  // Halving a move divides what second order leaves by eight, and by four where only first order is
  // taken.
  const auto shrink = [](const MarketMove<double>& m) {
    return residual(m) / residual({m.years / 2, m.spot / 2, m.volatility / 2, m.rate / 2});
  };
  CHECK(shrink({0, 0.5, 0, 0}) == Approx(8).epsilon(0.1));
  CHECK(shrink({0, 0, 0.02, 0}) == Approx(8).epsilon(0.1));
  CHECK(shrink({0, 1, 0.01, 0}) == Approx(8).epsilon(0.1));
  CHECK(shrink({0.004, 0, 0, 0}) == Approx(4).epsilon(0.02));
  CHECK(shrink({0, 0, 0, 0.001}) == Approx(4).epsilon(0.02));
  const auto parts = explain(greeks(), {0, 2, 0, 0}, gain({0, 2, 0, 0}));
  CHECK(parts.delta + parts.gamma == Approx(gain({0, 2, 0, 0})).epsilon(2e-3));
  CHECK(parts.theta == 0);
  CHECK(parts.vega == 0);
}

TEST_CASE("an ordinary day is explained to a hundredth of its gain") {
  const MarketMove<double> day{1.0 / 252, 1.3, -0.008, 0.0002};
  const auto parts = explain(greeks(), day, gain(day));
  CHECK(parts.theta < 0);
  CHECK(parts.delta > 0);
  CHECK(parts.gamma > 0);
  CHECK(parts.vega < 0);
  CHECK(std::abs(parts.residual) < 0.01 * std::abs(gain(day)));
  CHECK(parts.theta + parts.delta + parts.gamma + parts.vega + parts.vanna + parts.vomma +
            parts.rho + parts.residual ==
        Approx(gain(day)).epsilon(1e-14));
}

TEST_CASE("a book is explained by group, and a broken position is left out and counted") {
  const auto g = greeks();
  const std::array<MarketMove<double>, 3> moves{
      {{0.004, 1, 0.01, 0}, {0.004, -1, 0.02, 0.001}, {0.004, 1, 0, 0}}};
  const auto column = [](double x) { return std::vector<double>(3, x); };
  auto theta = column(g.theta), delta = column(g.delta), gamma = column(g.gamma),
       vega = column(g.vega);
  auto vanna = column(g.vanna), vomma = column(g.vomma), rho = column(g.rho), before = column(10);
  std::vector<double> years, spot, volatility, rate, after;
  for (const auto& m : moves) {
    years.push_back(m.years);
    spot.push_back(m.spot);
    volatility.push_back(m.volatility);
    rate.push_back(m.rate);
    after.push_back(10 + gain(m));
  }
  delta[2] = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> weight{100, -50, 10};
  const std::vector<std::uint32_t> strategy{4, 4, 4};
  const std::span<const std::uint32_t> keys(strategy);
  Grouping groups;
  REQUIRE(group_positions({&keys, 1}, groups) == Status::ok);
  const ExplainInput input{theta, delta, gamma,      vega, vanna,  vomma, rho,
                           years, spot,  volatility, rate, before, after, weight};
  std::vector<double> total(explained_parts), each(3 * explained_parts);
  std::vector<std::uint32_t> excluded(1);
  std::vector<ElementStatus> status(3);
  REQUIRE(explain(*make_cpu_backend(2), input, groups, total, each, excluded, status) ==
          Status::ok);
  const auto a = explain(g, moves[0], after[0] - 10), b = explain(g, moves[1], after[1] - 10);
  CHECK(total[0] == Approx(100 * a.theta - 50 * b.theta));
  CHECK(total[1] == Approx(100 * a.delta - 50 * b.delta));
  CHECK(total[4] == Approx(100 * a.vanna - 50 * b.vanna));
  CHECK(total[6] == Approx(-50 * b.rho));
  CHECK(total[7] == Approx(100 * a.residual - 50 * b.residual));
  double sum = 0;
  for (const double part : total) sum += part;
  CHECK(sum == Approx(100 * (after[0] - 10) - 50 * (after[1] - 10)).epsilon(1e-12));
  for (std::size_t k = 0; k < explained_parts; ++k) {
    CHECK(each[k * 3] + each[k * 3 + 1] == Approx(total[k]).margin(1e-13));
    CHECK(each[k * 3 + 2] == 0);
  }
  CHECK(excluded[0] == 1);
  CHECK(status[2] == ElementStatus::domain);
  CHECK(status[0] == ElementStatus::ok);
  CHECK(explain(*make_cpu_backend(1), input, groups, {total.data(), 7}) == Status::length_mismatch);
}

}  // namespace zomma::kernels
