// put_write: sells the next month's put at or just below the price, as many as its share of the
// capital can pay for, again when the last ones are gone. After Cboe's PUT, with contracts that
// deliver: shares that were put to it are sold at once.
#include "baseline.h"

struct put_write : baselines::Strategy<put_write> {
  void work(baselines::Desk& desk, const options::Columns& columns, zm::context& ctx) {
    const std::int64_t shares = baselines::held(ctx, desk.underlying());
    if (shares > 0) baselines::trade(ctx, desk.underlying(), -shares);
    if (baselines::waits(desk, ctx)) return;
    const double secured = 100 * columns.chain->spot;
    baselines::sell_month(
        desk, columns, true,
        static_cast<std::int64_t>(baselines::budget(ctx, underlyings()) / secured), ctx);
  }
};

ZOMMA_STRATEGY(put_write, "dev.zomma.put_write", "1.0.0", 1)
