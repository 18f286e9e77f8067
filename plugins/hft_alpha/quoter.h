// quoter.h: two working orders, one a side, moved with as few messages as the venue's answers
// allow.
#pragma once

#include <zomma/zomma.hpp>

#include <cstdint>

namespace hft {

struct WorkingOrder {
  std::uint64_t id = 0;
  zm_price price = 0;
  zm_quantity leaves = 0;
  bool waiting = false;  // the venue has not answered the last request
};

class Quoter {
 public:
  // What should work on this side; quantity 0 = nothing.
  void want(std::uint32_t instrument, std::uint32_t side, zm_price price, zm_quantity quantity,
            zm_price tolerance, zm::context& ctx) {
    WorkingOrder& order = orders_[side];
    if (order.waiting) return;
    if (order.id == 0) {
      if (quantity <= 0) return;
      const auto result = ctx.submit(
          zm::limit_order(instrument, side, price, quantity, ZM_TIF_GTC, ZM_INTENT_POST_ONLY));
      if (result.status == ZM_OK) order = {result.order_id, price, quantity, true};
      return;
    }
    if (quantity <= 0) {
      if (ctx.cancel(order.id).status == ZM_OK) order.waiting = true;
      return;
    }
    const zm_price distance = price > order.price ? price - order.price : order.price - price;
    if (distance <= tolerance) return;
    // Cancel, and enter again when it is confirmed: a replaced order would lose its place just the
    // same.
    if (ctx.cancel(order.id).status == ZM_OK) order.waiting = true;
  }

  void on_order(const zm_event& event) {
    for (WorkingOrder& order : orders_) {
      if (order.id == 0 || order.id != event.u.order_update.order_id) continue;
      order.waiting = order.waiting && event.kind == ZM_EVENT_FILL;
      order.leaves = event.kind == ZM_EVENT_FILL ? event.u.fill.leaves_quantity
                                                 : event.u.order_update.leaves_quantity;
      if (order.leaves == 0) order = {};
    }
  }

  const WorkingOrder& order(std::uint32_t side) const { return orders_[side]; }

 private:
  WorkingOrder orders_[2];
};

}  // namespace hft
