// When things happen at the simulated exchange, and that they happen the same way each time.
#include <algorithm>

#include "world.h"

using namespace zomma;
using namespace zomma::test;

namespace {

constexpr Side buy = Side::buy, sell = Side::sell;

SimOptions delays(std::int64_t feed, std::int64_t order, std::int64_t report) {
  SimOptions options;
  options.feed = LatencyModel::constant({feed});
  options.order = LatencyModel::constant({order});
  options.report = LatencyModel::constant({report});
  return options;
}
SimOptions random_delays(std::uint64_t seed) {
  SimOptions options;
  options.feed = LatencyModel::uniform({0}, {5'000});
  options.order = LatencyModel::lognormal({1'000}, {20'000}, 1.0, {0});
  options.report = LatencyModel::uniform({0}, {90'000});
  options.seed = seed;
  return options;
}
// Quotes, trades and orders drawn from one generator.
void step(World& world, Random& random) {
  world.wait(random.between(0, 30'000));
  const std::int64_t bid = random.between(95, 104);
  switch (random.below(4)) {
    case 0:
      world(quote(bid, random.between(1, 20), bid + 1, random.between(1, 20)));
      break;
    case 1:
      world(trade(random.chance(1, 2) ? buy : sell, bid, random.between(1, 30)));
      break;
    case 2:
      world.limit(random.chance(1, 2) ? buy : sell, bid, random.between(1, 10));
      break;
    default:
      if (world.last_id != 0) world.cancel(OrderId{random.below(world.last_id) + 1});
  }
}
bool same(const World& a, const World& b) {
  const auto equal = [](const VenueReport& x, const VenueReport& y) {
    return x.kind == y.kind && x.id == y.id && x.price == y.price && x.quantity == y.quantity &&
           x.due == y.due && x.execution_id == y.execution_id && x.venue_time == y.venue_time;
  };
  return std::equal(a.reports.begin(), a.reports.end(), b.reports.begin(), b.reports.end(), equal);
}

}  // namespace

TEST_CASE("an order meets the market that we see an order and a feed delay later") {
  World world(delays(100, 1'000, 50));
  world(quote(99, 10, 101, 10));
  const OrderId id = world.limit(buy, 101, 5);
  world.wait(1'099);
  world(quote(99, 10, 103, 10));  // the offer is gone a nanosecond before
  world.wait(1);
  CHECK(world.last(id).kind == ZM_EVENT_ACCEPTED);
  CHECK(world.filled(id) == 0);
}

TEST_CASE(
    "a report is heard after order and report delay, and not before what it rests on is seen") {
  const std::int64_t feed = 100, order = 1'000;
  const std::int64_t report = GENERATE(0, 50, 700);
  World world(delays(feed, order, report));
  world(quote(99, 10, 101, 10));
  world.limit(buy, 101, 5);
  world.wait(5'000);
  REQUIRE(world.reports.size() == 2);
  CHECK(world.heard_ns[1] == World::start_ns + order + std::max(feed, report));
}

TEST_CASE("requests do not overtake each other, nor do reports") {
  World world(random_delays(3));
  world(quote(99, 1'000, 101, 1'000));
  for (int i = 0; i < 200; ++i) {
    world.limit(buy, 90, 1);
    world.wait(10);
  }
  world.wait(1'000'000'000);
  REQUIRE(world.reports.size() == 200);
  for (std::size_t i = 0; i < 200; ++i) CHECK(world.reports[i].id.value == i + 1);
  CHECK(std::is_sorted(world.heard_ns.begin(), world.heard_ns.end()));
  for (std::size_t i = 0; i < 200; ++i) CHECK(world.heard_ns[i] == world.reports[i].due.value);
}

TEST_CASE("one seed gives one run, another seed another") {
  World a(random_delays(7)), b(random_delays(7)), c(random_delays(8));
  for (World* world : {&a, &b, &c}) {
    Random random(1);
    for (int i = 0; i < 3'000; ++i) step(*world, random);
  }
  REQUIRE(a.reports.size() > 500);
  CHECK(same(a, b));
  CHECK_FALSE(same(a, c));
}

TEST_CASE("a saved exchange goes on as if nothing had happened") {
  World a(random_delays(7)), b(random_delays(99));  // the generator is saved too
  Random random(5);
  for (int i = 0; i < 1'500; ++i) step(a, random);
  ArchiveWriter out, book_out;
  a.gateway.save(out);
  a.book().save(book_out);
  ArchiveReader book_in(book_out.bytes()), in(out.bytes());
  b.book().load(book_in);
  b.gateway.set_book(traded, b.book());
  b.gateway.load(in);
  REQUIRE(in.ok());
  CHECK(in.remaining() == 0);
  b.now = a.now;
  b.last_id = a.last_id;
  a.reports.clear();
  Random same_random = random;
  for (int i = 0; i < 1'500; ++i) {
    step(a, random);
    step(b, same_random);
  }
  REQUIRE(a.reports.size() > 200);
  CHECK(same(a, b));
}

TEST_CASE("a constant delay is constant, and never negative") {
  Random random(1);
  for (int i = 0; i < 100; ++i) {
    CHECK(LatencyModel::constant({250}).sample(random).value == 250);
    CHECK(LatencyModel::constant({-5}).sample(random).value == 0);
  }
}

TEST_CASE("a uniform delay stays within its bounds and reaches both ends") {
  const LatencyModel model = LatencyModel::uniform({100}, {200});
  Random random(1);
  std::int64_t low = 1'000, high = 0, sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::int64_t value = model.sample(random).value;
    low = std::min(low, value);
    high = std::max(high, value);
    sum += value;
  }
  CHECK(low == 100);
  CHECK(high >= 199);
  CHECK(high <= 200);
  CHECK(sum / 100'000.0 == Approx(149.5).margin(0.5));
}

TEST_CASE("a lognormal delay has the median and the quartile that it was given") {
  const LatencyModel model = LatencyModel::lognormal({1'000'000}, {50'000'000}, 0.5, {0});
  Random random(1);
  std::vector<std::int64_t> drawn;
  for (int i = 0; i < 200'001; ++i) drawn.push_back(model.sample(random).value);
  std::sort(drawn.begin(), drawn.end());
  CHECK(drawn[100'000] == Approx(51e6).epsilon(0.01));
  CHECK(drawn[150'000] == Approx(1e6 + 50e6 * 1.40109).epsilon(0.01));  // exp(0.5 * 0.67449)
  CHECK(drawn.front() > 1'000'000);
}

TEST_CASE("a lognormal delay is cut at its maximum") {
  const LatencyModel model = LatencyModel::lognormal({0}, {1'000}, 2.0, {3'000});
  Random random(1);
  for (int i = 0; i < 10'000; ++i) CHECK(model.sample(random).value <= 3'000);
}

TEST_CASE("an empirical delay interpolates between its quantiles") {
  const LatencyModel model = LatencyModel::empirical({{300}, {100}, {200}, {1'000}});
  Random random(1);
  int below_200 = 0, below_300 = 0;
  for (int i = 0; i < 90'000; ++i) {
    const std::int64_t value = model.sample(random).value;
    REQUIRE(value >= 100);
    REQUIRE(value <= 1'000);
    below_200 += value < 200;
    below_300 += value < 300;
  }
  CHECK(below_200 / 90'000.0 == Approx(1 / 3.0).margin(0.01));
  CHECK(below_300 / 90'000.0 == Approx(2 / 3.0).margin(0.01));
}
