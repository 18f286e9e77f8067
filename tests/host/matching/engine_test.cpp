// The rules of the matching engine, one scenario each, worked out by hand.
#include <catch2/catch.hpp>

#include "host/matching/scene.h"

namespace zomma::test {

using matching::SelfTrade;

TEST_CASE("better prices trade first, then who came first, at the resting price") {
  Scene s;
  CHECK(s.tell(s.sell(1, 5, 101)) == "+1");
  CHECK(s.tell(s.sell(2, 5, 100)) == "+2");
  CHECK(s.tell(s.sell(3, 5, 100)) == "+3");
  CHECK(s.tell(s.buy(4, 12, 103)) == "+4, 4>2 5@100 0, 4>3 5@100 0, 4>1 2@101 3");
  CHECK(s.book(Side::sell) == "3@101");
  CHECK(s.tell(s.buy(5, 4, 101)) == "+5, 5>1 3@101 0");
  CHECK(s.book(Side::buy) == "1@101");
}

TEST_CASE("a market order takes what there is, and the rest is cancelled") {
  Scene s;
  CHECK(s.tell(s.market(s.buy(1, 3, 0))) == "+1, -1 x3 nobody");
  s.tell(s.sell(2, 2, 100));
  s.tell(s.sell(3, 2, 5000));
  CHECK(s.tell(s.market(s.buy(4, 9, 0))) == "+4, 4>2 2@100 0, 4>3 2@5000 0, -4 x5 remainder");
}

TEST_CASE("immediate-or-cancel trades what it can and never rests") {
  Scene s;
  s.tell(s.buy(1, 4, 100));
  CHECK(s.tell(s.with(s.sell(2, 6, 100), TimeInForce::ioc)) == "+2, 2>1 4@100 0, -2 x2 remainder");
  CHECK(s.tell(s.with(s.sell(3, 6, 100), TimeInForce::ioc)) == "+3, -3 x6 remainder");
  CHECK(s.engine.order_count() == 0);
}

TEST_CASE("fill-or-kill fills all or nothing, hidden quantity counted") {
  Scene s;
  s.tell(s.iceberg(s.sell(1, 10, 100), 2));
  s.tell(s.sell(2, 3, 102));
  CHECK(s.tell(s.with(s.buy(3, 14, 102), TimeInForce::fok)) == "+3, -3 x14 fok");
  CHECK(s.tell(s.with(s.buy(4, 11, 101), TimeInForce::fok)) == "+4, -4 x11 fok");
  CHECK(s.book(Side::sell) == "2@100 3@102");
  CHECK(s.tell(s.with(s.buy(5, 4, 100), TimeInForce::fok)) == "+5, 5>1 2@100 8, 5>1 2@100 6");
  CHECK(s.tell(s.with(s.buy(6, 1, 99), TimeInForce::fok)) == "+6, -6 x1 fok");
}

TEST_CASE("a post-only order that would trade is cancelled, its own side does not matter") {
  Scene s;
  s.tell(s.sell(1, 5, 101));
  CHECK(s.tell(s.post_only(s.buy(2, 1, 101))) == "+2, -2 x1 cross");
  CHECK(s.tell(s.post_only(s.buy(3, 1, 100))) == "+3");
  CHECK(s.replace(3, 1, 101) == "=3 1 1@101, -3 x1 cross");
  CHECK(s.engine.order_count() == 1);
}

TEST_CASE("an iceberg shows one slice at a time, and each new slice joins the end of the queue") {
  Scene s;
  s.tell(s.iceberg(s.sell(1, 7, 100), 3));
  s.tell(s.sell(2, 2, 100));
  CHECK(s.book(Side::sell) == "5@100");
  CHECK(s.tell(s.buy(3, 4, 100)) == "+3, 3>1 3@100 4, 3>2 1@100 1");
  CHECK(s.book(Side::sell) == "4@100");
  CHECK(s.tell(s.buy(4, 6, 100)) == "+4, 4>2 1@100 0, 4>1 3@100 1, 4>1 1@100 0");
  CHECK(s.book(Side::buy) == "1@100");
}

TEST_CASE("an iceberg takes with all of its quantity and shows a slice of what is left") {
  Scene s;
  s.tell(s.sell(1, 4, 100));
  CHECK(s.tell(s.iceberg(s.buy(2, 10, 100), 5)) == "+2, 2>1 4@100 0");
  CHECK(s.book(Side::buy) == "5@100");
  CHECK(s.engine.find({2})->hidden.value == 1);
}

TEST_CASE("a replace keeps its place only if nothing but the quantity falls") {
  Scene s;
  for (std::uint64_t id = 1; id <= 4; ++id) s.tell(s.buy(id, 5, 100));
  CHECK(s.replace(1, 3, 100) == "=1 3 3@100");  // less: keeps it
  CHECK(s.replace(2, 6, 100) == "=2 6 6@100");  // more: to the end
  CHECK(s.replace(3, 5, 99) == "=3 5 5@99");
  CHECK(s.replace(3, 5, 100) == "=3 5 5@100");  // away and back: to the end
  CHECK(s.tell(s.sell(9, 19, 100)) == "+9, 9>1 3@100 0, 9>4 5@100 0, 9>2 6@100 0, 9>3 5@100 0");
}

TEST_CASE("a replace counts what has filled, and one to no more than that ends the order") {
  Scene s;
  s.tell(s.buy(1, 10, 100));
  s.tell(s.sell(2, 4, 100));
  CHECK(s.replace(1, 7, 100) == "=1 7 3@100");
  CHECK(s.book(Side::buy) == "3@100");
  CHECK(s.replace(1, 4, 100) == "=1 4 0@100");
  CHECK(s.replace(1, 9, 100) == "=1? unknown");
}

TEST_CASE("a replace to a price that crosses trades at once") {
  Scene s;
  s.tell(s.buy(1, 5, 99));
  s.tell(s.sell(2, 3, 101));
  CHECK(s.replace(1, 5, 102) == "=1 5 5@102, 1>2 3@101 0");
  CHECK(s.book(Side::buy) == "2@102");
}

TEST_CASE("less of an iceberg is taken off what is hidden first") {
  Scene s;
  s.tell(s.iceberg(s.sell(1, 10, 100), 4));
  s.replace(1, 6, 100);
  CHECK(s.engine.find({1})->shown.value == 4);
  CHECK(s.engine.find({1})->hidden.value == 2);
  s.replace(1, 3, 100);
  CHECK(s.book(Side::sell) == "3@100");
}

TEST_CASE("a stop waits for a trade at its price or beyond, a stop-limit then rests at its limit") {
  Scene s;
  s.tell(s.sell(1, 1, 101));
  s.tell(s.sell(2, 1, 103));
  CHECK(s.tell(s.stop(s.buy(3, 2, 0), 102, OrderType::stop)) == "+3");
  CHECK(s.tell(s.stop(s.buy(4, 2, 104), 103, OrderType::stop_limit)) == "+4");
  CHECK(s.tell(s.buy(5, 1, 101)) == "+5, 5>1 1@101 0");  // a trade at 101 reaches neither
  CHECK(s.tell(s.buy(6, 1, 103)) == "+6, 6>2 1@103 0, !3, -3 x2 nobody, !4");
  CHECK(s.book(Side::buy) == "2@104");
}

TEST_CASE("a stop whose price was passed already is active at once") {
  Scene s;
  s.tell(s.sell(1, 1, 100));
  s.tell(s.buy(2, 1, 100));
  s.tell(s.buy(3, 1, 98));
  CHECK(s.tell(s.stop(s.sell(4, 1, 0), 100, OrderType::stop)) == "+4, !4, 4>3 1@98 0");
  CHECK(s.tell(s.stop(s.sell(5, 1, 0), 97, OrderType::stop)) == "+5");
}

TEST_CASE("stops set each other off, each matched to its end before the next") {
  Scene s;
  s.tell(s.buy(1, 1, 100));
  s.tell(s.buy(2, 1, 99));
  s.tell(s.buy(3, 1, 98));
  s.tell(s.stop(s.sell(11, 1, 0), 99, OrderType::stop));
  s.tell(s.stop(s.sell(10, 1, 0), 100, OrderType::stop));
  s.tell(s.stop(s.buy(12, 1, 0), 200, OrderType::stop));
  CHECK(s.tell(s.sell(20, 1, 100)) == "+20, 20>1 1@100 0, !10, 10>2 1@99 0, !11, 11>3 1@98 0");
  CHECK(s.engine.stop_count({0}) == 1);
}

TEST_CASE("of several stops reached by one sweep the buys go first, from the lowest, then by age") {
  Scene s;
  s.tell(s.sell(1, 1, 100));
  s.tell(s.sell(2, 1, 105));
  s.tell(s.stop(s.sell(10, 1, 0), 101, OrderType::stop));
  s.tell(s.stop(s.buy(11, 1, 0), 105, OrderType::stop));
  s.tell(s.stop(s.buy(12, 1, 0), 104, OrderType::stop));
  s.tell(s.stop(s.buy(13, 1, 0), 104, OrderType::stop));
  CHECK(s.tell(s.buy(20, 2, 105)) ==
        "+20, 20>1 1@100 0, 20>2 1@105 0, !12, -12 x1 nobody, !13, -13 x1 nobody, !11, "
        "-11 x1 nobody, !10, -10 x1 nobody");
}

TEST_CASE("a waiting stop can be replaced and cancelled") {
  Scene s;
  s.tell(s.stop(s.buy(1, 5, 110), 105, OrderType::stop_limit));
  CHECK(s.replace(1, 8, 111) == "=1 8 8@111");
  CHECK(s.book(Side::buy).empty());
  CHECK(s.cancel(1) == "-1 x8 user");
  CHECK(s.engine.stop_count({0}) == 0);
}

TEST_CASE("self-trade prevention does what the incoming order asks for") {
  Scene s;
  const auto rest = [&] {
    s.mass_cancel({});
    s.tell(s.owned(s.sell(1, 5, 100), 7));
    s.tell(s.sell(2, 5, 100));
  };
  rest();
  CHECK(s.tell(s.owned(s.buy(3, 8, 100), 7)) == "+3, 3>1 5@100 0, 3>2 3@100 2");
  rest();
  CHECK(s.tell(s.owned(s.buy(3, 8, 100), 8, SelfTrade::cancel_both)) ==
        "+3, 3>1 5@100 0, 3>2 3@100 2");
  rest();
  CHECK(s.tell(s.owned(s.buy(3, 8, 100), 7, SelfTrade::cancel_newest)) == "+3, -3 x8 self");
  rest();
  CHECK(s.tell(s.owned(s.buy(3, 8, 100), 7, SelfTrade::cancel_oldest)) ==
        "+3, -1 x5 self, 3>2 5@100 0");
  CHECK(s.book(Side::buy) == "3@100");
  rest();
  CHECK(s.tell(s.owned(s.buy(4, 8, 100), 7, SelfTrade::cancel_both)) ==
        "+4, -1 x5 self, -4 x8 self");
  rest();
  CHECK(s.tell(s.owned(s.buy(5, 8, 100), 7, SelfTrade::decrement)) ==
        "+5, -1 x5 self, =5 3 3@100 self, 5>2 3@100 2");
  rest();
  CHECK(s.tell(s.owned(s.buy(6, 3, 100), 7, SelfTrade::decrement)) ==
        "+6, =1 2 2@100 self, -6 x3 self");
}

TEST_CASE("fill-or-kill looks ahead for an own order in the way") {
  Scene s;
  s.tell(s.sell(1, 5, 100));
  s.tell(s.owned(s.sell(2, 5, 100), 7));
  s.tell(s.sell(3, 5, 100));
  const auto fok = [&](std::uint64_t id, std::int64_t quantity, SelfTrade mode) {
    return s.tell(s.with(s.owned(s.buy(id, quantity, 100), 7, mode), TimeInForce::fok));
  };
  CHECK(fok(4, 6, SelfTrade::cancel_newest) == "+4, -4 x6 fok");
  CHECK(fok(5, 11, SelfTrade::cancel_oldest) == "+5, -5 x11 fok");
  CHECK(fok(6, 5, SelfTrade::cancel_newest) == "+6, 6>1 5@100 0");
  CHECK(fok(7, 5, SelfTrade::cancel_oldest) == "+7, -2 x5 self, 7>3 5@100 0");
}

TEST_CASE("DAY orders expire at the end of the day, waiting stops included") {
  Scene s;
  s.tell(s.with(s.buy(1, 1, 99), TimeInForce::day));
  s.tell(s.buy(2, 1, 99));
  s.tell(s.with(s.buy(3, 1, 100), TimeInForce::day));
  s.tell(s.with(s.sell(4, 1, 105), TimeInForce::day));
  s.tell(s.with(s.stop(s.sell(5, 1, 0), 90, OrderType::stop), TimeInForce::day));
  CHECK(s.end_day() == "-3 x1 expired, -1 x1 expired, -4 x1 expired, -5 x1 expired");
  CHECK(s.book(Side::buy) == "1@99");
}

TEST_CASE("a mass cancel takes what fits every field that is given") {
  Scene s;
  REQUIRE(s.engine.add_instrument({4}));
  s.tell(s.owned(s.buy(1, 1, 99), 1));
  s.tell(s.owned(s.sell(2, 1, 101), 2));
  auto elsewhere = s.owned(s.buy(3, 1, 50), 1);
  elsewhere.instrument = {4};
  s.tell(elsewhere);
  CHECK(s.mass_cancel({{4}, {2}}).empty());
  CHECK(s.mass_cancel({{}, {1}}) == "-1 x1 user, -3 x1 user");
  CHECK(s.mass_cancel({}) == "-2 x1 user");
}

TEST_CASE("bad orders are refused with their reason and leave no trace") {
  Scene s;
  REQUIRE(s.engine.add_instrument({1}, {Price{5}, Quantity{10}, 64}));
  auto order = s.buy(1, 10, 100);
  order.instrument = {1};
  const auto but = [&](auto change) {
    auto changed = order;
    change(changed);
    return s.tell(changed);
  };
  CHECK(but([](auto& o) { o.instrument = {2}; }) == "?1 instrument");
  CHECK(but([](auto& o) { o.quantity = {0}; }) == "?1 malformed");
  CHECK(but([](auto& o) { o.quantity = matching::max_quantity + Quantity{10}; }) == "?1 malformed");
  CHECK(but([](auto& o) { o.quantity = {15}; }) == "?1 lot");
  CHECK(but([](auto& o) { o.display_quantity = {5}; }) == "?1 lot");
  CHECK(but([](auto& o) { o.price = {101}; }) == "?1 tick");
  CHECK(but([](auto& o) { o.price = no_price; }) == "?1 malformed");
  CHECK(but([](auto& o) { o.type = OrderType::stop, o.stop_price = {-7}; }) == "?1 tick");
  CHECK(but([](auto& o) { o.id = {}; }).find("malformed") != std::string::npos);
  CHECK(s.tell(order) == "+1");
  CHECK(s.tell(order) == "?1 duplicate");
  CHECK(s.replace(1, 25, 100) == "=1? lot");
  CHECK(s.replace(1, 20, 101) == "=1? tick");
  CHECK(s.replace(1, -10, 100) == "=1? malformed");
  CHECK(s.cancel(77) == "-77? unknown");
  CHECK(s.cancel(1) == "-1 x10 user");
  CHECK(s.engine.order_count() == 0);
}

TEST_CASE("instruments that make no sense are refused in words") {
  matching::Engine engine;
  CHECK(engine.add_instrument({3}));
  CHECK_FALSE(engine.add_instrument({3}));
  CHECK_FALSE(engine.add_instrument({4}, {Price{0}, Quantity{1}, 64}));
  const auto refused = engine.add_instrument({4}, {Price{1}, Quantity{1}, 100});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("found 100") != std::string::npos);
  CHECK_FALSE(engine.holds({4}));
  CHECK_FALSE(engine.holds({0}));
}

TEST_CASE("prices anywhere in 64 bits find their place") {
  Scene s;
  const std::int64_t end = INT64_MAX;
  s.tell(s.buy(1, 1, -end));
  s.tell(s.sell(2, 1, end));
  s.tell(s.buy(3, 1, 0));
  s.tell(s.buy(4, 1, 1'000'000'000'000));
  s.tell(s.sell(5, 1, 2'000'000'000'000));
  CHECK(s.book(Side::buy) == "1@1000000000000 1@0 1@-9223372036854775807");
  CHECK(s.book(Side::sell) == "1@2000000000000 1@9223372036854775807");
  CHECK(s.tell(s.buy(6, 2, end)) == "+6, 6>5 1@2000000000000 0, 6>2 1@9223372036854775807 0");
  CHECK(s.tell(s.sell(7, 3, -end)) ==
        "+7, 7>4 1@1000000000000 0, 7>3 1@0 0, 7>1 1@-9223372036854775807 0");
}

}  // namespace zomma::test
