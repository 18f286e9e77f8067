// What no honest sender sends: values outside their enumerations, and snapshots whose bytes are
// whole but whose book could never have come about.
#include <catch2/catch.hpp>

#include "host/matching/scene.h"

namespace zomma::test {
namespace {

std::vector<std::byte> saved(const Scene& scene) {
  ArchiveWriter out;
  scene.engine.save(out);
  return {out.bytes().begin(), out.bytes().end()};
}

bool loads(const std::vector<std::byte>& bytes, Scene& scene) {
  ArchiveReader reader(bytes);
  scene.engine.load(reader);
  return reader.ok();
}

// Where two snapshots that differ in one field differ first and last.
struct Difference {
  std::size_t first, last;
};
Difference difference(const std::vector<std::byte>& a, const std::vector<std::byte>& b) {
  REQUIRE(a.size() == b.size());
  std::size_t first = a.size(), last = a.size();
  for (std::size_t at = 0; at < a.size(); ++at) {
    if (a[at] == b[at]) continue;
    if (first == a.size()) first = at;
    last = at;
  }
  REQUIRE(last != a.size());
  return {first, last};
}

}  // namespace

TEST_CASE("values outside their enumerations are refused as malformed") {
  Scene scene;
  matching::NewOrder order = Scene::buy(1, 5, 100);
  SECTION("side") { order.side = static_cast<Side>(2); }
  SECTION("type") { order.type = static_cast<OrderType>(4); }
  SECTION("time in force") { order.time_in_force = static_cast<TimeInForce>(200); }
  SECTION("self-trade prevention") {
    order = Scene::owned(order, 7, static_cast<matching::SelfTrade>(9));
  }
  CHECK(scene.tell(order) == "?1 malformed");
  CHECK(scene.engine.order_count() == 0);
}

TEST_CASE("a snapshot of a crossed book is refused") {
  const auto book = [](std::int64_t bid) {
    Scene scene;
    scene.tell(Scene::buy(1, 5, bid));
    scene.tell(Scene::sell(2, 5, 105));
    return saved(scene);
  };
  std::vector<std::byte> bytes = book(100);
  bytes[difference(bytes, book(101)).first] = std::byte{110};
  Scene scene;
  CHECK_FALSE(loads(bytes, scene));
  CHECK(scene.engine.order_count() == 0);
}

TEST_CASE("a snapshot of hidden quantity without a slice is refused") {
  const auto book = [](std::int64_t slice) {
    Scene scene;
    scene.tell(Scene::iceberg(Scene::sell(1, 9, 100), slice));
    return saved(scene);
  };
  std::vector<std::byte> bytes = book(2);
  bytes[difference(bytes, book(3)).last] = std::byte{0};  // the slice is the last that differs
  Scene scene;
  CHECK_FALSE(loads(bytes, scene));
}

TEST_CASE("a slice greater than any order is no slice, and survives a snapshot") {
  Scene scene, other;
  CHECK(scene.tell(Scene::iceberg(Scene::sell(1, 9, 100), INT64_MAX)) == "+1");
  REQUIRE(loads(saved(scene), other));
  CHECK(other.book(Side::sell) == "9@100");
}

TEST_CASE("a snapshot of another instrument's rules is refused") {
  Scene scene;
  scene.tell(Scene::buy(1, 5, 100));
  matching::Engine other;
  REQUIRE(other.add_instrument({0}, {{5}, {1}, 64}));
  const std::vector<std::byte> bytes = saved(scene);
  ArchiveReader reader(bytes);
  other.load(reader);
  CHECK_FALSE(reader.ok());
  CHECK(other.order_count() == 0);
}

TEST_CASE("a loaded snapshot keeps queues, hidden slices, stops and the last trade") {
  Scene scene;
  scene.tell(Scene::sell(1, 2, 100));
  scene.tell(Scene::buy(2, 1, 100));
  scene.tell(Scene::iceberg(Scene::sell(3, 5, 100), 2));
  scene.tell(Scene::stop(Scene::market(Scene::buy(4, 1, 0)), 101, OrderType::stop));
  scene.tell(Scene::sell(5, 9, 101));
  Scene other;
  other.tell(Scene::buy(77, 1, 1));  // must be gone
  REQUIRE(loads(saved(scene), other));
  CHECK_FALSE(other.engine.find({77}));
  CHECK(other.engine.last_trade({0}) == Price{100});
  // The iceberg's slices follow one another: 2, 2, 1. Then 101 trades, and the stop is reached.
  CHECK(other.tell(Scene::buy(6, 7, 101)) ==
        "+6, 6>1 1@100 0, 6>3 2@100 3, 6>3 2@100 1, 6>3 1@100 0, 6>5 1@101 8, !4, 4>5 1@101 7");
}

}  // namespace zomma::test
