// The plugin of the worker benchmark: it notes when it heard an event, asks for a price or sends an
// order when a trade's number says so, and can be told to die.
#include <x86intrin.h>

#include <cstdlib>

#include <zomma/zomma.hpp>

struct echo : zm::strategy<echo> {
  static constexpr std::uint64_t subscribe = ZM_SUBSCRIBE_QUOTES | ZM_SUBSCRIBE_TRADES;
  std::uint64_t heard = 0;

  void on_quote(const zm_event&, zm::context&) { heard = __rdtsc(); }
  void on_trade(const zm_event& event, zm::context& ctx) {
    switch (event.u.trade.trade_id) {
      case 1:
        sum_ += ctx.best(0).bid_price;
        break;
      case 2:
        sum_ +=
            static_cast<std::int64_t>(ctx.submit(zm::limit_order(0, ZM_SIDE_BUY, 100, 1)).order_id);
        break;
      case 3:
        std::abort();
      default:
        break;
    }
  }
  // How the benchmark learns when the last quote was heard: the counter is the same on every core.
  void save(zm::writer& out) const { out.put(heard); }
  bool load(zm::reader& in, std::uint32_t) { return in.get(heard); }

 private:
  std::int64_t sum_ = 0;
};

ZOMMA_STRATEGY(echo, "bench.echo", "1.0.0", 1)
