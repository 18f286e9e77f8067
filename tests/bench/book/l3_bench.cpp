// How many messages a second the L3 books take: 128 symbols over a million live orders, and one
// symbol alone, with a visitor that looks at every change, beside a textbook book on the same tape
// in the same run. Times are the thread's CPU time, so that neighbours on a shared machine do not
// count twice.
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>

#include "bench/book/tape.h"
#include "bench/book/textbook_book.h"
#include "market/book/itch_source.h"
#include "market/book/l3_market.h"

namespace {

using namespace zomma;

// Looks at every change, so that none can be left out, and counts.
struct Listener {
  std::uint64_t orders = 0, levels = 0, tops = 0, sum = 0;
  void on_order(const OrderChange& change) {
    ++orders;
    sum += change.ref ^ static_cast<std::uint64_t>(change.quantity.value);
  }
  void on_level(const LevelChange& change) {
    ++levels;
    sum += static_cast<std::uint64_t>(change.level.price.value + change.level.quantity.value);
  }
  void on_top(const TopChange& change) {
    ++tops;
    sum += static_cast<std::uint64_t>(change.best.quantity.value);
  }
  std::uint64_t updates() const { return orders + levels + tops; }
};

struct TextbookListener final : bench::TextbookHandler {
  std::uint64_t count = 0, sum = 0;
  void on_order(std::uint32_t, std::uint64_t ref, std::int64_t quantity, std::int64_t) override {
    ++count;
    sum += ref ^ static_cast<std::uint64_t>(quantity);
  }
  void on_level(std::uint32_t, std::int64_t price, std::int64_t quantity) override {
    ++count;
    sum += static_cast<std::uint64_t>(price + quantity);
  }
  void on_top(std::uint32_t, std::int64_t, std::int64_t quantity) override {
    ++count;
    sum += static_cast<std::uint64_t>(quantity);
  }
};

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double resident_mb() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

struct Figure {
  std::vector<double> seconds;  // of each repeat
  double resident = 0;          // MB that the books took
  std::size_t live = 0;
  std::uint64_t updates = 0, sum = 0;

  double median() {
    std::sort(seconds.begin(), seconds.end());
    return seconds[seconds.size() / 2];
  }
  double rate(std::size_t messages) { return static_cast<double>(messages) / median() / 1e6; }
};

// Times `apply(market, listener)` on fresh books.
template <class Apply>
void measure(Figure& figure, std::uint32_t symbols, int passes, Apply&& apply) {
  const double before = resident_mb();
  L3Config config;
  config.expected_orders = std::size_t{symbols} * 12'000;
  config.populate = true;
  L3Market market(config);
  for (std::uint32_t locate = 1; locate <= symbols; ++locate) {
    if (!market.add_instrument({locate}, {100})) std::abort();
  }
  Listener listener;
  double best = 1e9;
  for (int pass = 0; pass < passes; ++pass) {
    for (std::uint32_t locate = 1; locate <= symbols; ++locate) market.book({locate}).clear();
    listener = {};
    const double start = cpu_seconds();
    apply(market, listener);
    best = std::min(best, cpu_seconds() - start);
  }
  figure.seconds.push_back(best);
  figure.resident = std::max(figure.resident, resident_mb() - before);
  figure.live = market.order_count();
  figure.updates = listener.updates();
  figure.sum = listener.sum;
}

void direct(const bench::Tape& tape, L3Market& market, Listener& listener) {
  ItchSource source(tape.bytes);
  market.drain(source, listener);
}

// As a feed does it: bytes to 64-byte events, a packet's worth at a time, then the books.
void through_events(const bench::Tape& tape, L3Market& market, Listener& listener, bool batched) {
  constexpr std::size_t packet = 256;
  static zm_event events[packet];
  ItchSource source(tape.bytes);
  while (true) {
    std::size_t count = 0;
    L3Market::Operation operation;
    for (; count < packet && source.next(operation); ++count) {
      zm_event& event = events[count];
      event.instrument = operation.instrument;
      event.kind = operation.kind;
      event.flags = static_cast<std::uint16_t>(ZM_FLAG_LAST |
                                               (operation.side == Side::sell ? ZM_FLAG_SELL : 0));
      if (operation.kind == ZM_EVENT_ORDER_REPLACE) {
        event.u.replace = {operation.ref, operation.new_ref, operation.price, operation.quantity};
      } else {
        event.u.order = {operation.ref, operation.price, operation.quantity, 0};
      }
    }
    if (count == 0) return;
    if (batched) {
      market.apply(std::span<const zm_event>(events, count), listener);
    } else {
      for (std::size_t i = 0; i < count; ++i) market.apply(events[i], listener);
    }
  }
}

void textbook(const bench::Tape& tape, std::uint32_t symbols, int passes, Figure& figure) {
  const double before = resident_mb();
  TextbookListener listener;
  double best = 1e9;
  for (int pass = 0; pass < passes; ++pass) {
    bench::TextbookMarket market(symbols, listener);
    const double start = cpu_seconds();
    for (std::size_t at = 0; at < tape.bytes.size(); at += 2 + load_be16(&tape.bytes[at]))
      market.apply(&tape.bytes[at + 2]);
    best = std::min(best, cpu_seconds() - start);
    figure.live = market.order_count();
    figure.resident = std::max(figure.resident, resident_mb() - before);
  }
  figure.seconds.push_back(best);
  figure.updates = listener.count / static_cast<std::uint64_t>(passes);
}

void print(const char* name, Figure& figure, std::size_t messages, double reference) {
  const double rate = figure.rate(messages);
  std::printf("  %-34s %7.2f M msg/s  %6.1f ns/msg  best %7.2f  worst %7.2f  %6.0f MB  %5.2fx\n",
              name, rate, 1e3 / rate, static_cast<double>(messages) / figure.seconds.front() / 1e6,
              static_cast<double>(messages) / figure.seconds.back() / 1e6, figure.resident,
              rate / reference);
}

void compare(const char* title, const bench::TapeConfig& config, int repeats, int passes) {
  const bench::Tape tape = bench::make_tape(config);
  std::printf("%s: %zu messages, %zu MB, %u symbols, %zu live orders at the end, %s flow (%s)\n",
              title, tape.messages, tape.bytes.size() / 1'000'000, config.symbols, tape.live_orders,
              tape.real ? "recorded" : "SYNTHETIC", tape.mix.c_str());
  Figure bytes, batched, single, reference;
  for (int i = 0; i < repeats; ++i) {
    measure(bytes, config.symbols, passes, [&](L3Market& m, Listener& l) { direct(tape, m, l); });
    measure(batched, config.symbols, passes,
            [&](L3Market& m, Listener& l) { through_events(tape, m, l, true); });
    measure(single, config.symbols, passes,
            [&](L3Market& m, Listener& l) { through_events(tape, m, l, false); });
    textbook(tape, config.symbols, passes, reference);
  }
  const double base = reference.rate(tape.messages);
  print("ITCH bytes to books", bytes, tape.messages, base);
  print("decode to events, books by batch", batched, tape.messages, base);
  print("decode to events, one at a time", single, tape.messages, base);
  print("textbook (map, list, unordered_map)", reference, tape.messages, base);
  std::printf("  %.1f M updates heard per pass; live orders %zu, textbook %zu; median of %d, %s\n",
              static_cast<double>(bytes.updates) / 1e6, bytes.live, reference.live, repeats,
              bytes.live == tape.live_orders && bytes.live == reference.live &&
                      bytes.sum == batched.sum && bytes.sum == single.sum
                  ? "all agree"
                  : "THEY DISAGREE");
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  bench::TapeConfig many;
  if (quick) many.messages = 500'000, many.resting_per_symbol = 1'000;
  compare("L3, many symbols", many, quick ? 1 : 5, 1);
  bench::TapeConfig one;
  one.symbols = 1;
  one.messages = 59'600;
  one.resting_per_symbol = 11'250;
  compare("L3, one symbol", one, quick ? 1 : 5, quick ? 3 : 20);
}
