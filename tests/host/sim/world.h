// world.h: a simulated exchange beside one hand-fed book, driven as the engine drives it.
#pragma once

#include <catch2/catch.hpp>

#include <memory>
#include <vector>

#include "host/book/events.h"
#include "market/book/l2_book.h"
#include "market/book/l3_market.h"
#include "orders/gateways/sim/sim_gateway.h"

namespace zomma::test {

constexpr InstrumentId traded{1};  // what events.h speaks of

inline std::vector<Instrument> two_instruments() {
  std::vector<Instrument> instruments(2);
  instruments[0].id = InstrumentId{0};
  instruments[1].id = traded;
  return instruments;
}

inline zm_event trade(Side aggressor, std::int64_t price, std::int64_t quantity) {
  zm_event made = event(ZM_EVENT_TRADE, 1, aggressor);
  made.flags |= ZM_FLAG_AGGRESSOR;
  made.u.trade = {price, quantity, 0, 0};
  return made;
}
inline zm_event state(std::uint32_t value) {
  zm_event made = event(ZM_EVENT_MARKET_STATE, 1);
  made.u.state.state = value;
  return made;
}
// More of the venue's update follows.
inline zm_event more(zm_event event) {
  event.flags &= static_cast<std::uint16_t>(~ZM_FLAG_LAST);
  return event;
}

struct World : ReportSink {
  enum class Kind { l2, l3 };
  static constexpr std::int64_t start_ns = 1'000'000'000;

  explicit World(const SimOptions& options = {}, Kind kind = Kind::l2)
      : gateway(two_instruments(), options) {
    if (kind == Kind::l3) {
      l3 = std::make_unique<L3Market>(L3Config{0, 1 << 12, 1 << 17, false, false});
      REQUIRE(l3->add_instrument(traded, Price{1}));
    } else {
      l2 = std::make_unique<L2Book>(Price{1});
    }
    gateway.set_book(traded, book());
  }

  Book& book() { return l3 ? l3->book(traded) : static_cast<Book&>(*l2); }
  void on_report(const VenueReport& report) override {
    reports.push_back(report);
    heard_ns.push_back(now);
  }
  // Time passes; what is due happens when it is due.
  void until(std::int64_t ns) {
    for (;;) {
      const std::int64_t due = gateway.next_due().value;
      if (due > ns) break;
      if (due > now) now = due;
      gateway.advance({now});
      gateway.poll({now}, *this);
    }
    now = ns;
  }
  void wait(std::int64_t ns) { until(now + ns); }
  World& operator()(zm_event event) {
    event.ts_ns = now;
    until(now);
    gateway.before_market(event, book());
    book().apply(event);
    if ((event.flags & ZM_FLAG_LAST) != 0) gateway.after_update(traded, book());
    until(now);
    return *this;
  }

  VenueOrder order(Side side, std::int64_t price, std::int64_t quantity) {
    VenueOrder made;
    made.id = OrderId{++last_id};
    made.instance = InstanceId{0};
    made.instrument = traded;
    made.side = side;
    made.price = Price{price};
    made.quantity = Quantity{quantity};
    return made;
  }
  OrderId send(const VenueOrder& order) {
    gateway.submit(order, {now});
    until(now);
    return order.id;
  }
  OrderId limit(Side side, std::int64_t price, std::int64_t quantity,
                TimeInForce time_in_force = TimeInForce::gtc) {
    VenueOrder made = order(side, price, quantity);
    made.time_in_force = time_in_force;
    return send(made);
  }
  void cancel(OrderId id) {
    gateway.cancel({id, traded}, {now});
    until(now);
  }
  void replace(OrderId id, std::int64_t price, std::int64_t quantity) {
    gateway.replace({id, traded, Price{price}, Quantity{quantity}}, {now});
    until(now);
  }

  std::int64_t filled(OrderId id) const {
    std::int64_t sum = 0;
    for (const VenueReport& report : reports)
      if (report.id == id && report.kind == ZM_EVENT_FILL) sum += report.quantity.value;
    return sum;
  }
  std::int64_t count(OrderId id, std::uint16_t kind) const {
    std::int64_t sum = 0;
    for (const VenueReport& report : reports) sum += report.id == id && report.kind == kind;
    return sum;
  }
  // The last report of an order; kind 0 if it never had one.
  VenueReport last(OrderId id) const {
    VenueReport found;
    for (const VenueReport& report : reports)
      if (report.id == id) found = report;
    return found;
  }
  bool ended(OrderId id, std::uint16_t kind, std::uint32_t code) const {
    return last(id).kind == kind && last(id).code == code;
  }

  std::unique_ptr<L2Book> l2;
  std::unique_ptr<L3Market> l3;
  SimGateway gateway;
  std::int64_t now = start_ns;
  std::uint64_t last_id = 0;
  std::vector<VenueReport> reports;
  std::vector<std::int64_t> heard_ns;
};

inline SimOptions with_queue(SimQueueModel model) {
  SimOptions options;
  options.queue = model;
  return options;
}

}  // namespace zomma::test
