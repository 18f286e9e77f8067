// luck_test.cpp: what is said of the best point is the papers' formula on its returns; a report's
// figure is found by its path.
#include <catch2/catch.hpp>

#include <cmath>

#include "observe/statistics/performance.h"
#include "runtime/sweep/trial.h"
#include "runtime/sweep/verdict.h"

using namespace zomma;

TEST_CASE("the deflated ratio comes from the best curve's moments and the spread of all trials") {
  const std::vector<double> equity{1, 3, 2, 5, 6, 6, 9, 8, 11, 13};
  const std::vector<double> sharpes{0.1, -0.2, 0.6, 0.3};
  const auto luck = luck_of(equity, sharpes, 2.5);
  REQUIRE(luck);
  const std::vector<double> returns{1, 2, -1, 3, 1, 0, 3, -1, 3, 2};
  const ReturnMoments moments = return_moments(returns);
  CHECK(luck->sharpe == Approx(moments.mean / moments.deviation));
  CHECK(luck->trials == 4);
  CHECK(luck->intervals == 10);
  const double variance = std::pow(return_moments(sharpes).deviation, 2);
  CHECK(luck->variance == Approx(variance));
  CHECK(luck->deflated ==
        Approx(deflated_sharpe(luck->sharpe, 10, moments.skew, moments.kurtosis, 2.5, variance)));
  CHECK(luck->deflated > luck_of(equity, sharpes, 4)->deflated);
  CHECK(luck->deflated < luck->probabilistic);
}

TEST_CASE("a curve that never moves has no luck to speak of") {
  CHECK_FALSE(luck_of({0, 0, 0, 0}, {0, 0}, 2));
  CHECK(sharpe_of_curve({0, 0, 0}) == 0);
}

TEST_CASE("a figure of the report is found by names, by places, and missed with a suggestion") {
  const std::string report =
      R"({"total":{"pnl":{"net":1.5,"gross":null}},"strategies":[{"name":"a","x":1},{"name":"b","x":2}],"list":[7,8]})";
  CHECK(*report_figure(report, "total.pnl.net") == 1.5);
  CHECK(std::isnan(*report_figure(report, "total.pnl.gross")));
  CHECK(*report_figure(report, "strategies.b.x") == 2);
  CHECK(*report_figure(report, "strategies[0].x") == 1);
  CHECK(*report_figure(report, "list.1") == 8);
  CHECK(report_figure(report, "total.pnl.nett").error().message.find("did you mean \"net\"?") !=
        std::string::npos);
  CHECK(report_figure(report, "list.2").error().code == Errc::not_found);
  CHECK(report_figure(report, "total").error().message.find("no number") != std::string::npos);
}
