// Backtest speed: recorded order flow through sequencer, books, simulated exchange (latency,
// queues, fees), risk, portfolio and a strategy behind the plugin ABI. The tape is the carried
// Binance excerpt (perpetual and spot, BTC and ETH), decoded once and repeated in time, so that
// decoding is not measured. Reference in the same run: the same events applied to the same books
// and nothing else.
//   backtest_bench [--quick] [FOLDER WITH spot_btcusdt, usdm_btcusdt, ...]
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>

#include "base/clock.h"
#include "market/feeds/file/recorded.h"
#include "plugin/image.h"
#include "runtime/engine.h"
#include "runtime/merger.h"

using namespace zomma;
namespace fs = std::filesystem;

namespace {

std::vector<Instrument> instruments() {
  std::vector<Instrument> all;
  const auto add = [&](const char* symbol, int price_digits, int quantity_digits, std::int64_t tick,
                       double maker, double taker) {
    Instrument instrument;
    instrument.id = InstrumentId{static_cast<std::uint32_t>(all.size())};
    instrument.symbol = symbol;
    instrument.price_digits = price_digits;
    instrument.quantity_digits = quantity_digits;
    instrument.tick = {tick};
    instrument.maker_fee_bps = maker;
    instrument.taker_fee_bps = taker;
    all.push_back(instrument);
  };
  add("BTCUSDT.perp", 1, 3, 1, 2, 5);
  add("BTCUSDT.spot", 2, 5, 1, 10, 10);
  add("ETHUSDT.perp", 2, 3, 1, 2, 5);
  add("ETHUSDT.spot", 2, 4, 1, 10, 10);
  return all;
}

std::vector<zm_event> load_tape(const fs::path& folder, const std::vector<Instrument>& all) {
  FeedMerger merger;
  const char* files[] = {"usdm_btcusdt", "spot_btcusdt", "usdm_ethusdt", "spot_ethusdt"};
  for (std::uint32_t i = 0; i < 4; ++i) {
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, code)) {
      if (entry.path().filename().string().rfind(files[i], 0) != 0) continue;
      RecordedFeedOptions options;
      (void)options.symbols.add(i < 2 ? "BTCUSDT" : "ETHUSDT", all[i]);
      options.symbol = i < 2 ? "BTCUSDT" : "ETHUSDT";
      auto source = open_recorded_feed("binance", entry.path().string(), std::move(options));
      if (source) merger.add(std::move(*source), i);
    }
  }
  std::vector<zm_event> tape;
  for (;;) {
    const auto count = merger.read(tape, 4096);
    if (!count || *count == 0) break;
  }
  return tape;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

EngineSettings settings_of(const std::vector<Instrument>& all) {
  EngineSettings settings;
  settings.instruments = all;
  settings.books.assign(all.size(), BookKind::l2);
  settings.sim.feed = LatencyModel::lognormal({500'000}, {1'000'000}, 0.5, {50'000'000});
  settings.sim.order = LatencyModel::lognormal({1'000'000}, {2'000'000}, 0.5, {100'000'000});
  settings.sim.report = settings.sim.order;
  settings.sim.queue = SimQueueModel::probability;
  settings.limits.firm.max_order_notional = Money{50'000 * power_of_ten(money_digits)};
  settings.limits.firm.max_gross_notional = Money{500'000 * power_of_ten(money_digits)};
  settings.limits.firm.max_open_orders = 64;
  settings.limits.firm.collar_bps = 50;
  return settings;
}

struct Outcome {
  double events_per_second;
  std::uint64_t intents, fills;
};

Outcome run(const std::vector<zm_event>& tape, int repeats, const std::vector<Instrument>& all,
            const std::string& plugin) {
  NoLog log;
  Engine engine(settings_of(all), log);
  const std::string gen =
      (fs::temp_directory_path() / ("zomma-bench-" + std::to_string(getpid()))).string();
  for (const std::uint32_t first : {0u, 2u}) {
    if (plugin.empty()) break;
    auto image = PluginImage::load({std::string(ZOMMA_PLUGINS) + "/" + plugin + ".so", gen, ""});
    if (!image) std::fprintf(stderr, "%s\n", image.error().message.c_str()), std::exit(1);
    const zm_strategy_factory& factory = (*image)->factory();
    std::vector<std::uint32_t> ids{first};
    if (plugin == "hft_alpha") ids.push_back(first + 1);
    if (!engine.add_instance({plugin + std::to_string(first), ids, OnFault::cancel, {}}, factory,
                             std::move(*image)))
      std::exit(1);
  }
  std::vector<zm_event> chunk(1024);
  if (!engine.start(Nanoseconds{tape.front().ts_ns})) std::exit(1);
  const std::int64_t span = tape.back().ts_ns - tape.front().ts_ns + 1'000'000;
  const Nanoseconds started = monotonic_now();
  for (int repeat = 0; repeat < repeats; ++repeat) {
    for (std::size_t at = 0; at < tape.size(); at += chunk.size()) {
      const std::size_t count = std::min(chunk.size(), tape.size() - at);
      std::copy_n(tape.begin() + static_cast<std::ptrdiff_t>(at), count, chunk.begin());
      for (std::size_t i = 0; i < count; ++i) chunk[i].ts_ns += repeat * span;
      engine.process(std::span(chunk).first(count));
    }
  }
  const double seconds = static_cast<double>((monotonic_now() - started).value) * 1e-9;
  fs::remove_all(gen);
  return {static_cast<double>(tape.size()) * repeats / seconds, engine.stats().intents,
          engine.stats().fills};
}

double books_only(const std::vector<zm_event>& tape, int repeats,
                  const std::vector<Instrument>& all) {
  VenueBooks books(all, {});
  const Nanoseconds started = monotonic_now();
  for (int repeat = 0; repeat < repeats; ++repeat)
    for (const zm_event& event : tape)
      if (event.instrument < all.size()) books.book(InstrumentId{event.instrument}).apply(event);
  return static_cast<double>(tape.size()) * repeats /
         (static_cast<double>((monotonic_now() - started).value) * 1e-9);
}

}  // namespace

int main(int argc, char** argv) {
  bool quick = false;
  fs::path folder = fs::path(ZOMMA_SOURCE_DIR) / "examples" / "data" / "binance_20240808";
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0)
      quick = true;
    else
      folder = argv[i];
  }
  const auto all = instruments();
  const auto tape = load_tape(folder, all);
  if (tape.empty()) return std::fprintf(stderr, "no recording in %s\n", folder.c_str()), 1;
  const int repeats =
      std::max<int>(1, static_cast<int>((quick ? 1'000'000 : 10'000'000) / tape.size()));
  const int rounds = quick ? 1 : 5;
  std::printf("tape: %zu events of 4 instruments, %d times; median of %d\n", tape.size(), repeats,
              rounds);
  std::vector<double> reference;
  for (int i = 0; i < rounds; ++i) reference.push_back(books_only(tape, repeats, all));
  const double base = median(reference);
  std::printf("%-28s %7.2f M events/s\n", "books alone (reference)", base * 1e-6);
  for (const std::string plugin : {"", "naive_maker", "hft_alpha"}) {
    std::vector<double> speeds;
    Outcome last{};
    for (int i = 0; i < rounds; ++i)
      speeds.push_back((last = run(tape, repeats, all, plugin)).events_per_second);
    std::printf("%-28s %7.2f M events/s   ratio %.2f   %lu intents, %lu fills\n",
                plugin.empty() ? "engine, no strategy" : ("2 x " + plugin).c_str(),
                median(speeds) * 1e-6, median(speeds) / base,
                static_cast<unsigned long>(last.intents), static_cast<unsigned long>(last.fills));
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("peak memory %.0f MiB (the tape itself is %.0f MiB)\n",
              static_cast<double>(usage.ru_maxrss) / 1024,
              static_cast<double>(tape.size() * sizeof(zm_event)) / (1 << 20));
}
