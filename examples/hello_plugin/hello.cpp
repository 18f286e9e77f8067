// hello: the smallest strategy worth reading. It buys one lot when the book leans to the buyers,
// sells one when it leans to the sellers, and never holds more than one.
#include <zomma/zomma.hpp>

struct hello : zm::strategy<hello> {
  double lean = 0.8;  // how lopsided the best quotes must be, 0..1

  static constexpr auto parameters = zm::parameters(zm::parameter<hello, double>{
      &hello::lean, "lean", "ratio", "queue imbalance that makes us trade", 0.0, 1.0});

  zm_status on_activate(zm::context& ctx) {
    if (ctx.instruments().empty()) {
      ctx.set_error("hello needs one instrument: set instruments = [\"...\"]");
      return ZM_E_ARGUMENT;
    }
    traded_ = ctx.instruments()[0];
    lot_ = ctx.instrument(traded_).lot;
    return ZM_OK;
  }

  void on_quote(const zm_event& event, zm::context& ctx) {
    if (event.instrument != traded_ || waiting_ != 0) return;
    const zm_quote& quote = event.u.quote;
    if (quote.bid_quantity <= 0 || quote.ask_quantity <= 0) return;
    const double bid = static_cast<double>(quote.bid_quantity),
                 ask = static_cast<double>(quote.ask_quantity);
    const double imbalance = (bid - ask) / (bid + ask);
    const zm_quantity held = ctx.position(traded_).quantity;
    if (imbalance > lean && held <= 0) trade(ZM_SIDE_BUY, quote.ask_price, ctx);
    if (imbalance < -lean && held >= 0) trade(ZM_SIDE_SELL, quote.bid_price, ctx);
  }

  void on_order(const zm_event& event, zm::context&) {
    const bool over = event.kind == ZM_EVENT_FILL ? event.u.fill.leaves_quantity == 0
                                                  : event.u.order_update.leaves_quantity == 0;
    if (over) waiting_ = 0;
  }

  void save(zm::writer& out) const { out.put(waiting_); }
  bool load(zm::reader& in, std::uint32_t) { return in.get(waiting_); }

 private:
  void trade(std::uint32_t side, zm_price price, zm::context& ctx) {
    waiting_ = ctx.submit(zm::limit_order(traded_, side, price, lot_, ZM_TIF_IOC))
                   .order_id;  // 0 if a check refused
  }

  std::uint32_t traded_ = ZM_NO_INSTRUMENT;
  zm_quantity lot_ = 0;
  std::uint64_t waiting_ = 0;
};

ZOMMA_STRATEGY(hello, "dev.zomma.hello", "1.0.0", 1)
