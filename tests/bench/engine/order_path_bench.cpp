// From a strategy's decision to bytes for the gateway: the time of one context::submit call, in
// which the intent passes the pre-trade checks, becomes an order, is written to the journal on disk
// and is encoded as an OUCH 5.0 Enter Order. Prints quantiles, the number of heap allocations in
// the measured part, and the same call with the checks' work alone as reference.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <new>

#include <zomma/zomma.hpp>

#include "base/bytes.h"
#include "base/clock.h"
#include "journal/writer.h"
#include "runtime/engine.h"
#include "runtime/journal_log.h"

using namespace zomma;

namespace {
std::atomic<bool> counting{false};
std::atomic<std::uint64_t> allocations{0};
}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  if (counting.load(std::memory_order_relaxed)) allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

std::vector<std::int64_t> samples;

// Enters and cancels in turn; each call is timed from inside the strategy.
struct decider : zm::strategy<decider> {
  std::uint64_t open = 0;
  void on_quote(const zm_event& event, zm::context& ctx) {
    if (open != 0) {
      ctx.cancel(open);
      open = 0;
      return;
    }
    const auto intent = zm::limit_order(0, ZM_SIDE_BUY, event.u.quote.bid_price - 5, 1, ZM_TIF_GTC,
                                        ZM_INTENT_POST_ONLY);
    const std::int64_t before = monotonic_now().value;
    const zm_intent_result result = ctx.submit(intent);
    samples.push_back(monotonic_now().value - before);
    open = result.order_id;
  }
};
constexpr zm_desc desc{sizeof(zm_desc), 1,  "bench.decider",    "1",
                       "decider",       "", ZM_SUBSCRIBE_QUOTES};
const zm_strategy* create(const zm_host*) { return decider::create(&desc); }
constexpr zm_strategy_factory factory{sizeof(zm_strategy_factory), 0, &desc, create};

// What would leave on the wire: 47 bytes of OUCH 5.0 Enter Order (docs of the venue: type,
// reference, side, quantity, symbol, price, time in force, display, capacity, sweep, cross,
// ClOrdID, no appendage).
class OuchEncoder final : public EngineObserver {
 public:
  void on_intent(const IntentRecord& record) override {
    if (record.intent.kind != ZM_INTENT_NEW) return;
    unsigned char* at = bytes_;
    at[0] = 'O';
    store_be32(at + 1, static_cast<std::uint32_t>(record.result.order_id));
    at[5] = record.intent.side == ZM_SIDE_BUY ? 'B' : 'S';
    store_be32(at + 6, static_cast<std::uint32_t>(record.intent.quantity));
    std::memcpy(at + 10, "TEST    ", 8);
    store_be64(at + 18, static_cast<std::uint64_t>(record.intent.price));
    std::memcpy(at + 26, "0YAN", 4);
    at[30] = 'N';
    std::uint64_t id = record.result.order_id;
    for (int digit = 13; digit >= 0; --digit, id /= 10)
      at[31 + digit] = static_cast<unsigned char>('0' + id % 10);
    store_be16(at + 45, 0);
    for (const unsigned char byte : bytes_) checksum = checksum * 31 + byte;
  }
  std::uint64_t checksum = 0;

 private:
  unsigned char bytes_[47]{};
};

void print(const char* name, std::vector<std::int64_t> values) {
  std::sort(values.begin(), values.end());
  const auto at = [&](double q) {
    return static_cast<long>(
        values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))]);
  };
  std::printf("%-44s p50 %5ld ns   p90 %5ld   p99 %5ld   p99.9 %6ld   (%zu calls)\n", name, at(0.5),
              at(0.9), at(0.99), at(0.999), values.size());
}

void measure(const char* name, EngineLog& log, std::size_t orders) {
  EngineSettings settings;
  Instrument instrument;
  instrument.id = InstrumentId{0};
  instrument.symbol = "TEST";
  settings.instruments = {instrument};
  settings.limits.firm.max_order_notional = Money{1'000'000 * power_of_ten(money_digits)};
  settings.limits.firm.max_gross_notional = Money{10'000'000 * power_of_ten(money_digits)};
  settings.limits.firm.max_open_orders = 100;
  settings.limits.firm.collar_bps = 500;
  settings.limits.firm.max_daily_loss = Money{1'000'000 * power_of_ten(money_digits)};
  OuchEncoder encoder;
  Engine engine(settings, log, &encoder);
  if (!engine.add_instance({"decider", {0}, OnFault::cancel, {}}, factory, nullptr) ||
      !engine.start(Nanoseconds{1}))
    std::exit(1);
  samples.clear();
  samples.reserve(orders + 16);
  std::vector<zm_event> quotes(2);
  for (std::size_t i = 0; samples.size() < orders; ++i) {
    for (std::size_t half = 0; half < 2; ++half) {
      zm_event& event = quotes[half];
      event = {};
      event.ts_ns = static_cast<std::int64_t>(1'000'000 + (i * 2 + half) * 1000);
      event.kind = ZM_EVENT_QUOTE;
      event.flags = ZM_FLAG_LAST;
      const auto bid = static_cast<std::int64_t>(10'000 + (i + half) % 7);
      event.u.quote = {bid, bid + 2, 100, 100};
    }
    if (i == 1000) counting = true;  // pools are warm
    engine.process(quotes);
  }
  counting = false;
  print(name, {samples.begin() + 1000, samples.end()});
  if (encoder.checksum == 0) std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const std::size_t orders = quick ? 20'000 : 400'000;
  std::vector<std::int64_t> clock_cost;
  for (int i = 0; i < 10'000; ++i) {
    const std::int64_t before = monotonic_now().value;
    clock_cost.push_back(monotonic_now().value - before);
  }
  print("two clock readings (in every figure)", clock_cost);
  NoLog nothing;
  measure("checks, order, encoding, no journal", nothing, orders);
  const auto folder =
      std::filesystem::temp_directory_path() / ("zomma-order-path-" + std::to_string(getpid()));
  {
    auto writer = JournalWriter::open(folder.string());
    if (!writer) return std::fprintf(stderr, "%s\n", writer.error().message.c_str()), 1;
    JournalLog journal(**writer);
    allocations = 0;
    measure("checks, order, journal, encoding", journal, orders);
  }
  std::filesystem::remove_all(folder);
  std::printf("heap allocations in the measured part with a journal, both threads: %lu\n",
              static_cast<unsigned long>(allocations.load()));
}
