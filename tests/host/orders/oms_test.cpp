// The order management system: what strategies hear of reports, what is counted when a report does
// not fit, how memory stays bounded, what a snapshot brings back.
#include <catch2/catch.hpp>

#include <vector>

#include "orders/oms.h"
#include "orders/risk_context.h"

using namespace zomma;

namespace {

std::vector<Instrument> two_instruments() {
  std::vector<Instrument> out(2);
  for (std::uint32_t i = 0; i < 2; ++i) {
    out[i].id = {i};
    out[i].price_digits = 2;
    out[i].quantity_digits = 0;
  }
  return out;
}

Oms small_oms(std::size_t finished_kept = 8) {
  Oms oms(two_instruments(), {.run_id = 7,
                              .expected_open_orders = 16,
                              .finished_kept = finished_kept,
                              .executions_kept = 64});
  REQUIRE(oms.add_instance({0}));
  REQUIRE(oms.add_instance({1}));
  return oms;
}

zm_intent limit(std::uint32_t side, std::int64_t quantity, std::int64_t price,
                std::uint32_t instrument = 0) {
  zm_intent intent{};
  intent.size = sizeof intent;
  intent.kind = ZM_INTENT_NEW;
  intent.instrument = instrument;
  intent.side = side;
  intent.quantity = quantity;
  intent.price = price;
  intent.tag = 77;
  return intent;
}

VenueReport report(std::uint16_t kind, OrderId id, std::uint32_t code = 0) {
  VenueReport out;
  out.kind = kind;
  out.id = id;
  out.code = code;
  return out;
}
VenueReport fill(OrderId id, std::int64_t quantity, std::int64_t price, std::uint64_t execution) {
  VenueReport out = report(ZM_EVENT_FILL, id);
  out.quantity = {quantity};
  out.price = {price};
  out.execution_id = execution;
  return out;
}

}  // namespace

TEST_CASE("an order's events carry what the strategy needs to follow it") {
  Oms oms = small_oms();
  const OrderId id = oms.create({1}, limit(ZM_SIDE_SELL, 100, 5000, 1), {123});
  CHECK(id.value == 1);
  CHECK(oms.client_order_id(*oms.find(id), 0).view() == "ZM-7-1-0");
  VenueReport accepted = report(ZM_EVENT_ACCEPTED, id);
  accepted.venue_time = {555};
  OrderUpdate update = oms.apply(accepted);
  REQUIRE(update.has_event);
  CHECK(update.instance == InstanceId{1});
  CHECK(update.event.kind == ZM_EVENT_ACCEPTED);
  CHECK(update.event.exchange_ns == 555);
  CHECK(update.event.instrument == 1);
  CHECK(update.event.flags == (ZM_FLAG_SELL | ZM_FLAG_LAST));
  CHECK(update.event.u.order_update.order_id == 1);
  CHECK(update.event.u.order_update.price == 5000);
  CHECK(update.event.u.order_update.leaves_quantity == 100);
  CHECK(update.event.u.order_update.tag == 77);

  VenueReport traded = fill(id, 30, 5001, 9);
  traded.maker = true;
  update = oms.apply(traded);
  CHECK(update.is_fill);
  CHECK(update.side == Side::sell);
  CHECK(update.fill_quantity.value == 30);
  CHECK((update.event.flags & ZM_FLAG_MAKER) != 0);
  CHECK(update.event.u.fill.price == 5001);
  CHECK(update.event.u.fill.leaves_quantity == 70);

  CHECK(oms.request_cancel({1}, id) == ZM_REASON_NONE);
  update = oms.apply(report(ZM_EVENT_CANCELED, id, ZM_REASON_USER));
  CHECK(update.event.u.order_update.leaves_quantity == 0);
  CHECK(update.event.u.order_update.code == ZM_REASON_USER);
  CHECK(oms.open_orders() == 0);
}

TEST_CASE("requests that cannot go out say why") {
  Oms oms = small_oms();
  const OrderId id = oms.create({0}, limit(ZM_SIDE_BUY, 100, 5000), {});
  CHECK(oms.request_cancel({1}, id) == ZM_REASON_UNKNOWN_ORDER);
  CHECK(oms.request_cancel({0}, {99}) == ZM_REASON_UNKNOWN_ORDER);
  CHECK(oms.request_replace({0}, id, {5000}, {0}) == ZM_REASON_MALFORMED);
  CHECK(oms.request_replace({0}, id, {5001}, {100}) == ZM_REASON_NONE);
  CHECK(oms.request_cancel({0}, id) == ZM_REASON_NONE);
  CHECK(oms.request_cancel({0}, id) == ZM_REASON_ORDER_PENDING);
  CHECK(oms.request_replace({0}, id, {5002}, {100}) == ZM_REASON_ORDER_PENDING);
  oms.apply(report(ZM_EVENT_REPLACED, id));
  oms.apply(report(ZM_EVENT_CANCELED, id, ZM_REASON_USER));
  CHECK(oms.request_cancel({0}, id) == ZM_REASON_TOO_LATE);
  CHECK(oms.request_replace({0}, id, {5002}, {100}) == ZM_REASON_TOO_LATE);
}

TEST_CASE("a cancel always finds room behind replaces") {
  Oms oms = small_oms();
  const OrderId id = oms.create({0}, limit(ZM_SIDE_BUY, 100, 5000), {});
  while (oms.request_replace({0}, id, {5000}, {100}) == ZM_REASON_NONE) {
  }
  CHECK(oms.can_replace({0}, id) == ZM_REASON_ORDER_PENDING);
  CHECK(oms.request_cancel({0}, id) == ZM_REASON_NONE);
}

TEST_CASE("reports that do not fit are counted and never lost from sight") {
  Oms oms = small_oms();
  const OrderId id = oms.create({0}, limit(ZM_SIDE_BUY, 100, 5000), {});
  SECTION("an execution reported twice counts once") {
    CHECK(oms.apply(fill(id, 40, 5000, 1)).is_fill);
    const OrderUpdate again = oms.apply(fill(id, 40, 5000, 1));
    CHECK_FALSE(again.has_event);
    CHECK(again.anomaly == ReportAnomaly::duplicate_execution);
    CHECK(oms.find(id)->state.filled.value == 40);
    CHECK(oms.anomalies(ReportAnomaly::duplicate_execution) == 1);
  }
  SECTION("an order nobody knows") {
    const OrderUpdate update = oms.apply(fill({5}, 1, 1, 1));
    CHECK_FALSE(update.has_event);
    CHECK(update.anomaly == ReportAnomaly::unknown_order);
  }
  SECTION("a fill after the cancel is booked, the order stays closed") {
    oms.request_cancel({0}, id);
    oms.apply(report(ZM_EVENT_CANCELED, id, ZM_REASON_USER));
    const OrderUpdate late = oms.apply(fill(id, 10, 5000, 1));
    CHECK(late.is_fill);
    CHECK(late.anomaly == ReportAnomaly::fill_after_close);
    CHECK(late.event.u.fill.leaves_quantity == 0);
    CHECK(oms.find(id)->state.status == OrderStatus::canceled);
    CHECK(oms.exposure({0}, {0}).buy().value == 0);
  }
  SECTION("an overfill is booked in full") {
    const OrderUpdate update = oms.apply(fill(id, 130, 5000, 1));
    CHECK(update.is_fill);
    CHECK(update.anomaly == ReportAnomaly::overfill);
    CHECK(oms.find(id)->state.filled.value == 130);
    CHECK(oms.exposure({0}, {0}).buy().value == 0);
  }
  SECTION("fills of absurd size stop at the end of the range") {
    for (std::uint64_t execution = 1; execution < 5; ++execution)
      oms.apply(fill(id, INT64_MAX, INT64_MAX, execution));
    CHECK(oms.find(id)->state.filled.value == INT64_MAX);
    CHECK(oms.exposure({0}, {0}).buy().value == 0);
    VenueReport replaced = report(ZM_EVENT_REPLACED, id);
    replaced.quantity = {INT64_MAX};
    CHECK(oms.apply(replaced).has_event);
  }
  SECTION("an answer to nothing is taken over") {
    VenueReport replaced = report(ZM_EVENT_REPLACED, id);
    replaced.quantity = {60};
    replaced.price = {4900};
    CHECK(oms.apply(replaced).anomaly == ReportAnomaly::unexpected_answer);
    CHECK(oms.exposure({0}, {0}).buy().value == 60);
    CHECK(oms.apply(report(ZM_EVENT_CANCEL_REJECTED, id)).anomaly ==
          ReportAnomaly::unexpected_answer);
  }
  SECTION("a fill of nothing and a report of an unknown kind are ignored") {
    CHECK(oms.apply(fill(id, 0, 5000, 1)).anomaly == ReportAnomaly::invalid_fill);
    CHECK(oms.apply(fill(id, 5, ZM_NO_PRICE, 2)).anomaly == ReportAnomaly::invalid_fill);
    CHECK(oms.apply(report(ZM_EVENT_TRADE, id)).anomaly == ReportAnomaly::unknown_kind);
    CHECK(oms.find(id)->state.filled.value == 0);
  }
}

TEST_CASE("an order that the venue opens again counts as open again") {
  Oms oms = small_oms();
  const OrderId first = oms.create({0}, limit(ZM_SIDE_BUY, 10, 5000), {});
  const OrderId second = oms.create({0}, limit(ZM_SIDE_BUY, 20, 5000), {});
  oms.apply(report(ZM_EVENT_CANCELED, first, ZM_REASON_VENUE));
  CHECK(oms.open_orders({0}) == 1);
  VenueReport replaced = report(ZM_EVENT_REPLACED, first);
  replaced.quantity = {15};
  oms.apply(replaced);
  CHECK(oms.open_orders({0}) == 2);
  CHECK(oms.exposure({0}, {0}).buy().value == 35);
  std::vector<std::uint64_t> ids;
  oms.for_each_open({0}, [&](const Order& order) { ids.push_back(order.id.value); });
  CHECK(ids == std::vector<std::uint64_t>{first.value, second.value});
}

TEST_CASE("the best own price is the most aggressive that may come to rest") {
  Oms oms = small_oms();
  CHECK(oms.best_own({0}, Side::buy) == no_price);
  const OrderId low = oms.create({0}, limit(ZM_SIDE_BUY, 10, 4990), {});
  const OrderId high = oms.create({1}, limit(ZM_SIDE_BUY, 10, 5000), {});
  CHECK(oms.best_own({0}, Side::buy).value == 5000);
  CHECK(oms.best_own({1}, Side::buy) == no_price);
  oms.request_replace({0}, low, {5010}, {10});
  CHECK(oms.best_own({0}, Side::buy).value == 5010);
  oms.apply(report(ZM_EVENT_REPLACE_REJECTED, low));
  CHECK(oms.best_own({0}, Side::buy).value == 5000);
  oms.apply(fill(high, 10, 5000, 1));
  CHECK(oms.best_own({0}, Side::buy).value == 4990);
  zm_intent ioc = limit(ZM_SIDE_BUY, 10, 5100);
  ioc.time_in_force = ZM_TIF_IOC;
  oms.create({0}, ioc, {});
  CHECK(oms.best_own({0}, Side::buy).value == 4990);
  zm_intent stop = limit(ZM_SIDE_BUY, 10, 5200);
  stop.type = ZM_ORDER_STOP_LIMIT;
  stop.stop_price = 5150;
  const OrderId stop_id = oms.create({0}, stop, {});
  CHECK(oms.best_own({0}, Side::buy).value == 4990);
  oms.apply(report(ZM_EVENT_TRIGGERED, stop_id));
  CHECK(oms.best_own({0}, Side::buy).value == 5200);
}

TEST_CASE(
    "memory does not grow with the number of orders, and late reports find the latest of them") {
  Oms oms = small_oms(8);
  const OrderId lasting = oms.create({0}, limit(ZM_SIDE_BUY, 1, 100), {});
  const std::size_t before = oms.memory_slots();
  OrderId last;
  for (int i = 0; i < 100'000; ++i) {
    last = oms.create({static_cast<std::uint32_t>(i % 2)}, limit(ZM_SIDE_SELL, 10, 5000), {});
    oms.apply(fill(last, 10, 5000, static_cast<std::uint64_t>(i) + 1));
  }
  CHECK(oms.memory_slots() == before);
  CHECK(oms.find(lasting) != nullptr);
  CHECK(oms.find(last) != nullptr);
  CHECK(oms.find({last.value - 7}) != nullptr);
  CHECK(oms.find({last.value - 8}) == nullptr);
  CHECK(oms.apply(fill({last.value - 8}, 1, 1, 1'000'000)).anomaly == ReportAnomaly::unknown_order);
  CHECK(oms.open_orders() == 1);
}

TEST_CASE("a market order counts at what it was valued when it was made") {
  Oms oms = small_oms();
  zm_intent market = limit(ZM_SIDE_BUY, 10, 0);
  market.type = ZM_ORDER_MARKET;
  const OrderId id = oms.create({0}, market, {}, {5000});
  CHECK(oms.exposure({0}, {0}).notional().value == 500'00000000);
  CHECK(oms.venue_order(*oms.find(id)).price == no_price);
  CHECK(oms.best_own({0}, Side::buy) == no_price);
}

TEST_CASE("the facts of a question are those of the books") {
  const std::vector<Instrument> instruments = two_instruments();
  Oms oms = small_oms();
  Portfolio portfolio(instruments);
  portfolio.add_instance({0});
  portfolio.add_instance({1});
  portfolio.on_fill({0}, {0}, Side::buy, {5000}, {30}, false);
  portfolio.on_fill({1}, {0}, Side::sell, {5000}, {10}, false);
  const OrderId own = oms.create({0}, limit(ZM_SIDE_BUY, 7, 4900), {});
  oms.create({1}, limit(ZM_SIDE_SELL, 9, 5100), {});
  zm_intent intent = limit(ZM_SIDE_BUY, 5, 5000);
  const MarketFacts market{ZM_MARKET_OPEN, {4999}, {5001}, {42}};
  const RiskContext context =
      make_risk_context(oms, portfolio, {0}, intent, nullptr, market, true, {43});
  CHECK(context.position.value == 30);
  CHECK(context.firm_position.value == 20);
  CHECK(context.open_buy.value == 7);
  CHECK(context.firm_open_sell.value == 9);
  CHECK(context.best_own_opposite.value == 5100);
  CHECK(context.own.gross.value == (30 * 5000 + 7 * 4900) * 1'000'000ll);
  CHECK(context.firm.open_orders == 2);
  CHECK(context.order_id.value == 3);

  zm_intent change{};
  change.kind = ZM_INTENT_REPLACE;
  change.order_id = own.value;
  change.quantity = 12;
  change.price = ZM_NO_PRICE;
  const zm_intent full = completed(change, *oms.find(own));
  CHECK(full.price == 4900);
  CHECK(full.side == ZM_SIDE_BUY);
  const RiskContext replacing =
      make_risk_context(oms, portfolio, {0}, full, oms.find(own), market, true, {43});
  CHECK(replacing.worst_quantity.value == 7);
  CHECK(replacing.open_notional.value == 7 * 4900 * 1'000'000ll);
  RiskEngine risk(instruments, {});
  risk.add_instance({0}, "a");
  CHECK(risk.check(full, replacing).passed());
}
