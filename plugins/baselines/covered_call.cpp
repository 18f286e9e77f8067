// covered_call: holds each underlying for its share of the capital in whole hundreds and sells the
// next month's call at or just above the price against all of it, again when the last one is gone.
// After Cboe's BXM, with contracts that deliver: shares that were called away are bought again.
#include "baseline.h"

struct covered_call : baselines::Strategy<covered_call> {
  void work(baselines::Desk& desk, const options::Columns& columns, zm::context& ctx) {
    if (baselines::waits(desk, ctx)) return;
    const std::int64_t lots = baselines::held(ctx, desk.underlying()) / 100;
    if (lots == 0)
      baselines::trade(ctx, desk.underlying(),
                       baselines::missing_shares(desk, columns, underlyings(), ctx));
    else
      baselines::sell_month(desk, columns, false, lots, ctx);
  }
};

ZOMMA_STRATEGY(covered_call, "dev.zomma.covered_call", "1.0.0", 1)
