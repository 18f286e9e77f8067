// Whatever happens, in any order: nothing trades that was not there, and no quantity is lost.
#include <map>

#include "world.h"

using namespace zomma;
using namespace zomma::test;

namespace {

constexpr Side buy = Side::buy, sell = Side::sell;

// Follows every order by its reports alone.
struct Ledger {
  struct Entry {
    std::int64_t quantity{}, filled{}, open{}, reported{};
    bool over{}, known{};
  };
  std::map<std::uint64_t, Entry> entries;

  bool take(const VenueReport& report) {
    Entry& entry = entries[report.id.value];
    if (report.leaves.value < 0) return false;
    switch (report.kind) {
      case ZM_EVENT_FILL:
        entry.filled += report.quantity.value;
        entry.open = report.leaves.value;
        if (report.quantity.value <= 0 || entry.over) return false;
        entry.over = entry.open == 0;
        return entry.filled + entry.open == entry.quantity;
      case ZM_EVENT_ACCEPTED:
        entry.known = true;
        entry.open = report.leaves.value;
        return entry.open == entry.quantity;
      case ZM_EVENT_REPLACED:
        entry.quantity = report.quantity.value;
        entry.open = report.leaves.value;
        return entry.filled + entry.open == entry.quantity && !entry.over;
      case ZM_EVENT_CANCELED:
        if (entry.over) return false;
        entry.over = true;
        entry.open = 0;
        return entry.filled <= entry.quantity || report.quantity.value == entry.filled;
      case ZM_EVENT_REJECTED:
        entry.over = true;
        return entry.filled == 0;
      default:
        return true;
    }
  }
};

}  // namespace

TEST_CASE("filled, cancelled and open quantity make up every order, and reports come in order") {
  SimOptions options;
  options.queue = GENERATE(SimQueueModel::risk_averse, SimQueueModel::probability);
  options.self_trade = GENERATE(SimSelfTrade::allow, SimSelfTrade::cancel_new);
  options.feed = LatencyModel::uniform({0}, {2'000});
  options.order = LatencyModel::uniform({0}, {20'000});
  options.report = LatencyModel::uniform({0}, {20'000});
  World world(options);
  Random random(11);
  Ledger ledger;
  std::int64_t last_due = 0, bad = 0, disordered = 0;
  for (int i = 0; i < 50'000; ++i) {
    world.wait(random.between(0, 10'000));
    const std::int64_t price = random.between(95, 105);
    const Side side = random.chance(1, 2) ? buy : sell;
    switch (random.below(8)) {
      case 0:
      case 1:
        world(quote(price, random.between(1, 20), price + random.between(1, 3),
                    random.between(1, 20)));
        break;
      case 2:
        world(level(side, side == buy ? price - 8 : price + 8, random.between(0, 9)));
        break;
      case 3:
        world(trade(side, price, random.between(1, 20)));
        break;
      case 4:
      case 5: {
        VenueOrder order = world.order(side, price, random.between(1, 15));
        order.time_in_force = static_cast<TimeInForce>(random.below(4));
        order.post_only = order.time_in_force == TimeInForce::gtc && random.chance(1, 4);
        if (order.time_in_force == TimeInForce::gtc && random.chance(1, 4))
          order.display_quantity = Quantity{random.between(1, 5)};
        ledger.entries[order.id.value].quantity = order.quantity.value;
        world.send(order);
        break;
      }
      case 6:
        if (world.last_id != 0)
          world.cancel(OrderId{world.last_id -
                               std::min<std::uint64_t>(random.below(20), world.last_id - 1)});
        break;
      default:
        if (world.last_id != 0)
          world.replace(
              OrderId{world.last_id - std::min<std::uint64_t>(random.below(20), world.last_id - 1)},
              price, random.between(1, 15));
    }
    for (const VenueReport& report : world.reports) {
      disordered += report.due.value < last_due;
      last_due = report.due.value;
      bad += !ledger.take(report);
    }
    world.reports.clear();
    world.heard_ns.clear();
  }
  CHECK(bad == 0);
  CHECK(disordered == 0);
  CHECK(world.gateway.executions() > 1'000);
}

TEST_CASE("at a price no more fills than was offered and traded there") {
  World world;
  Random random(12);
  std::map<std::int64_t, std::int64_t> told, filled;  // by price
  std::map<std::int64_t, std::int64_t> shown;         // asks, as last told
  std::int64_t too_much = 0;
  for (int i = 0; i < 50'000; ++i) {
    world.wait(1'000);
    const std::int64_t price = random.between(100, 109);
    if (random.chance(1, 2)) {
      const std::int64_t quantity = random.between(0, 12);
      if (quantity != shown[price]) told[price] += quantity;  // a changed level may be taken anew
      shown[price] = quantity;
      world(level(sell, price, quantity));
    } else {
      world.limit(buy, price, random.between(1, 12), TimeInForce::ioc);
    }
    for (const VenueReport& report : world.reports)
      if (report.kind == ZM_EVENT_FILL) filled[report.price.value] += report.quantity.value;
    world.reports.clear();
    for (const auto& [at, quantity] : filled) too_much += quantity > told[at];
  }
  CHECK(too_much == 0);
  CHECK(filled.size() == 10);
}

TEST_CASE("resting orders fill for no more than what trades at their price or through it") {
  World world;
  Random random(13);
  world(level(buy, 100, 50))(level(sell, 120, 50));
  std::int64_t traded = 0, filled = 0, too_much = 0;
  for (int i = 0; i < 50'000; ++i) {
    world.wait(1'000'000);
    if (random.chance(1, 3)) world.limit(buy, random.between(98, 103), random.between(1, 9));
    if (random.chance(1, 3)) world(level(buy, 100, random.between(1, 50)));
    if (random.chance(1, 3)) {
      const std::int64_t quantity = random.between(1, 20);
      traded += quantity;
      world(trade(sell, random.between(98, 100), quantity));
    }
    for (const VenueReport& report : world.reports)
      if (report.kind == ZM_EVENT_FILL) filled += report.quantity.value;
    world.reports.clear();
    too_much += filled > traded;
  }
  CHECK(too_much == 0);
  CHECK(filled > 10'000);
}
