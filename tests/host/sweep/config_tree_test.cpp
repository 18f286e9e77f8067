// config_tree_test.cpp: a value is changed by its path and nothing else is.
#include <catch2/catch.hpp>

#include "runtime/sweep/config_tree.h"

using namespace zomma;

namespace {

const char* small = R"(
[run]
name = "x"
state_dir = "state"
[[instrument]]
symbol = "A.x"
venue = "v"
currency = "USD"
kind = "spot"
price_digits = 2
quantity_digits = 0
tick = "0.01"
lot = "1"
[[feed]]
name = "f"
format = "itch"
path = "none"
session_date = 2020-01-02
symbols = { A = "A.x" }
[plugin.p]
path = "p.so"
allow_unlisted = true
instruments = ["A.x"]
[plugin.p.params]
size = 3
[risk]
max_open_orders = 5
)";

Config config() {
  const ConfigResult read = parse_config(small, "small", "/");
  INFO(format(read.errors));
  REQUIRE(read);
  return read.config;
}

}  // namespace

TEST_CASE("paths have keys, quoted keys and indices") {
  const auto steps = parse_path("risk.instrument.\"A.x\".max_position");
  REQUIRE(steps);
  REQUIRE(steps->size() == 4);
  CHECK((*steps)[2].key == "A.x");
  const auto indexed = parse_path("instrument[1].tick");
  REQUIRE(indexed);
  CHECK((*indexed)[1].index == 1);
  for (const char* wrong : {"", ".", "a.", "a..b", "a[", "a[x]", "a[-1]", "a\"b", "\"a", "a[0]b"})
    CHECK_FALSE(parse_path(wrong));
}

TEST_CASE("the effective configuration comes back unchanged, and changed in the one place") {
  const Config before = config();
  ConfigTree tree(before);
  REQUIRE(tree.config());
  CHECK(dump_config(tree.config().config) == dump_config(before));
  REQUIRE(tree.set("plugin.p.params.size", "7"));
  REQUIRE(tree.set("instrument[0].maker_fee_bps", "1.5"));
  REQUIRE(tree.set("run.seed", "99"));
  const ConfigResult after = tree.config();
  INFO(format(after.errors));
  REQUIRE(after);
  CHECK(std::get<std::int64_t>(after.config.plugins[0].params[0].value) == 7);
  CHECK(after.config.run.seed == 99);
  CHECK(dump_config(after.config) != dump_config(before));
}

TEST_CASE("a new table is made on the way; what cannot be reached is said") {
  ConfigTree tree(config());
  REQUIRE(tree.set("plugin.p.params.other", "true"));
  CHECK(tree.siblings("plugin.p.params.x") == std::vector<std::string>{"other", "size"});
  CHECK(tree.set("instrument[4].tick", "1").error().message.find("1 items") != std::string::npos);
  CHECK(tree.set("run.name.deeper", "1").error().message.find("the string \"x\"") !=
        std::string::npos);
  CHECK_FALSE(tree.set("run.seed", "1 2"));
  CHECK_FALSE(tree.set("run.seed", "1\nmode = 2"));
  REQUIRE(tree.set("run.sped", "1"));
  const ConfigResult wrong = tree.config();
  REQUIRE_FALSE(wrong);
  CHECK(wrong.errors[0].suggestion == "speed");
}
