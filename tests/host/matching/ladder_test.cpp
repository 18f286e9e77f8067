#include <map>

#include <catch2/catch.hpp>

#include "base/random.h"
#include "matching/ladder.h"
#include "matching/order_index.h"

namespace zomma::matching {
namespace {

// Keys as a market makes them: a crowd that wanders, and strays at any distance.
std::int64_t key_near(Random& random, std::int64_t middle) {
  const std::uint64_t dice = random.below(200);
  if (dice == 0) return std::numeric_limits<std::int64_t>::max() - random.between(0, 3);
  if (dice == 1) return Ladder::no_key + 1 + random.between(0, 3);
  if (dice < 8) return middle + random.between(-1'000'000, 1'000'000);
  return middle + random.between(-200, 60);
}

}  // namespace

TEST_CASE(
    "a ladder finds what an ordered map finds, whatever the keys and wherever the window is") {
  for (const std::uint32_t window : {64u, 256u, 4096u}) {
    Ladder ladder(window);
    std::map<std::int64_t, std::uint32_t> reference;
    Random random(window);
    std::int64_t middle = 0;
    for (int i = 0; i < 200'000; ++i) {
      if (i % 64 == 0) middle += random.between(-300, 300);
      const std::int64_t key = key_near(random, middle);
      const auto found = reference.find(key);
      REQUIRE(ladder.find(key) == (found == reference.end() ? 0 : found->second));
      if (found == reference.end() && reference.size() < 400) {
        const auto level = static_cast<std::uint32_t>(i + 1);
        ladder.insert(key, level);
        reference[key] = level;
      } else if (found != reference.end()) {
        ladder.erase(key);
        reference.erase(found);
      }
      if (!reference.empty() && random.below(3) == 0) {
        ladder.erase(reference.rbegin()->first);
        reference.erase(std::prev(reference.end()));
      }
      if (reference.empty()) {
        REQUIRE(ladder.best_level() == 0);
        REQUIRE(ladder.best_key() == Ladder::no_key);
        continue;
      }
      REQUIRE(ladder.best_key() == reference.rbegin()->first);
      REQUIRE(ladder.best_level() == reference.rbegin()->second);
      const auto lower = reference.lower_bound(key);
      const std::uint32_t below = lower == reference.begin() ? 0 : std::prev(lower)->second;
      REQUIRE(ladder.below(key).level == below);
    }
    REQUIRE(ladder.size() == reference.size());
  }
}

TEST_CASE("an order index finds what a map finds, as it grows and shrinks") {
  OrderIndex index(4);
  std::map<std::uint64_t, std::uint32_t> reference;
  Random random(3);
  std::uint64_t next = 1;
  for (std::uint32_t i = 1; i < 300'000; ++i) {
    const std::uint64_t wanted = i < 150'000 ? 3000 : 40;
    if (reference.size() < wanted) {
      const std::uint64_t id = random.below(10) == 0 ? random() >> 1 : next++;
      if (reference.emplace(id, i).second) index.insert(id, i);
    }
    const std::uint64_t probe = random.below(next + 5);
    const auto found = reference.find(probe);
    REQUIRE(index.find(probe) == (found == reference.end() ? 0 : found->second));
    while (reference.size() > wanted || (!reference.empty() && random.below(2) == 0)) {
      auto victim = reference.lower_bound(random.below(next));
      if (victim == reference.end()) victim = reference.begin();
      index.erase(victim->first);
      reference.erase(victim);
    }
  }
  REQUIRE(index.size() == reference.size());
  for (const auto& [id, record] : reference) REQUIRE(index.find(id) == record);
}

}  // namespace zomma::matching
