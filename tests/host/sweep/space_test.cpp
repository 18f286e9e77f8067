// space_test.cpp: point n is the same whoever asks, and the points are those that the file names.
#include <catch2/catch.hpp>

#include <set>

#include "runtime/sweep/space.h"

using namespace zomma;

namespace {

SweepConfig sweep_of(const std::string& text) {
  const auto result = parse_sweep(text, "s.toml", "/");
  INFO(format(result.errors));
  REQUIRE(result);
  return result.config;
}

const std::string grid = R"(
[sweep]
output = "o"
[[parameter]]
key = "a"
values = ["x", "y"]
[[parameter]]
keys = ["b", "c"]
from = 1
to = 100
steps = 3
scale = "log"
)";

}  // namespace

TEST_CASE("a grid counts with the last parameter fastest; its ends are exact") {
  const SweepConfig sweep = sweep_of(grid);
  CHECK(*count_points(sweep, 1) == 6);
  std::string all;
  for (std::uint64_t i = 0; i < 6; ++i) {
    const SweepPoint point = point_at(sweep, i);
    all += point[0].toml + point[1].toml + " ";
  }
  CHECK(all == "\"x\"1 \"x\"10 \"x\"100 \"y\"1 \"y\"10 \"y\"100 ");
  const Assignments set = assignments_of(sweep, point_at(sweep, 4), 0);
  CHECK(set == Assignments{{"a", "\"y\""}, {"b", "10"}, {"c", "10"}});
}

TEST_CASE("too large a search is refused with its count") {
  SweepConfig sweep = sweep_of(grid);
  sweep.max_runs = 11;
  CHECK(count_points(sweep, 1));
  CHECK(count_points(sweep, 2).error().message.find(
            "2 x 3 x 2 = 12 runs, sweep.max_runs allows 11") != std::string::npos);
  sweep.parameters[1].steps = 4'000'000'000u;
  CHECK(count_points(sweep, 1).error().message.find("8,000,000,000") != std::string::npos);
}

TEST_CASE("random points come from the seed and their number alone, and fill their range") {
  const std::string random =
      "[sweep]\noutput = \"o\"\nmethod = \"random\"\ntrials = 400\nseed = 5\n[[parameter]]\nkey = "
      "\"a\"\nfrom = 1.0\nto = 1000.0\nscale = \"log\"\n"
      "[[parameter]]\nkey = \"b\"\nfrom = 1\nto = 6\n[[parameter]]\nkey = \"c\"\nvalues = [true, "
      "false]\n";
  SweepConfig sweep = sweep_of(random);
  CHECK(*count_points(sweep, 1) == 400);
  std::set<std::string> dice, coin;
  int below_ten = 0;
  for (std::uint64_t i = 0; i < 400; ++i) {
    const SweepPoint point = point_at(sweep, i);
    CHECK(point[0].toml == point_at(sweep, i)[0].toml);
    CHECK(point[0].number >= 1);
    CHECK(point[0].number <= 1000);
    below_ten += point[0].number < 10;
    dice.insert(point[1].toml);
    coin.insert(point[2].toml);
  }
  CHECK(dice == std::set<std::string>{"1", "2", "3", "4", "5", "6"});
  CHECK(coin.size() == 2);
  CHECK(below_ten > 100);  // a third of a log-uniform law over three decades
  CHECK(below_ten < 167);
  sweep.seed = 6;
  CHECK(point_at(sweep, 0)[0].toml != sweep_of(random).parameters[0].name);
}

TEST_CASE("paths get seeds and names of their own") {
  const SweepConfig sweep =
      sweep_of(grid +
               "[paths]\ncount = 2\nseeds = [\"run.seed\"]\n[paths.set]\n\"feed[0].path\" = "
               "\"p_{path}.csv\"\n");
  const Assignments first = assignments_of(sweep, point_at(sweep, 0), 0),
                    second = assignments_of(sweep, point_at(sweep, 5), 1);
  CHECK(first[3].first == "run.seed");
  CHECK(first[3].second != second[3].second);
  CHECK(first[3] ==
        assignments_of(sweep, point_at(sweep, 3), 0)[3]);  // the same world for every point
  CHECK(second[4] == std::pair<std::string, std::string>{"feed[0].path", "\"p_2.csv\""});
}
