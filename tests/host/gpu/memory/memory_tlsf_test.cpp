// memory_tlsf_test.cpp: the allocator's index against a naive model: a sorted map of what is taken.
#include <catch2/catch.hpp>

#include <map>
#include <vector>

#include "base/random.h"
#include "gpu/memory/tlsf.h"

using namespace zomma;
using namespace zomma::gpu;

namespace {

// What is taken, by first granule. Answers slowly and obviously.
class NaiveModel {
 public:
  explicit NaiveModel(std::uint32_t granules) : granules_(granules) {}
  bool overlaps(GranuleRange range) const {
    const auto after = taken_.lower_bound(range.first);
    if (after != taken_.end() && after->first < range.end()) return true;
    return after != taken_.begin() && std::prev(after)->first + std::prev(after)->second > range.first;
  }
  std::uint32_t largest_gap() const {
    std::uint32_t at = 0, largest = 0;
    for (const auto& [first, count] : taken_) {
      largest = std::max(largest, first - at);
      at = first + count;
    }
    return std::max(largest, granules_ - at);
  }
  void take(GranuleRange range) { taken_[range.first] = range.count; }
  void give(GranuleRange range) { taken_.erase(range.first); }

 private:
  std::uint32_t granules_;
  std::map<std::uint32_t, std::uint32_t> taken_;
};

}  // namespace

TEST_CASE("a block lies inside the range and overlaps no other, whatever came before") {
  for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
    Random random(seed);
    const std::uint32_t granules = 20'000;
    Tlsf tlsf(granules);
    NaiveModel model(granules);
    std::vector<BlockHandle> live;
    for (int step = 0; step < 20'000; ++step) {
      if (live.empty() || random.chance(55, 100)) {
        const auto count = static_cast<std::uint32_t>(
            random.chance(1, 4) ? random.between(1, 2000) : random.between(1, 60));
        const auto alignment = 1u << (random.chance(1, 5) ? random.below(9) : 0);
        const auto block = tlsf.allocate(count, alignment);
        if (!block) {
          // Refused only where alignment or the sheer size leaves no room.
          CHECK(model.largest_gap() < std::uint64_t{count} + alignment - 1);
          continue;
        }
        const GranuleRange range = tlsf.range(*block);
        REQUIRE(range.count == count);
        REQUIRE(range.first % alignment == 0);
        REQUIRE(range.end() <= granules);
        REQUIRE_FALSE(model.overlaps(range));
        model.take(range);
        live.push_back(*block);
      } else {
        const std::size_t at = random.below(live.size());
        model.give(tlsf.range(live[at]));
        tlsf.free(live[at]);
        CHECK(tlsf.state(live[at]) == HandleState::stale);
        live[at] = live.back();
        live.pop_back();
      }
      if (step % 500 == 0) {
        REQUIRE(tlsf.consistent());
        REQUIRE(tlsf.largest_free() == model.largest_gap());
      }
    }
    for (const BlockHandle block : live) tlsf.free(block);
    CHECK(tlsf.consistent());
    CHECK(tlsf.largest_free() == granules);
    CHECK(tlsf.taken_granules() == 0);
  }
}

TEST_CASE("the whole range can be taken as one block, and not a granule more") {
  Tlsf tlsf(1000);
  CHECK_FALSE(tlsf.allocate(1001));
  const auto all = tlsf.allocate(1000);
  REQUIRE(all);
  CHECK_FALSE(tlsf.allocate(1));
  CHECK(tlsf.largest_free() == 0);
  tlsf.free(*all);
  CHECK(tlsf.largest_free() == 1000);
}

TEST_CASE("nothing is given for nothing, nor for more than any range has") {
  Tlsf tlsf(1000);
  CHECK_FALSE(tlsf.allocate(0));
  CHECK_FALSE(tlsf.allocate(0xFFFF'FFFFu));
  CHECK_FALSE(tlsf.allocate(0xFFFF'FFFFu, 1u << 20));
}

TEST_CASE("a handle tells a freed block from the one that took its place, and from none at all") {
  Tlsf tlsf(1000);
  const auto first = tlsf.allocate(10);
  tlsf.free(*first);
  const auto second = tlsf.allocate(10);
  CHECK(tlsf.state(*first) == HandleState::stale);
  CHECK(tlsf.state(*second) == HandleState::live);
  CHECK(tlsf.state(BlockHandle{}) == HandleState::foreign);
  CHECK(tlsf.state(BlockHandle{77'777, 0}) == HandleState::foreign);
  CHECK(tlsf.state(BlockHandle{second->node, second->generation + 5}) == HandleState::foreign);
}

TEST_CASE("what one lane freed is not given to another until the lanes are merged") {
  Tlsf tlsf(100);
  const Tlsf::Lane lane = tlsf.add_lane();
  const auto first = tlsf.allocate(40);
  const auto second = tlsf.allocate(60);
  tlsf.free(*first, lane);
  CHECK_FALSE(tlsf.allocate(40));
  tlsf.free(*second);
  CHECK(tlsf.consistent());
  CHECK_FALSE(tlsf.allocate(100));
  CHECK_FALSE(tlsf.lane_empty(lane));
  tlsf.merge_into_common(lane);
  CHECK(tlsf.lane_empty(lane));
  CHECK(tlsf.consistent());
  CHECK(tlsf.allocate(100));
}

TEST_CASE("blocks freed in random lanes come together again when all lanes are merged") {
  Random random(11);
  Tlsf tlsf(50'000);
  for (int lane = 0; lane < 6; ++lane) tlsf.add_lane();
  std::vector<BlockHandle> live;
  for (int step = 0; step < 20'000; ++step) {
    if (random.chance(3, 5)) {
      const auto block = tlsf.allocate(static_cast<std::uint32_t>(random.between(1, 300)), 1,
                                       static_cast<Tlsf::Lane>(random.below(7)));
      if (block) live.push_back(*block);
    } else if (!live.empty()) {
      const std::size_t at = random.below(live.size());
      tlsf.free(live[at], static_cast<Tlsf::Lane>(random.below(7)));
      live[at] = live.back();
      live.pop_back();
    }
    if (step % 1000 == 0) REQUIRE(tlsf.consistent());
  }
  for (const BlockHandle block : live) tlsf.free(block, 3);
  for (Tlsf::Lane lane = 1; lane < 7; ++lane) tlsf.merge_into_common(lane);
  CHECK(tlsf.consistent());
  CHECK(tlsf.largest_free() == 50'000);
}
