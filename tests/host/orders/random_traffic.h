// random_traffic.h: random orders, requests and reports for an order management system, also such
// that no venue should send.
#pragma once

#include <algorithm>
#include <vector>

#include "base/random.h"
#include "orders/oms.h"

namespace zomma::test {

constexpr std::uint32_t instances = 3, symbols = 2;

inline std::vector<Instrument> instruments() {
  std::vector<Instrument> out(symbols);
  for (std::uint32_t i = 0; i < symbols; ++i) {
    out[i].id = {i};
    out[i].price_digits = 2;
    out[i].quantity_digits = static_cast<int>(i) * 3;
  }
  return out;
}

inline Oms make_oms(std::size_t open = 64, std::size_t finished = 32) {
  Oms oms(instruments(), {.run_id = 1,
                          .expected_open_orders = open,
                          .finished_kept = finished,
                          .executions_kept = 256});
  for (std::uint32_t i = 0; i < instances; ++i) oms.add_instance({i});
  return oms;
}

inline zm_intent random_intent(Random& random) {
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
inline void random_step(Oms& oms, Random& random, std::uint64_t& execution) {
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
    case 0:
      oms.request_cancel(owner, id);
      return;
    case 1:
      oms.request_replace(owner, id, {random.between(900, 1100)}, {random.between(1, 200)});
      return;
    default:
      break;
  }
  constexpr std::uint16_t kinds[] = {
      ZM_EVENT_ACCEPTED,        ZM_EVENT_FILL,     ZM_EVENT_FILL,
      ZM_EVENT_CANCELED,        ZM_EVENT_REPLACED, ZM_EVENT_REPLACE_REJECTED,
      ZM_EVENT_CANCEL_REJECTED, ZM_EVENT_EXPIRED,  ZM_EVENT_REJECTED};
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

}  // namespace zomma::test
