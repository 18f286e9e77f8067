// One path a thread, as a GPU walks them, has the bits of the paths in the vector lanes; and one
// position revalued alone those of four.
#include <zomma/kernels/pack.h>
#include <zomma/kernels/portfolio/scenario_element.h>

#include <catch2/catch.hpp>

#include <cstring>

#include "../../../kernels/monte_carlo/path_estimate.h"

using namespace zomma::kernels;

namespace {

bool same(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

template <class OnLanes, class Alone>
int differences(const PathPlan& plan) {
  constexpr std::size_t width = lanes::Traits<lanes::Pack>::width;
  int different = 0;
  for (std::uint64_t path = 0; path < 400; path += width) {
    const auto together = walk<lanes::Pack, OnLanes, true, true>(
        plan, PhiloxSource<lanes::Pack>{9, path_lanes<lanes::Pack>(path)});
    for (std::size_t k = 0; k < width; ++k) {
      const auto alone = walk<double, Alone, true, true>(plan, PhiloxSource<double>{9, path + k});
      different += !same(alone.payoff, lanes::lane(together.payoff, k));
      different += !same(alone.spot_slope, lanes::lane(together.spot_slope, k));
      different += !same(alone.volatility_slope, lanes::lane(together.volatility_slope, k));
      different += !same(alone.control, lanes::lane(together.control, k));
    }
  }
  return different;
}

}  // namespace

TEST_CASE("a path walked alone has the bits of the path in a lane, for every pay-off") {
  PathContract contract;
  contract.strike = 101, contract.expiry = 0.8, contract.steps = 19, contract.barrier_level = 120;
  contract.payoff = PathPayoff::barrier;  // the plan then holds the barrier's numbers too
  const PathPlan plan = detail::path_plan({100, 0.03, 0.01, 0.3}, contract);
  using lanes::Pack;
  CHECK(differences<EuropeanObserver<Pack>, EuropeanObserver<double>>(plan) == 0);
  CHECK(differences<DigitalObserver<Pack>, DigitalObserver<double>>(plan) == 0);
  CHECK(differences<AsianObserver<Pack, true, true>, AsianObserver<double, true, true>>(plan) == 0);
  CHECK(differences<AsianObserver<Pack, false, true>, AsianObserver<double, false, true>>(plan) ==
        0);
  CHECK(differences<BarrierObserver<Pack, true>, BarrierObserver<double, true>>(plan) == 0);
  CHECK(differences<LookbackObserver<Pack, false, true>, LookbackObserver<double, false, true>>(
            plan) == 0);
  CHECK(differences<LookbackObserver<Pack, true, true>, LookbackObserver<double, true, true>>(
            plan) == 0);
}

TEST_CASE("a position revalued alone has the bits of the position in a lane") {
  using lanes::all;
  using lanes::Pack;
  int different = 0;
  for (int i = 0; i < 500; ++i) {
    const double spot = 80 + 0.1 * i, volatility = 0.02 + 0.002 * i, years = 0.01 * (i % 90);
    const double sign = i % 2 == 0 ? 1 : -1, move = 0.001 * (i % 300) - 0.15;
    const auto gain = [&]<class Real>(Real) {
      const auto option = detail::option_lanes<Real>(
          all<Real>(spot), all<Real>(100), all<Real>(years), all<Real>(volatility), all<Real>(0.03),
          all<Real>(0.01), all<Real>(sign));
      const auto maturity = maturity_after<Real>(option, 0.02, 0.001);
      const auto wide = width_after<Real>(option, maturity, 0.03);
      return revalue<Real>(option.sign, maturity, wide, 1.0 + move, lanes::log(1.0 + move)) -
             detail::value_today(option);
    };
    different += !same(gain(double{}), lanes::lane(gain(Pack{}), 0));
  }
  CHECK(different == 0);
}
