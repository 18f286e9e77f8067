// @NAME@: buys one lot when the best quotes lean to the buyers, sells one when they lean to the sellers.
#include <zomma/zomma.hpp>

struct @NAME@ : zm::strategy<@NAME@> {
  double threshold = 0.9;
  static constexpr auto parameters = zm::parameters(zm::parameter<@NAME@, double>{
      &@NAME@::threshold, "threshold", "ratio", "queue imbalance that makes us trade", 0.0, 1.0});

  zm_status on_activate(zm::context& ctx) {
    if (ctx.instruments().empty()) {
      ctx.set_error("@NAME@ trades one instrument: set instruments = [\"...\"] in plugin.toml");
      return ZM_E_ARGUMENT;
    }
    traded_ = ctx.instruments()[0];
    lot_ = ctx.instrument(traded_).lot;
    return ZM_OK;
  }

  // Each time the best bid or ask has moved. Prices and quantities are integers.
  void on_quote(const zm_event& event, zm::context& ctx) {
    const zm_quote& quote = event.u.quote;
    if (event.instrument != traded_ || kept_.working != 0) return;
    if (quote.bid_quantity <= 0 || quote.ask_quantity <= 0) return;
    const double bid = double(quote.bid_quantity), ask = double(quote.ask_quantity);
    const double imbalance = (bid - ask) / (bid + ask);
    const zm_quantity held = ctx.position(traded_).quantity;
    if (imbalance > threshold && held <= 0) trade(ZM_SIDE_BUY, quote.ask_price, ctx);
    if (imbalance < -threshold && held >= 0) trade(ZM_SIDE_SELL, quote.bid_price, ctx);
  }

  // Everything that happens to an order of ours.
  void on_order(const zm_event& event, zm::context&) {
    const bool fill = event.kind == ZM_EVENT_FILL;
    kept_.fills += fill;
    if ((fill ? event.u.fill.leaves_quantity : event.u.order_update.leaves_quantity) == 0) kept_.working = 0;
  }

  // What must survive a reload or a crash. Orders and positions are the host's: they survive by themselves.
  void save(zm::writer& out) const { out.put(kept_); }
  bool load(zm::reader& in, std::uint32_t) { return in.get(kept_); }

 private:
  void trade(std::uint32_t side, zm_price price, zm::context& ctx) {
    const auto answer = ctx.submit(zm::limit_order(traded_, side, price, lot_, ZM_TIF_IOC));
    kept_.working = answer.order_id;  // 0 if a risk check refused it
  }

  std::uint32_t traded_ = ZM_NO_INSTRUMENT;
  zm_quantity lot_ = 0;
  struct kept { std::uint64_t working = 0, fills = 0; } kept_;
};

ZOMMA_STRATEGY(@NAME@, "com.example.@NAME@", "0.1.0", 1)
