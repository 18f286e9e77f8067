// buy_and_hold: buys each underlying for its share of the capital once, in whole hundreds, and
// keeps it.
#include "baseline.h"

struct buy_and_hold : baselines::Strategy<buy_and_hold> {
  void work(baselines::Desk& desk, const options::Columns& columns, zm::context& ctx) {
    if (baselines::held(ctx, desk.underlying()) != 0) return;
    baselines::trade(ctx, desk.underlying(),
                     baselines::missing_shares(desk, columns, underlyings(), ctx));
  }
};

ZOMMA_STRATEGY(buy_and_hold, "dev.zomma.buy_and_hold", "1.0.0", 1)
