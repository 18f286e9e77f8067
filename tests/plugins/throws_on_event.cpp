// Its sin: an exception leaves a hook on the third event it hears.
#include <zomma/zomma.hpp>

#include <stdexcept>

struct throws_on_event : zm::strategy<throws_on_event> {
  int heard = 0;
  void on_quote(const zm_event&, zm::context& ctx) {
    if (heard == 0) {  // leaves an order behind, for the host to take care of
      const zm_quote best = ctx.best(ctx.instruments()[0]);
      ctx.submit(zm::limit_order(ctx.instruments()[0], ZM_SIDE_BUY, best.bid_price,
                                 ctx.instrument(ctx.instruments()[0]).lot));
    }
    if (++heard == 3) throw std::runtime_error("the third quote was too much");
  }
};

ZOMMA_STRATEGY(throws_on_event, "test.throws_on_event", "1.0.0", 1)
