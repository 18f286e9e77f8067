// How many level updates a second an L2 book takes when it is deep and full of holes, as crypto
// depth is, beside a std::map per side on the same updates.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "market/book/l2_book.h"

namespace {

using namespace zomma;

// Around 61,800.00 with a step of 0.01: dense near the market, whole dollars up to thousands away,
// the middle wandering, three updates of four near the top.
std::vector<zm_event> make_updates(std::size_t count) {
  Random random(4);
  std::vector<zm_event> updates;
  updates.reserve(count);
  std::int64_t middle = 6'180'000;
  const auto far = [&] { return random.exponential(100'000) + 100; };
  const auto update = [&](std::int64_t away, bool sell, std::int64_t quantity) {
    zm_event event{};
    event.kind = ZM_EVENT_LEVEL;
    event.flags = static_cast<std::uint16_t>(ZM_FLAG_LAST | (sell ? ZM_FLAG_SELL : 0));
    event.u.level.price = middle + (sell ? away : -away);
    if (away >= 1000) event.u.level.price = event.u.level.price / 100 * 100;
    event.u.level.quantity = quantity;
    updates.push_back(event);
  };
  for (int i = 0; i < 10'000; ++i) update(far(), i % 2 == 0, random.between(1, 1'000'000));
  std::int64_t at = 0;
  while (updates.size() < count) {
    if (random.chance(1, 50)) middle += random.between(-20, 20);
    const bool sell = random.chance(1, 2);
    const std::int64_t away = random.chance(3, 4) ? random.exponential(100) + 1 : far();
    // What was in the way of a wandering middle is taken off.
    if (middle != at) {
      for (std::int64_t between = 0; between < 3; ++between) update(-between, sell, 0);
      at = middle;
    }
    update(away, sell, random.chance(1, 2) ? 0 : random.between(1, 1'000'000));
  }
  return updates;
}

struct MapBook {
  std::map<std::int64_t, std::int64_t, std::greater<>> bids;
  std::map<std::int64_t, std::int64_t> asks;
  template <class Side>
  static void set(Side& side, const zm_level& level) {
    if (level.quantity == 0) {
      side.erase(level.price);
    } else {
      side[level.price] = level.quantity;
    }
  }
  std::int64_t apply(const zm_event& event) {
    event.flags& ZM_FLAG_SELL ? set(asks, event.u.level) : set(bids, event.u.level);
    return (bids.empty() ? 0 : bids.begin()->first) + (asks.empty() ? 0 : asks.begin()->first);
  }
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const std::vector<zm_event> updates = make_updates(quick ? 200'000 : 3'000'000);
  std::vector<double> ours, maps;
  std::int64_t sum = 0;
  std::int64_t map_sum = 0;
  std::size_t depth = 0;
  for (int repeat = 0; repeat < (quick ? 1 : 5); ++repeat) {
    L2Book book({1});
    sum = map_sum = 0;
    Nanoseconds start = monotonic_now();
    for (const zm_event& update : updates) {
      book.apply(update);
      const Bbo bbo = book.bbo();
      sum += (bbo.bid == no_price ? 0 : bbo.bid.value) + (bbo.ask == no_price ? 0 : bbo.ask.value);
    }
    ours.push_back(static_cast<double>((monotonic_now() - start).value));
    depth = book.depth(Side::buy) + book.depth(Side::sell);
    MapBook map;
    start = monotonic_now();
    for (const zm_event& update : updates) map_sum += map.apply(update);
    maps.push_back(static_cast<double>((monotonic_now() - start).value));
  }
  const auto count = static_cast<double>(updates.size());
  std::printf(
      "L2 book, sparse and deep: %zu updates, %zu levels at the end, best prices read after each, "
      "median of %zu\n",
      updates.size(), depth, ours.size());
  std::printf("  L2Book             %7.2f M updates/s  %6.1f ns\n", count / median(ours) * 1e3,
              median(ours) / count);
  std::printf("  std::map per side  %7.2f M updates/s  %6.1f ns  (ratio %.2fx, %s)\n",
              count / median(maps) * 1e3, median(maps) / count, median(maps) / median(ours),
              sum == map_sum ? "both agree" : "THEY DISAGREE");
}
