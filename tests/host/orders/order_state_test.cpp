// One order's life where the venue says less than FIX does: the state is worked out from what is
// known. And the ClOrdIDs.
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.h"
#include "orders/client_order_id.h"
#include "orders/execution_log.h"
#include "orders/order_state.h"

using namespace zomma;

namespace {

OrderReport of(ReportType type, Revision request = no_revision) {
  OrderReport report;
  report.type = type;
  report.request = request;
  return report;
}
OrderReport fill(std::int64_t quantity, std::int64_t price) {
  OrderReport report = of(ReportType::trade);
  report.last_quantity = {quantity};
  report.last_price = {price};
  return report;
}

}  // namespace

TEST_CASE("statuses follow from quantities when the venue does not state them") {
  OrderState order = OrderState::opened({100}, {5000});
  CHECK(order.status == OrderStatus::pending_new);
  order.apply(of(ReportType::accepted));
  CHECK(order.status == OrderStatus::accepted);
  order.apply(fill(40, 5000));
  CHECK(order.status == OrderStatus::partially_filled);
  order.apply(fill(60, 5001));
  CHECK(order.status == OrderStatus::filled);
  CHECK(order.finished());
  CHECK(order.filled_value == 40 * 5000 + 60 * 5001);
}

TEST_CASE("an acknowledgement that arrives after the fills does not undo them") {
  OrderState order = OrderState::opened({100}, {5000});
  order.apply(fill(100, 5000));
  order.apply(of(ReportType::accepted));
  CHECK(order.status == OrderStatus::filled);
}

TEST_CASE(
    "a replace takes effect with the price and quantity asked for when the venue states none") {
  OrderState order = OrderState::opened({100}, {5000});
  order.apply(of(ReportType::accepted));
  const Revision revision = order.request_replace({150}, {4990});
  CHECK(order.worst_total().value == 150);
  CHECK(order.most_aggressive(Side::buy).value == 5000);
  CHECK(order.most_aggressive(Side::sell).value == 4990);
  order.apply(of(ReportType::replaced, revision));
  CHECK(order.quantity.value == 150);
  CHECK(order.price.value == 4990);
  CHECK(order.live_revision == revision);
  CHECK(order.pending_count == 0);
}

TEST_CASE("a refused replace leaves the old terms and lowers the worst case again") {
  OrderState order = OrderState::opened({100}, {5000});
  order.apply(of(ReportType::accepted));
  const Revision revision = order.request_replace({150}, {5010});
  order.apply(of(ReportType::replace_rejected, revision));
  CHECK(order.quantity.value == 100);
  CHECK(order.price.value == 5000);
  CHECK(order.worst_total().value == 100);
  CHECK(order.status == OrderStatus::accepted);
}

TEST_CASE("an order is not finished while a replace in flight could open it again") {
  OrderState order = OrderState::opened({100}, {5000});
  const Revision revision = order.request_replace({150}, {5000});
  order.apply(fill(100, 5000));
  CHECK(order.status == OrderStatus::filled);
  CHECK_FALSE(order.finished());
  CHECK(order.worst_open().value == 50);
  order.apply(of(ReportType::replaced, revision));
  CHECK(order.status == OrderStatus::partially_filled);
  CHECK(order.leaves().value == 50);
}

TEST_CASE("a cancel that waits for its answer does not keep a closed order open") {
  OrderState order = OrderState::opened({100}, {5000});
  const Revision revision = order.request_cancel();
  order.apply(of(ReportType::expired));
  CHECK(order.finished());
  CHECK(order.cancel_pending());
  order.apply(of(ReportType::cancel_rejected, revision));
  CHECK(order.status == OrderStatus::expired);
  CHECK_FALSE(order.cancel_pending());
}

TEST_CASE("requests are limited in number and never lose one") {
  OrderState order = OrderState::opened({100}, {5000});
  std::vector<Revision> given;
  while (order.can_request())
    given.push_back(order.request_replace({100 + static_cast<std::int64_t>(given.size())}, {5000}));
  CHECK(given.size() == OrderState::max_pending);
  for (const Revision revision : given) {
    CHECK(order.oldest_pending(false) == revision);
    order.apply(of(ReportType::replaced, revision));
  }
  CHECK(order.pending_count == 0);
  CHECK(order.quantity.value == 105);
}

TEST_CASE("a ClOrdID can be read back and no two are alike") {
  std::vector<std::string> seen;
  for (const std::uint32_t run : {1u, 36u, UINT32_MAX}) {
    for (const std::uint64_t order :
         {std::uint64_t{1}, std::uint64_t{35}, std::uint64_t{1'000'000'007}, UINT64_MAX - 1}) {
      for (const Revision revision : {Revision{0}, Revision{1}, Revision{65533}}) {
        const ClientOrderId id = make_client_order_id(run, {order}, revision);
        const auto parts = parse_client_order_id(id.view());
        REQUIRE(parts);
        CHECK(parts->run == run);
        CHECK(parts->order.value == order);
        CHECK(parts->revision == revision);
        seen.emplace_back(id.view());
      }
    }
  }
  std::sort(seen.begin(), seen.end());
  CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
  CHECK(make_client_order_id(1, {36}, 0).view() == "ZM-1-10-0");
}

TEST_CASE("texts that no order was given are not taken for a ClOrdID") {
  for (const char* text : {"", "ZM-", "ZM-1", "ZM-1-2", "ZM-1-2-", "ZM-1-2-3-4", "zm-1-2-3",
                           "ZM-01-2-3", "ZM-1-2-a", "ZM--2-3", "ZM-1-2-65536", "ZM-1-2-1EKG",
                           "ZM-ZZZZZZZZ-1-1", "ZM-1-ZZZZZZZZZZZZZZ-1", "XX-1-2-3"})
    CHECK_FALSE(parse_client_order_id(text).has_value());
}

TEST_CASE("the execution log finds what it was given until newer executions push it out") {
  ExecutionLog log(64);
  Random random(7);
  std::vector<Execution> all;
  for (int i = 0; i < 5000; ++i) {
    const Execution execution{OrderId{random.below(50) + 1}, static_cast<std::uint64_t>(i) * 64,
                              Quantity{i + 1}, Price{i}};
    log.insert(execution);
    all.push_back(execution);
    const std::size_t oldest = all.size() > 64 ? all.size() - 64 : 0;
    const std::size_t probe = oldest + random.below(all.size() - oldest);
    const Execution* found = log.find(all[probe].order, all[probe].execution_id);
    REQUIRE(found != nullptr);
    REQUIRE(found->quantity == all[probe].quantity);
    if (oldest > 0)
      REQUIRE(log.find(all[oldest - 1].order, all[oldest - 1].execution_id) == nullptr);
  }
}
