// order_state.h: the life of one order, as FIX describes it (Order State Change Matrices, FIX 4.4
// volume 4 appendix D): what the venue said last, what is filled, what is asked for and not
// answered yet, and the most that could still be filled.
//
// A plain struct without pointers: copied into snapshots as it is. Reports may come late, twice or
// in another order; nothing here refuses a report, because what the venue says did happen. Hot
// path: no allocation.
#pragma once

#include <array>
#include <cstdint>
#include <type_traits>

#include "base/types.h"
#include "portfolio/valuation.h"

namespace zomma {

// FIX OrdStatus (39).
enum class OrderStatus : char {
  pending_new = 'A',
  accepted = '0',
  partially_filled = '1',
  filled = '2',
  done_for_day = '3',
  canceled = '4',
  replaced = '5',
  pending_cancel = '6',
  stopped = '7',
  rejected = '8',
  suspended = '9',
  calculated = 'B',
  expired = 'C',
  pending_replace = 'E',
  unspecified = '?'  // the venue does not say: OrderState works it out
};

// FIX ExecType (150), and the two refusals that FIX sends as OrderCancelReject.
enum class ReportType : char {
  accepted = '0',
  done_for_day = '3',
  canceled = '4',
  replaced = '5',
  pending_cancel = '6',
  stopped = '7',
  rejected = '8',
  suspended = '9',
  pending_new = 'A',
  expired = 'C',
  restated = 'D',
  pending_replace = 'E',
  trade = 'F',
  trade_correct = 'G',
  trade_cancel = 'H',
  status = 'I',
  triggered = 'L',
  cancel_rejected = 'x',
  replace_rejected = 'y'
};

// Done: neither resting nor about to rest. A late fill may still come.
constexpr bool is_closed(OrderStatus status) {
  return status == OrderStatus::canceled || status == OrderStatus::rejected ||
         status == OrderStatus::expired || status == OrderStatus::done_for_day;
}

using Revision =
    std::uint16_t;  // numbers the requests of one order: 0 = the order itself, then 1, 2, ...
constexpr Revision no_revision = UINT16_MAX;

// One report about one order, after duplicates were taken out and a corrected execution was looked
// up (execution_log.h).
struct OrderReport {
  ReportType type{ReportType::status};
  OrderStatus status{OrderStatus::unspecified};
  Revision request{
      no_revision};  // the request it answers; no_revision = none, or the venue does not say
  bool unknown_order{
      false};  // of a refusal: the venue does not know the order, so its status means nothing
  Quantity quantity{};       // the order's total in force; 0 = not said
  Price price{no_price};     // the limit in force; no_price = not said
  Quantity last_quantity{};  // trade, trade_correct: of this execution
  Price last_price{no_price};
  Quantity old_quantity{};  // trade_correct, trade_cancel: of the execution that falls away
  Price old_price{no_price};
};

// A request that the venue has not answered. `quantity` 0: a cancel.
struct PendingRequest {
  Quantity quantity{};
  Price price{no_price};
  Revision revision{};
  bool acknowledged{false};  // the venue said pending_cancel or pending_replace
  std::uint8_t reserved[5]{};
  bool is_cancel() const { return quantity.value == 0; }
};

struct OrderState {
  static constexpr std::size_t max_pending = 6;

  Int128 filled_value{};  // sum of price * quantity over all executions; average price =
                          // filled_value / filled
  Quantity quantity{};    // total in force
  Quantity filled{};
  Price price{no_price};  // limit in force; no_price: a market order
  OrderStatus status{OrderStatus::pending_new};
  bool acknowledged{false};  // the venue has said anything of the order itself
  bool triggered{false};     // of a stop: it became active
  std::uint8_t pending_count{0};
  Revision live_revision{0};  // whose ClOrdID the venue knows the order by
  Revision last_revision{0};  // greatest given so far
  std::array<PendingRequest, max_pending> pending{};

  // --- requests ---
  static OrderState opened(Quantity quantity, Price price);
  bool can_request() const {
    return pending_count < max_pending && last_revision < no_revision - 1;
  }
  // Both give the request's revision. can_request() must be true; `total` > 0.
  Revision request_cancel();
  Revision request_replace(Quantity total, Price price);

  // --- reports ---
  void apply(const OrderReport& report);

  // --- what follows from them ---
  // Open at the venue, as far as it told us.
  Quantity leaves() const {
    if (is_closed(status) || filled >= quantity) return {0};
    return quantity - filled;
  }
  // The greatest total that may come to be filled: what is open now, or after any replace in
  // flight.
  Quantity worst_total() const {
    Quantity worst = filled + leaves();
    for (std::size_t i = 0; i < pending_count; ++i)
      if (pending[i].quantity > worst) worst = pending[i].quantity;
    return worst;
  }
  // The part of it that is not filled: what counts as open in limits.
  Quantity worst_open() const { return worst_total() - filled; }
  // Nothing can be filled any more but by late reports. A cancel may still wait for its refusal.
  bool finished() const { return worst_open().value <= 0; }
  bool overfilled() const { return filled > quantity; }
  bool cancel_pending() const;
  // Oldest pending request of the kind; no_revision if none.
  Revision oldest_pending(bool cancel) const;
  // The most aggressive limit in force or in flight; no_price if none.
  Price most_aggressive(Side side) const;
  Price highest_price() const { return most_aggressive(Side::buy); }

 private:
  void drop_pending(Revision revision);
  OrderStatus derived(const OrderReport& report) const;
  OrderStatus by_quantity() const;
};
static_assert(std::has_unique_object_representations_v<OrderState>,
              "snapshots are compared byte by byte");

}  // namespace zomma
