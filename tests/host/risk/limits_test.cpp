// Limits by scope: the tightest holds, and no scope may promise more than the one around it.
#include <catch2/catch.hpp>

#include "risk/limits.h"

using namespace zomma;

TEST_CASE("of the limits on one order the tightest scope decides") {
  LimitTree tree;
  tree.firm.max_quantity = Quantity{1000};
  tree.firm.min_quantity = Quantity{1};
  tree.instances.push_back({{1}, {}});
  tree.instances[0].limits.max_quantity = Quantity{500};
  tree.instruments.push_back({{7}, {}});
  tree.instruments[0].limits.max_quantity = Quantity{300};
  tree.instruments[0].limits.min_quantity = Quantity{10};
  tree.pairs.push_back({{1}, {7}, {}});
  tree.pairs[0].limits.max_quantity = Quantity{100};
  REQUIRE(validate(tree));
  CHECK(effective_limits(tree, {0}, {0}).max_quantity == 1000);
  CHECK(effective_limits(tree, {1}, {0}).max_quantity == 500);
  CHECK(effective_limits(tree, {0}, {7}).max_quantity == 300);
  CHECK(effective_limits(tree, {1}, {7}).max_quantity == 100);
  CHECK(effective_limits(tree, {0}, {0}).min_quantity == 1);
  CHECK(effective_limits(tree, {1}, {7}).min_quantity == 10);
}

TEST_CASE("what nobody limits is not limited") {
  const EffectiveLimits limits = effective_limits(LimitTree{}, {0}, {0});
  CHECK(limits.max_quantity == INT64_MAX);
  CHECK(limits.max_position == INT64_MAX);
  CHECK(limits.duplicate_window == 0);
  CHECK_FALSE(limits.needs_reference);
}

TEST_CASE(
    "a position limit of an instrument holds for the firm, one of an instance for the instance") {
  LimitTree tree;
  tree.instruments.push_back({{0}, {}});
  tree.instruments[0].limits.max_position = Quantity{50};
  tree.instances.push_back({{0}, {}});
  tree.instances[0].limits.max_position = Quantity{20};
  const EffectiveLimits limits = effective_limits(tree, {0}, {0});
  CHECK(limits.firm_max_position == 50);
  CHECK(limits.max_position == 20);
  CHECK(effective_limits(tree, {1}, {0}).max_position == INT64_MAX);
}

TEST_CASE("a limit above that of a wider scope is refused with both numbers") {
  LimitTree tree;
  tree.firm.max_open_orders = 10;
  tree.instances.push_back({{2}, {}});
  tree.instances[0].limits.max_open_orders = 11;
  const auto refused = validate(tree);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::invalid_argument);
  CHECK(refused.error().message ==
        "limit max_open_orders of instance 2 is 11, more than the 10 of the firm");
  tree.instances[0].limits.max_open_orders = 10;
  CHECK(validate(tree));
}

TEST_CASE("limits that no order could meet are refused") {
  LimitTree tree;
  SECTION("minimum above maximum") {
    tree.firm.min_quantity = Quantity{5};
    tree.firm.max_quantity = Quantity{4};
  }
  SECTION("negative") { tree.firm.max_drawdown = Money{-1}; }
  SECTION("no order per second") { tree.firm.max_orders_per_second = 0; }
  SECTION("no burst") { tree.firm.order_burst = 0; }
  CHECK_FALSE(validate(tree));
}
