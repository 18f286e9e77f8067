// oms.h: the order management system: every order of the house, what the venue says of it, and what
// all of them together could still do to a position. Gateways report to it; strategies hear of it
// through the events it makes.
//
// Nothing it is told makes it fail: a report that does not fit (twice, late, too much, of an
// unknown order) is counted, and what did happen at the venue is booked. One thread. Hot path
// (everything but construction, save and load): no allocation once the pool of orders has reached
// its size, no lock, no system call, no virtual call.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <zomma/event.h>
#include <zomma/order.h>

#include "base/archive.h"
#include "base/types.h"
#include "market/instrument.h"
#include "orders/client_order_id.h"
#include "orders/execution_log.h"
#include "orders/gateway.h"
#include "orders/order_table.h"
#include "portfolio/valuation.h"

namespace zomma {

struct OmsOptions {
  std::uint32_t run_id{1};
  std::size_t expected_open_orders{4096};  // the pool grows beyond, once
  std::size_t finished_kept{4096};         // finished orders that late reports can still find
  std::size_t executions_kept{16384};      // within which an execution reported twice is noticed
};

// What was wrong with a report. Counted each.
enum class ReportAnomaly : std::uint8_t {
  none,
  duplicate_execution,  // seen before: ignored
  unknown_order,        // no such order, or finished too long ago: ignored
  fill_after_close,     // a fill of an order that was cancelled, rejected or expired: booked
  overfill,             // more filled than ordered: booked
  invalid_fill,         // a fill without quantity or price: ignored
  unexpected_answer,    // to a request that was not made: the state it brings is taken over
  unknown_kind,         // not one of ZM_EVENT_ACCEPTED..ZM_EVENT_TRIGGERED: ignored
  count
};
constexpr std::size_t report_anomalies = static_cast<std::size_t>(ReportAnomaly::count);

// What one report comes to. When has_event is set, `event` is what the instance hears: everything
// but seq and ts_ns.
struct OrderUpdate {
  bool has_event{false};
  bool is_fill{false};
  bool maker{false};
  ReportAnomaly anomaly{ReportAnomaly::none};
  Side side{Side::buy};
  InstanceId instance;
  InstrumentId instrument;
  Price fill_price{no_price};
  Quantity fill_quantity{};
  zm_event event{};
};

// What open orders could add to a position, at the worst: orders in flight count as open, replaces
// at their greatest. Sums are kept exactly and only held at the range's end when they are read.
class OpenExposure {
 public:
  Quantity buy() const { return {saturate(buy_)}; }
  Quantity sell() const { return {saturate(sell_)}; }
  Money notional() const { return {saturate(notional_)}; }  // both sides together
  std::uint32_t buy_orders() const { return buy_orders_; }
  std::uint32_t sell_orders() const { return sell_orders_; }
  std::uint32_t orders() const { return buy_orders_ + sell_orders_; }
  void add(Side side, Int128 quantity, Int128 notional, std::uint32_t orders) {
    (side == Side::buy ? buy_ : sell_) += quantity;
    notional_ += notional;
    (side == Side::buy ? buy_orders_ : sell_orders_) +=
        orders;  // modulo 2^32: minus one is UINT32_MAX
  }
  bool operator==(const OpenExposure&) const = default;

 private:
  Int128 buy_ = 0, sell_ = 0, notional_ = 0;
  std::uint32_t buy_orders_ = 0, sell_orders_ = 0;
};

class Oms {
 public:
  // `instruments[i].id.value == i`. [control]
  Oms(const std::vector<Instrument>& instruments, OmsOptions options);

  // Instances are numbered densely from 0, in this order. False for any other id. [control]
  bool add_instance(InstanceId id);

  // --- requests: they change what is in flight; the gateway is the caller's to tell ---

  // Books a NEW intent that the checks have passed. `valuation_price`: what an order without a
  // limit is valued at (the opposite best price); no_price = nothing. The instance and instrument
  // must be known.
  OrderId create(InstanceId instance, const zm_intent& intent, Nanoseconds now,
                 Price valuation_price = no_price);
  OrderId next_id() const { return {next_id_}; }

  // ZM_REASON_NONE: the request is in flight and must be sent. UNKNOWN_ORDER: no such order of this
  // instance; TOO_LATE: it is finished; ORDER_PENDING: a cancel is in flight already, or too many
  // requests are.
  std::uint32_t request_cancel(InstanceId instance, OrderId id);
  // `quantity`: the new total, what has filled included. As above.
  std::uint32_t request_replace(InstanceId instance, OrderId id, Price price, Quantity quantity);
  // Whether request_replace would be accepted, without making it.
  std::uint32_t can_replace(InstanceId instance, OrderId id) const;

  VenueOrder venue_order(const Order& order) const;
  ClientOrderId client_order_id(const Order& order, Revision revision) const {
    return make_client_order_id(options_.run_id, order.id, revision);
  }

  // --- reports ---
  OrderUpdate apply(const VenueReport& report);

  // --- what is open ---
  const Order* find(OrderId id) const { return table_.find(id); }
  const OpenExposure& exposure(InstanceId instance, InstrumentId instrument) const {
    return exposures_[pair(instance, instrument)];
  }
  const OpenExposure& exposure(InstanceId instance) const {
    return by_instance_[instance.value];
  }  // quantities: meaningless
  const OpenExposure& firm_exposure(InstrumentId instrument) const {
    return by_instrument_[instrument.value];
  }
  const OpenExposure& firm_exposure() const { return firm_; }  // likewise
  std::uint32_t open_orders(InstanceId instance) const { return table_.open(instance).count; }
  std::uint32_t open_orders() const { return table_.open_total(); }
  template <class Visit>
  void for_each_open(InstanceId instance, Visit&& visit) const {
    const_cast<OrderTable&>(table_).for_each_open(
        instance, [&](Order& order) { visit(static_cast<const Order&>(order)); });
  }
  template <class Visit>
  void for_each_open(InstanceId instance, InstrumentId instrument, Visit&& visit) const {
    const_cast<OrderTable&>(table_).for_each_open(
        instance, instrument, [&](Order& order) { visit(static_cast<const Order&>(order)); });
  }
  // The most aggressive price at which an order of the house rests (or may come to rest) on `side`;
  // no_price if none.
  Price best_own(InstrumentId instrument, Side side) const;

  // --- counters ---
  std::uint64_t anomalies(ReportAnomaly which) const {
    return anomalies_[static_cast<std::size_t>(which)];
  }
  std::uint64_t created() const { return next_id_ - 1; }
  std::size_t memory_slots() const { return table_.slots(); }
  std::size_t instances() const { return table_.instances(); }

  // The whole state; load expects the same instruments, instances and run id, anything else makes
  // the reader fail.
  void save(ArchiveWriter& out) const;
  void load(ArchiveReader& in);

 private:
  // The best own price of one instrument and side, kept lazily: a stale one is looked up again when
  // asked for.
  struct BestOwn {
    Price price{no_price};
    bool stale{false};
  };

  std::size_t pair(InstanceId instance, InstrumentId instrument) const {
    return static_cast<std::size_t>(instance.value) * table_.instruments() + instrument.value;
  }
  Order* own_order(InstanceId instance, OrderId id);
  // Brings exposures, lists and best prices in line with the order's state.
  void recount(Order& order);
  void count(const Order& order, Int128 quantity, Int128 notional, std::uint32_t orders);
  void touch_best(Order& order);
  Price scan_best(InstrumentId instrument, Side side) const;
  static void make_event(const VenueReport& report, const Order& order, OrderUpdate& update);
  static void check_answer(const VenueReport& report, const Order& order, ReportAnomaly& anomaly);

  OmsOptions options_;
  std::vector<Valuation> valuations_;
  OrderTable table_;
  ExecutionLog executions_;
  std::uint64_t next_id_ = 1;
  std::vector<OpenExposure> exposures_, by_instance_, by_instrument_;
  OpenExposure firm_;
  mutable std::vector<std::array<BestOwn, 2>> best_own_;
  std::array<std::uint64_t, report_anomalies> anomalies_{};
};

}  // namespace zomma
