// A year of end-of-day chains through the wheel: what its own thinking costs, beside one plain pass
// that prices the same contracts once (Black's formula with std::erfc). Processor time of the
// plugin's hooks; the toy host is not counted.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

#include "../../../plugins/options/columns.h"
#include "bench/kernels_european/median.h"
#include "wheel/toy_host.h"

namespace {

constexpr std::uint32_t first_day = 20240102;
constexpr int days = 252, expiries = 19;

struct Run {
  double plugin_s = 0, contracts = 0, priced_s = 0, orders = 0;
};

double price_once(const toy::Chain& chain) {
  double sum = 0;
  for (const zm_chain_expiry& e : chain.expiries) {
    for (std::uint32_t i = e.first; i < e.first + e.count; ++i) {
      sum += options::black(e.forward, chain.strike[i], chain.implied_vol[i], e.years,
                            (chain.contracts[i].flags & ZM_CONTRACT_PUT) != 0);
    }
  }
  return sum;
}

// `searching`: nothing is ever good enough, so every day is a whole search over every structure.
Run year(bool searching) {
  toy::Host host(ZOMMA_WHEEL_PLUGIN);
  const std::uint32_t stock = host.add_stock("ACME", 100, 0.30);
  for (int month = 1; month <= expiries; ++month)
    host.add_expiry(stock, toy::date_after(first_day, 30 * month), 20, 179.5, 1.0);
  host.start(first_day, 1e6,
             {{"sell_put_spreads", 1},
              {"sell_collars", 1},
              {"roll_at_days", 5},
              {"min_expected_yield", searching ? 100 : 0}});
  Run run;
  std::uint32_t date = first_day;
  volatile double kept = 0;
  for (int day = 0; day < days; ++day) {
    host.set_spot(stock, 100 + 15 * std::sin(0.11 * day) + 4 * std::sin(1.7 * day));
    host.open_day(date);
    date = toy::date_after(date, day % 5 == 4 ? 3 : 1);
    run.contracts += static_cast<double>(host.chain(stock).contracts.size());
    run.priced_s +=
        zomma::bench::median_seconds(1, [&] { kept = kept + price_once(host.chain(stock)); });
  }
  run.plugin_s = host.busy_s;
  run.orders = static_cast<double>(host.orders.size());
  return run;
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  for (const bool searching : {false, true}) {
    std::vector<Run> runs;
    for (int i = 0; i < (quick ? 1 : 7); ++i) runs.push_back(year(searching));
    const auto median = [&](auto value) {
      std::vector<double> sorted;
      for (const Run& run : runs) sorted.push_back(value(run));
      std::sort(sorted.begin(), sorted.end());
      return sorted[sorted.size() / 2];
    };
    const double plugin = median([](const Run&r) { return r.plugin_s; }),
                 priced = median([](const Run&r) { return r.priced_s; });
    std::printf(
        "wheel, %s, %d days x %.0f contracts, %.0f orders: %.3f s in the plugin; pricing each "
        "contract once: %.3f s; ratio %.2f\n",
        searching ? "searching every day" : "trading", days, runs[0].contracts / days,
        runs[0].orders, plugin, priced, plugin / priced);
  }
  return 0;
}
