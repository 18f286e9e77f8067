// naive_maker: the baseline that every market-making idea must beat: always one order at the best
// bid and one at the best ask, moved when the market moves, stopped at an inventory limit. It
// thinks nothing.
#include <zomma/zomma.hpp>

#include <algorithm>
#include <cmath>

struct naive_maker : zm::strategy<naive_maker> {
  static constexpr std::uint64_t subscribe = ZM_SUBSCRIBE_QUOTES | ZM_SUBSCRIBE_STATE;
  double order_notional = 2000, max_inventory_notional = 10000;
  static constexpr auto parameters = zm::parameters(
      zm::parameter<naive_maker, double>{&naive_maker::order_notional, "order_notional", "money",
                                         "value of one order", 1, 1e9},
      zm::parameter<naive_maker, double>{&naive_maker::max_inventory_notional,
                                         "max_inventory_notional", "money",
                                         "largest position, either way", 1, 1e10});

  zm_status on_activate(zm::context& ctx) {
    if (ctx.instruments().empty()) {
      ctx.set_error("naive_maker needs an instrument");
      return ZM_E_ARGUMENT;
    }
    traded_ = ctx.instruments()[0];
    const zm_instrument info = ctx.instrument(traded_);
    lot_ = info.lot;
    unit_ = std::pow(10.0, -static_cast<double>(info.price_digits + info.quantity_digits)) *
            static_cast<double>(info.multiplier);
    return ZM_OK;
  }

  void on_quote(const zm_event& event, zm::context& ctx) {
    if (event.instrument != traded_) return;
    const zm_quote& best = event.u.quote;
    if (best.bid_price == ZM_NO_PRICE || best.ask_price == ZM_NO_PRICE ||
        best.bid_price >= best.ask_price)
      return;
    const zm_quantity held = ctx.position(traded_).quantity;
    work(0, ZM_SIDE_BUY, best.bid_price,
         quantity_for(max_inventory_notional, best.bid_price) - held, ctx);
    work(1, ZM_SIDE_SELL, best.ask_price,
         quantity_for(max_inventory_notional, best.ask_price) + held, ctx);
  }

  void on_order(const zm_event& event, zm::context&) {
    for (Order& order : orders_) {
      if (order.id == 0 || order.id != event.u.order_update.order_id) continue;
      const bool fill = event.kind == ZM_EVENT_FILL;
      if (!fill) order.waiting = false;
      if ((fill ? event.u.fill.leaves_quantity : event.u.order_update.leaves_quantity) == 0)
        order = {};
    }
  }

  void save(zm::writer& out) const { out.put(orders_); }
  bool load(zm::reader& in, std::uint32_t) { return in.get(orders_); }

 private:
  struct Order {
    std::uint64_t id = 0;
    zm_price price = 0;
    bool waiting = false;
  };

  zm_quantity quantity_for(double notional, zm_price price) const {
    const double lots = notional / (static_cast<double>(price) * unit_ * static_cast<double>(lot_));
    return static_cast<zm_quantity>(std::max(1.0, std::floor(lots))) * lot_;
  }

  void work(int slot, std::uint32_t side, zm_price price, zm_quantity room, zm::context& ctx) {
    Order& order = orders_[slot];
    if (order.waiting) return;
    const zm_quantity size = std::min(quantity_for(order_notional, price), room) / lot_ * lot_;
    if (order.id == 0) {
      if (size <= 0) return;
      const auto result =
          ctx.submit(zm::limit_order(traded_, side, price, size, ZM_TIF_GTC, ZM_INTENT_POST_ONLY));
      if (result.status == ZM_OK) order = {result.order_id, price, true};
    } else if (order.price != price || size <= 0) {
      if (ctx.cancel(order.id).status == ZM_OK) order.waiting = true;
    }
  }

  std::uint32_t traded_ = ZM_NO_INSTRUMENT;
  zm_quantity lot_ = 1;
  double unit_ = 1;
  Order orders_[2];
};

ZOMMA_STRATEGY(naive_maker, "dev.zomma.naive_maker", "1.0.0", 1)
