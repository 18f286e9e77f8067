// A year of end-of-day chains of about 4,000 contracts through the whole host with the wheel on
// it: model, books, chain analytics, surface, strategy, orders. The reference is the same feed read
// and thrown away. Processor time of one thread; opening included, the report not.
#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <vector>

#include "runtime/assembly.h"
#include "runtime/discover.h"
#include "runtime/session.h"

using namespace zomma;

namespace {

constexpr const char* year = R"(
[run]
name = "modelled_bench"
[chains]
rates_path = "interest-rate.csv"
[[feed]]
name = "year"
format = "modelled"
path = "."
underlyings = ["SPY"]
from = 2016-01-01
to = 2016-12-31
fee_per_contract = 0.65
[feed.model]
weeklies = 6
monthlies = 4
quarterlies = 3
reach = 4.2
strike_step = 1
[plugin.wheel]
path = "wheel.so"
allow_unlisted = true
instruments = ["SPY"]
cash = 500_000
)";

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  return 1;
}

struct Feed {
  std::size_t quotes = 0, sessions = 0;
};

Result<Feed> read_alone(Config config) {
  if (const auto found = discover_contracts(config, [](const std::string&) {}); !found)
    return found.error();
  const auto source = open_feed(config, config.feeds.front());
  if (!source) return source.error();
  Feed feed;
  EventBuffer buffer(1 << 14);
  for (;;) {
    buffer.clear();
    const auto count = (*source)->read(buffer);
    if (!count) return count.error();
    if (*count == 0) return feed;
    for (const zm_event& event : buffer.events()) {
      feed.quotes += event.kind == ZM_EVENT_QUOTE && event.instrument != 0;
      feed.sessions += event.kind == ZM_EVENT_TRADE;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const ConfigResult parsed =
      parse_config(year, "bench", ZOMMA_SOURCE_DIR "/examples/data/us_daily");
  if (!parsed) return fail(format(parsed.errors));
  Config config = parsed.config;
  const auto scratch =
      std::filesystem::temp_directory_path() / ("modelled_bench." + std::to_string(getpid()));
  config.run.state_dir = scratch.string();
  Feed feed;
  std::vector<double> whole, alone;
  std::uint64_t orders = 0;
  for (int round = 0; round < (quick ? 1 : 7); ++round) {
    double start = cpu_seconds();
    const auto read = read_alone(config);
    if (!read) return fail(read.error().message);
    feed = *read;
    alone.push_back(cpu_seconds() - start);
    start = cpu_seconds();
    SessionOptions options;
    options.journal = false;
    options.plugins_dir = ZOMMA_PLUGINS;
    auto session = Session::open(config, options);
    if (!session) return fail(session.error().message);
    const auto outcome = (*session)->run();
    if (!outcome) return fail(outcome.error().message);
    whole.push_back(cpu_seconds() - start);
    orders = (*session)->engine().stats().intents;
  }
  std::filesystem::remove_all(scratch);
  std::printf(
      "wheel on a year of modelled SPY chains, %zu sessions x %zu contracts, %llu orders: %.2f s "
      "of "
      "one core; the feed alone %.2f s (ratio %.2f)\n",
      feed.sessions, feed.quotes / feed.sessions, static_cast<unsigned long long>(orders),
      median(whole), median(alone), median(whole) / median(alone));
}
