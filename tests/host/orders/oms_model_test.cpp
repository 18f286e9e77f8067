// The order management system against a slow, obvious model: random orders, requests and reports, and after each step every
// sum, list and best price counted again from scratch. And no allocation on the way.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <map>
#include <new>
#include <vector>

#include "base/random.h"
#include "orders/oms.h"

namespace {
std::size_t allocations = 0;
}
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace zomma;

namespace {

constexpr std::uint32_t instances = 3, symbols = 2;

std::vector<Instrument> instruments() {
  std::vector<Instrument> out(symbols);
  for (std::uint32_t i = 0; i < symbols; ++i) {
    out[i].id = {i};
    out[i].price_digits = 2;
    out[i].quantity_digits = static_cast<int>(i) * 3;
  }
  return out;
}

Oms make_oms(std::size_t open = 64, std::size_t finished = 32) {
  Oms oms(instruments(), {.run_id = 1, .expected_open_orders = open, .finished_kept = finished, .executions_kept = 256});
  for (std::uint32_t i = 0; i < instances; ++i) oms.add_instance({i});
  return oms;
}

zm_intent random_intent(Random& random) {
  zm_intent intent{};
  intent.size = sizeof intent;
  intent.kind = ZM_INTENT_NEW;
  intent.instrument = static_cast<std::uint32_t>(random.below(symbols));
  intent.side = static_cast<std::uint32_t>(random.below(2));
  intent.quantity = random.between(1, 100);
  intent.price = random.between(900, 1100);
  if (random.chance(1, 8)) intent.time_in_force = ZM_TIF_IOC;
  return intent;
}

// One random request or report; also reports that no venue should send.
void random_step(Oms& oms, Random& random, std::uint64_t& execution) {
  const std::uint64_t newest = oms.created();
  if (newest == 0 || (oms.open_orders() < 40 && random.chance(1, 5))) {
    oms.create({static_cast<std::uint32_t>(random.below(instances))}, random_intent(random), {});
    return;
  }
  // Mostly of late orders; at times of one that was forgotten long ago.
  const std::uint64_t reach = random.chance(1, 4) ? newest : std::min<std::uint64_t>(newest, 60);
  const OrderId id{newest - random.below(reach)};
  const InstanceId owner = oms.find(id) != nullptr ? oms.find(id)->instance : InstanceId{0};
  switch (random.below(12)) {
    case 0: oms.request_cancel(owner, id); return;
    case 1: oms.request_replace(owner, id, {random.between(900, 1100)}, {random.between(1, 200)}); return;
    default: break;
  }
  constexpr std::uint16_t kinds[] = {ZM_EVENT_ACCEPTED, ZM_EVENT_FILL, ZM_EVENT_FILL, ZM_EVENT_CANCELED, ZM_EVENT_REPLACED,
                                     ZM_EVENT_REPLACE_REJECTED, ZM_EVENT_CANCEL_REJECTED, ZM_EVENT_EXPIRED, ZM_EVENT_REJECTED};
  VenueReport report;
  report.kind = kinds[random.below(9)];
  report.id = id;
  if (report.kind == ZM_EVENT_FILL) {
    report.quantity = {random.between(1, 60)};
    report.price = {random.between(900, 1100)};
    report.execution_id = random.chance(1, 10) ? execution : ++execution;
  }
  if (report.kind == ZM_EVENT_CANCELED && random.chance(1, 2)) report.code = ZM_REASON_USER;
  oms.apply(report);
}

// Everything that is kept incrementally, counted again from the orders that can be found.
void check_sums(const Oms& oms) {
  std::vector<Int128> buy(instances * symbols), sell(instances * symbols), notional(instances * symbols);
  std::vector<std::uint32_t> orders(instances * symbols);
  std::map<std::pair<std::uint32_t, Side>, Price> best;
  std::map<std::uint32_t, std::vector<std::uint64_t>> open;
  const std::vector<Instrument> all = instruments();
  for (std::uint64_t number = 1; number <= oms.created(); ++number) {
    const Order* order = oms.find({number});
    if (order == nullptr || order->state.worst_open().value <= 0) continue;
    const std::size_t at = order->instance.value * symbols + order->instrument.value;
    const Quantity worst = order->state.worst_open();
    (order->side == Side::buy ? buy : sell)[at] += worst.value;
    notional[at] += zomma::notional(all[order->instrument.value], order->state.highest_price(), worst).value;
    ++orders[at];
    open[order->instance.value].push_back(number);
    if (order->time_in_force == TimeInForce::ioc) continue;
    Price& price = best.try_emplace({order->instrument.value, order->side}, no_price).first->second;
    const Price own = order->state.most_aggressive(order->side);
    if (price == no_price || (order->side == Side::buy ? own > price : own < price)) price = own;
  }
  std::vector<Int128> firm_buy(symbols);
  for (std::uint32_t i = 0; i < instances; ++i) {
    for (std::uint32_t s = 0; s < symbols; ++s) {
      const OpenExposure& exposure = oms.exposure({i}, {s});
      REQUIRE(exposure.buy().value == buy[i * symbols + s]);
      REQUIRE(exposure.sell().value == sell[i * symbols + s]);
      REQUIRE(exposure.notional().value == notional[i * symbols + s]);
      REQUIRE(exposure.orders() == orders[i * symbols + s]);
      firm_buy[s] += buy[i * symbols + s];
    }
    std::vector<std::uint64_t> listed;
    oms.for_each_open(InstanceId{i}, [&](const Order& order) { listed.push_back(order.id.value); });
    REQUIRE(listed == open[i]);
  }
  for (std::uint32_t s = 0; s < symbols; ++s) {
    REQUIRE(oms.firm_exposure({s}).buy().value == firm_buy[s]);
    for (const Side side : {Side::buy, Side::sell}) {
      const auto found = best.find({s, side});
      REQUIRE(oms.best_own({s}, side) == (found == best.end() ? no_price : found->second));
    }
  }
}

std::vector<std::byte> saved(const Oms& oms) {
  ArchiveWriter out;
  oms.save(out);
  return {out.bytes().begin(), out.bytes().end()};
}

}  // namespace

TEST_CASE("sums, lists and best prices stay right through random traffic") {
  Oms oms = make_oms(64, 300);
  Random random(99);
  std::uint64_t execution = 0;
  for (int step = 0; step < 100'000; ++step) {
    random_step(oms, random, execution);
    check_sums(oms);
  }
  CHECK(oms.created() > 1000);
  CHECK(oms.anomalies(ReportAnomaly::duplicate_execution) > 0);
  CHECK(oms.anomalies(ReportAnomaly::fill_after_close) > 0);
}

TEST_CASE("after warm-up nothing is allocated") {
  Oms oms = make_oms(64, 32);
  Random random(5);
  std::uint64_t execution = 0;
  const std::size_t before = allocations;
  for (int step = 0; step < 50'000; ++step) random_step(oms, random, execution);
  CHECK(allocations == before);
}

TEST_CASE("a pool that is too small grows and loses nothing") {
  Oms oms = make_oms(1, 1);
  std::vector<OrderId> ids;
  Random random(6);
  for (int i = 0; i < 1000; ++i) ids.push_back(oms.create({static_cast<std::uint32_t>(i) % instances}, random_intent(random), {}));
  CHECK(oms.open_orders() == 1000);
  for (const OrderId id : ids) {
    REQUIRE(oms.find(id) != nullptr);
    REQUIRE(oms.find(id)->id == id);
  }
}

TEST_CASE("a loaded system goes on exactly like the one that was saved") {
  Oms original = make_oms();
  Random random(77);
  std::uint64_t execution = 0;
  for (int round = 0; round < 20; ++round) {
    for (int step = 0; step < 500; ++step) random_step(original, random, execution);
    const auto bytes = saved(original);
    Oms copy = make_oms();
    ArchiveReader in(bytes);
    copy.load(in);
    REQUIRE(in.ok());
    REQUIRE(in.remaining() == 0);
    REQUIRE(saved(copy) == bytes);
    Random again = random;
    std::uint64_t execution_again = execution;
    for (int step = 0; step < 500; ++step) {
      random_step(original, random, execution);
      random_step(copy, again, execution_again);
    }
    REQUIRE(saved(copy) == saved(original));
    REQUIRE(copy.best_own({0}, Side::buy) == original.best_own({0}, Side::buy));
  }
}

TEST_CASE("a snapshot that was cut or changed is refused or at least does no harm") {
  Oms original = make_oms();
  Random random(78);
  std::uint64_t execution = 0;
  for (int step = 0; step < 500; ++step) random_step(original, random, execution);
  const auto bytes = saved(original);
  for (std::size_t length = 0; length < bytes.size(); length += 131) {
    Oms copy = make_oms();
    ArchiveReader in(std::span<const std::byte>(bytes).first(length));
    copy.load(in);
    REQUIRE_FALSE(in.ok());
  }
  for (int round = 0; round < 300; ++round) {
    auto spoiled = bytes;
    spoiled[random.below(spoiled.size())] ^= static_cast<std::byte>(1 + random.below(255));
    Oms copy = make_oms();
    ArchiveReader in(spoiled);
    copy.load(in);  // a checksum outside tells them apart; here it must only not crash
  }
  Oms other(instruments(), {.run_id = 2});
  ArchiveReader in(bytes);
  other.load(in);
  CHECK_FALSE(in.ok());
}
