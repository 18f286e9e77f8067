// No sin: it hears everything, checks that its stream is contiguous and in time order, quotes one
// lot on both sides and moves its quotes with the market, so that a run of it exercises new,
// replace, cancel, fills, timers and saved state.
#include <stdexcept>

#include <zomma/zomma.hpp>

struct witness : zm::strategy<witness> {
  static constexpr std::uint64_t subscribe =
      ZM_SUBSCRIBE_QUOTES | ZM_SUBSCRIBE_TRADES | ZM_SUBSCRIBE_BOOK | ZM_SUBSCRIBE_STATE;
  std::int64_t patience = 3;
  static constexpr auto parameters = zm::parameters(zm::parameter<witness, std::int64_t>{
      &witness::patience, "patience", "quotes", "quotes between two moves", 1, 1000});

  zm_status on_activate(zm::context& ctx) {
    id_ = ctx.instruments()[0];
    lot_ = ctx.instrument(id_).lot;
    tick_ = ctx.instrument(id_).tick;
    pulse_ = ctx.declare("pulse", "ratio", ZM_METRIC_SIGNAL);
    return ZM_OK;
  }
  void on_quote(const zm_event& event, zm::context& ctx) {
    hear(event);
    if (event.instrument != id_ || event.u.quote.bid_price == ZM_NO_PRICE ||
        event.u.quote.ask_price == ZM_NO_PRICE)
      return;
    ctx.signal(pulse_, id_, static_cast<double>(event.u.quote.bid_quantity % 7) - 3.0);
    if (++quotes_ % static_cast<std::uint64_t>(patience) != 0) return;
    move(0, ZM_SIDE_BUY, event.u.quote.bid_price, ctx);
    move(1, ZM_SIDE_SELL, event.u.quote.ask_price, ctx);
    if (quotes_ % 50 == 0) ctx.arm(event.ts_ns + 1'000'000, quotes_);
    if (quotes_ % 64 == 0) ctx.cancel_all();
  }
  void on_trade(const zm_event& event, zm::context&) { hear(event); }
  void on_book(const zm_event& event, zm::context&) { hear(event); }
  void on_state(const zm_event& event, zm::context&) { hear(event); }
  void on_timer(const zm_event& event, zm::context& ctx) {
    hear(event);
    ctx.submit(
        zm::market_order(id_, event.u.timer.cookie % 100 == 0 ? ZM_SIDE_BUY : ZM_SIDE_SELL, lot_));
  }
  void on_order(const zm_event& event, zm::context&) {
    hear(event);
    for (auto& order : orders_) {
      if (order != event.u.fill.order_id) continue;
      const auto leaves = event.kind == ZM_EVENT_FILL ? event.u.fill.leaves_quantity
                                                      : event.u.order_update.leaves_quantity;
      if (leaves == 0 && event.kind != ZM_EVENT_CANCEL_REJECTED &&
          event.kind != ZM_EVENT_REPLACE_REJECTED)
        order = 0;
    }
  }
  void on_parameter(std::uint32_t, zm::context&) { ++last_seq_known_; }

  void save(zm::writer& out) const {
    out.put(last_seq_);
    out.put(last_ts_);
    out.put(quotes_);
    out.put(orders_[0]);
    out.put(orders_[1]);
    out.put(patience);
  }
  bool load(zm::reader& in, std::uint32_t) {
    return in.get(last_seq_) && in.get(last_ts_) && in.get(quotes_) && in.get(orders_[0]) &&
           in.get(orders_[1]) && in.get(patience);
  }

 private:
  void hear(const zm_event& event) {
    if (last_seq_ != 0 && event.seq <= last_seq_) throw std::runtime_error("the stream went back");
    if (event.ts_ns < last_ts_) throw std::runtime_error("time went back");
    last_seq_ = event.seq;
    last_ts_ = event.ts_ns;
  }
  void move(int slot, std::uint32_t side, zm_price price, zm::context& ctx) {
    if (orders_[slot] == 0) {
      orders_[slot] =
          ctx.submit(zm::limit_order(id_, side, price, lot_ * 2, ZM_TIF_GTC, ZM_INTENT_POST_ONLY))
              .order_id;
    } else if (quotes_ % 5 == 0) {
      ctx.cancel(orders_[slot]);
    } else {
      ctx.submit(zm::replace_order(orders_[slot], price, lot_ * 2));
    }
  }

  std::uint32_t id_ = ZM_NO_INSTRUMENT, pulse_ = 0;
  zm_quantity lot_ = 1;
  zm_price tick_ = 1;
  std::uint64_t quotes_ = 0, last_seq_ = 0, last_seq_known_ = 0, orders_[2] = {0, 0};
  std::int64_t last_ts_ = 0;
};

ZOMMA_STRATEGY(witness, "test.witness", "1.0.0", 1)
