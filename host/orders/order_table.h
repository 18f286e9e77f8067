// order_table.h: where orders live: a pool of slots, an index by OrderId, and for each instance
// (and each instance in an instrument) the list of its open orders, oldest first. Memory is bounded
// by the open orders plus a ring of finished ones.
//
// Hot path: no allocation once the pool has reached its size; growing it is the only allocation.
#pragma once

#include <cstdint>
#include <vector>

#include "base/types.h"
#include "orders/order_state.h"

namespace zomma {

constexpr std::uint32_t no_slot = UINT32_MAX;

// Everything the host knows of one order.
struct Order {
  OrderState state;
  OrderId id;  // invalid: the slot is free
  InstanceId instance;
  InstrumentId instrument;
  Side side{Side::buy};
  OrderType type{OrderType::limit};
  TimeInForce time_in_force{TimeInForce::gtc};
  bool post_only{false};
  bool reduce_only{false};
  std::uint8_t reserved[3]{};
  std::uint32_t tag{};         // the strategy's mark
  std::uint32_t last_event{};  // latest ZM_EVENT_* of the order; 0 before the venue answered
  std::uint32_t reserved2[2]{};
  Price stop_price{no_price};
  Price valuation_price{
      no_price};  // of an order without a limit: what it was valued at when it was made
  Quantity display_quantity{};
  Nanoseconds created{};
  // What is counted for it in the exposures at this moment.
  Quantity counted_open{};
  Money counted_notional{};
  Price counted_best{
      no_price};  // at which it may trade against an order of ours; no_price: it cannot

  // May trade against an order of ours that comes from the other side.
  bool rests() const {
    const bool lasting = time_in_force == TimeInForce::gtc || time_in_force == TimeInForce::day;
    const bool active =
        type == OrderType::limit || (type == OrderType::stop_limit && state.triggered);
    return lasting && active && state.worst_open().value > 0;
  }
};

static_assert(std::has_unique_object_representations_v<Order>,
              "snapshots are compared byte by byte");

// An intrusive list, ascending by OrderId.
struct OrderList {
  std::uint32_t head{no_slot}, tail{no_slot};
  std::uint32_t count{0};
};

class OrderTable {
 public:
  // `expected_open` slots are made at once; `finished_kept` finished orders stay findable for late
  // reports.
  OrderTable(std::size_t instruments, std::size_t expected_open, std::size_t finished_kept);

  void add_instance();

  // A fresh slot for a new id, greater than all before; linked as open. The order's id, instance
  // and instrument are set.
  Order& insert(OrderId id, InstanceId instance, InstrumentId instrument);
  Order* find(OrderId id);
  const Order* find(OrderId id) const;

  // Takes the order out of the open lists and keeps it among the finished; the oldest of those may
  // be recycled.
  void finish(Order& order);
  // Puts a finished order back among the open ones, in its place.
  void reopen(Order& order);
  bool is_open(const Order& order) const { return links_[slot_of(order)].open; }

  const OrderList& open(InstanceId instance) const { return by_instance_[instance.value]; }
  const OrderList& open(InstanceId instance, InstrumentId instrument) const {
    return by_pair_[pair(instance, instrument)];
  }
  std::uint32_t open_total() const { return open_total_; }

  // Calls visit(Order&) for each open order, by ascending OrderId. `visit` may finish the order it
  // is given.
  template <class Visit>
  void for_each_open(InstanceId instance, Visit&& visit) {
    for (std::uint32_t slot = by_instance_[instance.value].head; slot != no_slot;) {
      const std::uint32_t next = links_[slot].of_instance.next;
      visit(orders_[slot]);
      slot = next;
    }
  }
  template <class Visit>
  void for_each_open(InstanceId instance, InstrumentId instrument, Visit&& visit) {
    for (std::uint32_t slot = by_pair_[pair(instance, instrument)].head; slot != no_slot;) {
      const std::uint32_t next = links_[slot].of_pair.next;
      visit(orders_[slot]);
      slot = next;
    }
  }

  std::size_t slots() const { return orders_.size(); }
  std::size_t instances() const { return by_instance_.size(); }
  std::size_t instruments() const { return instruments_; }

  // For snapshots: the ring of finished orders, oldest first (null: an entry whose order was
  // reopened), then the open ones by id. restored in this order they behave as before.
  std::vector<const Order*> finished_orders() const;
  std::vector<const Order*> open_orders() const;
  // Back to empty; instances stay.
  void clear();
  void restore_finished(const Order* order);
  void restore_open(const Order& order);

 private:
  struct Neighbours {
    std::uint32_t previous{no_slot}, next{no_slot};
  };
  struct Links {
    Neighbours of_instance, of_pair;
    std::uint32_t next_free{no_slot};
    std::uint64_t finished_stamp{
        0};  // tells an order's entry in the ring from the one before it was reopened
    bool open{false};
  };
  struct Indexed {
    OrderId id;
    std::uint32_t slot{no_slot};
  };
  struct Finished {
    std::uint32_t slot{no_slot};
    std::uint64_t stamp{0};
  };

  std::size_t pair(InstanceId instance, InstrumentId instrument) const {
    return static_cast<std::size_t>(instance.value) * instruments_ + instrument.value;
  }
  std::uint32_t slot_of(const Order& order) const {
    return static_cast<std::uint32_t>(&order - orders_.data());
  }
  std::uint32_t take_slot();
  void grow();
  void recycle(std::uint32_t slot);
  void link(std::uint32_t slot);
  void unlink(std::uint32_t slot);
  void link_into(OrderList& list, std::uint32_t slot, Neighbours Links::*member);
  void unlink_from(OrderList& list, std::uint32_t slot, Neighbours Links::*member);
  std::size_t index_home(OrderId id) const {
    return (id.value * 0x9E3779B97F4A7C15u) >> index_shift_;
  }
  std::size_t index_find(OrderId id) const;
  void index_insert(OrderId id, std::uint32_t slot);
  void index_erase(OrderId id);
  void rebuild_index();

  std::size_t instruments_;
  std::vector<Order> orders_;
  std::vector<Links> links_;
  std::uint32_t free_ = no_slot;
  std::vector<Indexed>
      index_;          // open addressing by OrderId, at most half full; an invalid id: empty
  int index_shift_{};  // 64 - log2 of its size
  std::vector<OrderList> by_instance_, by_pair_;
  std::vector<Finished> finished_;  // ring
  std::uint64_t finished_written_ = 0;
  std::uint32_t open_total_ = 0;
};

}  // namespace zomma
