// How many commands a second the matching engine takes, beside a textbook exchange (maps of prices,
// lists of orders, a hash table) on the same commands in the same run. Both write every event; the
// two streams must be equal, byte for byte. Times are the thread's CPU time, so that neighbours on
// a shared machine do not count; hashing is not timed.
#include <time.h>

#include <cstdio>
#include <cstring>

#include "base/crc32c.h"
#include "bench/matching/workload.h"
#include "host/matching/textbook_exchange.h"
#include "matching/engine.h"

namespace {

using namespace zomma;
using bench::Command;

constexpr std::size_t chunk = 8192;  // commands between two looks at the clock
constexpr std::uint64_t seed = 23;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Digest {
  std::uint32_t crc = 0;
  std::uint64_t events = 0, fills = 0, refused = 0;
  void add(std::span<const matching::MatchEvent> batch) {
    crc = crc32c(batch.data(), batch.size_bytes(), crc);
    events += batch.size();
    for (const matching::MatchEvent& event : batch) {
      fills += event.kind == ZM_EVENT_FILL;
      refused += event.kind == ZM_EVENT_REJECTED || event.kind == ZM_EVENT_CANCEL_REJECTED ||
                 event.kind == ZM_EVENT_REPLACE_REJECTED;
    }
  }
  bool operator==(const Digest&) const = default;
};

struct Run {
  double seconds = 0;
  Digest digest;
  std::uint64_t resting = 0;  // live orders, the mean over the run
};

Run run_engine(const bench::Workload& workload, const std::vector<Command>& commands) {
  matching::Engine engine(workload.live * 2);
  for (std::uint32_t id = 0; id < workload.instruments; ++id) {
    if (!engine.add_instrument({id})) std::abort();
  }
  matching::EventBatch batch(chunk * 4);
  Run run;
  for (std::size_t at = 0; at < commands.size(); at += chunk) {
    const std::size_t end = std::min(at + chunk, commands.size());
    batch.clear();
    const double start = cpu_seconds();
    for (std::size_t i = at; i < end; ++i) {
      const matching::NewOrder& order = commands[i].order;
      switch (commands[i].action) {
        case Command::submit:
          engine.submit(order, batch);
          break;
        case Command::cancel:
          engine.cancel(order.id, batch);
          break;
        case Command::replace:
          engine.replace(order.id, order.price, order.quantity, batch);
          break;
      }
    }
    run.seconds += cpu_seconds() - start;
    run.digest.add(batch.events());
    run.resting += engine.order_count();
  }
  run.resting /= (commands.size() + chunk - 1) / chunk;
  return run;
}

Run run_textbook(const bench::Workload& workload, const std::vector<Command>& commands) {
  test::TextbookExchange exchange;
  for (std::uint32_t id = 0; id < workload.instruments; ++id) exchange.add_instrument({id}, 1, 1);
  exchange.events.reserve(chunk * 4);
  Run run;
  for (std::size_t at = 0; at < commands.size(); at += chunk) {
    const std::size_t end = std::min(at + chunk, commands.size());
    exchange.events.clear();
    const double start = cpu_seconds();
    for (std::size_t i = at; i < end; ++i) {
      const matching::NewOrder& order = commands[i].order;
      switch (commands[i].action) {
        case Command::submit:
          exchange.submit(order);
          break;
        case Command::cancel:
          exchange.cancel(order.id);
          break;
        case Command::replace:
          exchange.replace(order.id, order.price, order.quantity);
          break;
      }
    }
    run.seconds += cpu_seconds() - start;
    run.digest.add(exchange.events);
  }
  return run;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Comparison {
  double engine = 0, textbook = 0, ratio = 0;  // million commands a second; medians
  bool equal = true;                           // of every repeat of both
  Digest digest;
  std::uint64_t resting = 0;
};

// The two take turns, and the ratio is the median of the pairs: a neighbour who comes and goes on a
// shared machine then slows both.
Comparison compare(const bench::Workload& workload, const std::vector<Command>& commands,
                   int repeats) {
  const double millions = static_cast<double>(commands.size()) * 1e-6;
  std::vector<double> engine, textbook, ratio;
  Comparison out;
  for (int i = 0; i < repeats; ++i) {
    const Run ours = run_engine(workload, commands);
    const Run theirs = run_textbook(workload, commands);
    if (i == 0) out.digest = ours.digest;
    out.resting = ours.resting;
    out.equal = out.equal && ours.digest == out.digest && theirs.digest == out.digest;
    engine.push_back(millions / ours.seconds);
    textbook.push_back(millions / theirs.seconds);
    ratio.push_back(theirs.seconds / ours.seconds);
  }
  out.engine = median(engine);
  out.textbook = median(textbook);
  out.ratio = median(ratio);
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const std::size_t count = quick ? 200'000 : 2'000'000;
  const int repeats = quick ? 3 : 5;
  std::printf("matching engine: %zu commands a workload, seed %llu, median of %d\n", count,
              static_cast<unsigned long long>(seed), repeats);
  std::printf("%-12s %8s %9s %9s %9s %11s %13s %6s  %s\n", "workload", "resting", "events", "fills",
              "refused", "engine M/s", "textbook M/s", "ratio", "events equal");
  bool equal = true;
  double slowest = 1e9;
  for (const bench::Workload& workload : bench::workloads()) {
    const std::vector<Command> commands = bench::Flow(workload, count, seed).generate();
    const Comparison found = compare(workload, commands, repeats);
    equal = equal && found.equal;
    slowest = std::min(slowest, found.engine);
    std::printf("%-12s %8llu %9llu %9llu %9llu %11.2f %13.2f %6.2f  %s %08x\n",
                workload.name.c_str(), static_cast<unsigned long long>(found.resting),
                static_cast<unsigned long long>(found.digest.events),
                static_cast<unsigned long long>(found.digest.fills),
                static_cast<unsigned long long>(found.digest.refused), found.engine, found.textbook,
                found.ratio, found.equal ? "yes" : "NO", found.digest.crc);
  }
  std::printf("slowest workload: %.2f M commands/s\n", slowest);
  return equal ? 0 : 1;
}
