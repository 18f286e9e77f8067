// messages.h: what goes into the matching engine (orders) and what comes out of it (events).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

#include "base/types.h"

namespace zomma::matching {

// Whose order it is, for self-trade prevention. "None": the order may trade against any other.
using OwnerId = Id<struct OwnerTag>;

// What becomes of an order that meets a resting order of its own owner. The incoming order's mode
// decides.
enum class SelfTrade : std::uint8_t {
  allow,          // they trade
  cancel_newest,  // the rest of the incoming order is cancelled
  cancel_oldest,  // the resting order is cancelled, the incoming one goes on
  cancel_both,
  decrement  // both lose the quantity that would have traded; who has none left is cancelled
};

struct NewOrder {
  OrderId id;  // any number that no live order of the engine has
  InstrumentId instrument;
  OwnerId owner;
  Side side{Side::buy};
  OrderType type{OrderType::limit};
  TimeInForce time_in_force{TimeInForce::gtc};
  bool post_only{false};
  SelfTrade self_trade{SelfTrade::allow};
  Price price{no_price};       // limit, stop_limit
  Price stop_price{no_price};  // stop, stop_limit
  Quantity quantity{};
  Quantity display_quantity{};  // shown slice of an iceberg; 0 = all of it
};

// Which orders a mass cancel means: those that fit every field that is given.
struct MassCancel {
  InstrumentId instrument;
  OwnerId owner;
};

// What happened, in the order in which it happened. `kind` is one of ZM_EVENT_ACCEPTED ...
// ZM_EVENT_TRIGGERED; an order's life begins with ACCEPTED (or it is REJECTED and never lived) and
// is over when leaves is 0. Two equal streams are equal byte by byte.
struct MatchEvent {
  std::uint64_t seq{};        // contiguous from 1
  OrderId order;              // of a FILL: the incoming order
  OrderId resting;            // of a FILL: the resting order
  Price price{no_price};      // of a FILL: where it traded; else the limit in force
  Quantity quantity{};        // traded; CANCELED and EXPIRED: taken off; else the total in force
  Quantity leaves{};          // of `order`, after this event
  Quantity resting_leaves{};  // of `resting`, hidden quantity included
  InstrumentId instrument;
  std::uint8_t kind{};
  Side side{Side::buy};    // of `order`
  std::uint16_t reason{};  // ZM_REASON_*
};
static_assert(sizeof(MatchEvent) == 64);
static_assert(std::has_unique_object_representations_v<MatchEvent>);

// The simplest sink: keeps events until they are taken. Any class with on(const MatchEvent&) will
// do; the engine calls it inlined. Allocates only when it holds more events than ever before.
class EventBatch {
 public:
  explicit EventBatch(std::size_t capacity = 4096)
      : storage_(std::make_unique<MatchEvent[]>(capacity)), capacity_(capacity) {}

  void on(const MatchEvent& event) {
    if (size_ == capacity_) [[unlikely]]
      grow();
    storage_[size_++] = event;
  }
  std::span<const MatchEvent> events() const { return {storage_.get(), size_}; }
  std::size_t size() const { return size_; }
  void clear() { size_ = 0; }

 private:
  [[gnu::noinline]] void grow() {
    const std::size_t larger = capacity_ == 0 ? 64 : capacity_ * 2;
    auto storage = std::make_unique<MatchEvent[]>(larger);
    for (std::size_t i = 0; i < size_; ++i) storage[i] = storage_[i];
    storage_ = std::move(storage);
    capacity_ = larger;
  }

  std::unique_ptr<MatchEvent[]> storage_;
  std::size_t size_ = 0;
  std::size_t capacity_;
};

}  // namespace zomma::matching
