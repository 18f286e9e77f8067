// bus_bench: events per second through the shared-memory bus to one and to four readers, and the
// time of one hop. References of the same run: a queue under a mutex with a condition variable, and
// the same copies within one thread. Readers are threads with mappings of their own, as processes
// would have. Usage: bus_bench [--quick]
#include <sched.h>
#include <unistd.h>
#include <x86intrin.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/types.h"
#include "market/bus/shared_bus.h"

namespace zomma {
namespace {

constexpr std::size_t batch_size = 64;
constexpr int repeats = 5;

double seconds_since(Nanoseconds start) {
  return static_cast<double>((monotonic_now() - start).value) * 1e-9;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double median_of(const std::function<double()>& measure) {
  std::vector<double> values;
  for (int i = 0; i < repeats; ++i) values.push_back(measure());
  return median(std::move(values));
}

void pin(unsigned core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core % std::thread::hardware_concurrency(), &set);
  sched_setaffinity(0, sizeof set, &set);
}

std::string bus_name() { return "/zomma_bench_" + std::to_string(getpid()); }

struct alignas(128) Progress {
  std::atomic<std::uint64_t> seq{0};
};

void renumber(std::vector<zm_event>& batch, std::uint64_t first) {
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i].seq = first + i;
}

struct Outcome {
  double events_per_second;  // to each reader, the slowest one
  double missed_share;
};

// `lossless`: the bench, not the bus, holds the producer back, so that nothing is missed.
Outcome run(std::size_t readers, std::uint64_t total, std::size_t capacity, bool lossless) {
  auto bus = BusWriter::create(bus_name(), capacity);
  if (!bus) {
    std::fprintf(stderr, "%s\n", bus.error().message.c_str());
    std::exit(1);
  }
  std::vector<Progress> progress(readers);
  std::vector<std::uint64_t> missed(readers), checksums(readers);
  std::atomic<std::size_t> ready{0};
  std::vector<std::thread> threads;
  const bool shared_cores = readers + 1 > std::thread::hardware_concurrency();
  for (std::size_t r = 0; r < readers; ++r) {
    threads.emplace_back([&, r] {
      if (!shared_cores) pin(static_cast<unsigned>(r + 1));
      auto reader = BusReader::open(bus_name(), BusReader::From::oldest);
      std::vector<zm_event> out(256);
      ++ready;
      std::uint64_t sum = 0;
      while (reader->next_seq() <= total) {
        const Poll poll = reader->poll(out);
        if (poll.overrun) missed[r] += poll.overrun->count();
        for (std::size_t i = 0; i < poll.count; ++i) sum += out[i].seq;
        progress[r].seq.store(reader->next_seq() - 1, std::memory_order_release);
        if (poll.count == 0 && shared_cores) std::this_thread::yield();
      }
      checksums[r] = sum;
    });
  }
  if (!shared_cores) pin(0);
  while (ready < readers) std::this_thread::yield();
  std::vector<zm_event> batch(batch_size);
  std::uint64_t slowest = 0;
  const auto start = monotonic_now();
  for (std::uint64_t next = 1; next <= total; next += batch_size) {
    while (lossless && next + batch_size > slowest + capacity) {
      slowest = UINT64_MAX;
      for (const auto& p : progress)
        slowest = std::min(slowest, p.seq.load(std::memory_order_acquire));
      if (shared_cores && next + batch_size > slowest + capacity) std::this_thread::yield();
    }
    renumber(batch, next);
    (void)bus->publish(batch);
  }
  for (auto& thread : threads) thread.join();
  const double seconds = seconds_since(start);
  std::uint64_t most_missed = 0;
  for (std::size_t r = 0; r < readers; ++r) {
    most_missed = std::max(most_missed, missed[r]);
    if (missed[r] == 0 && checksums[r] != total * (total + 1) / 2)
      std::fprintf(stderr, "wrong checksum\n");
  }
  return {static_cast<double>(total - most_missed) / seconds,
          static_cast<double>(most_missed) / static_cast<double>(total)};
}

double mutex_queue(std::uint64_t total) {
  std::mutex mutex;
  std::condition_variable filled;
  std::deque<zm_event> queue;
  std::thread consumer([&] {
    std::uint64_t sum = 0;
    for (std::uint64_t taken = 0; taken < total;) {
      std::deque<zm_event> mine;
      {
        std::unique_lock lock(mutex);
        filled.wait(lock, [&] { return !queue.empty(); });
        mine.swap(queue);
      }
      for (const auto& event : mine) sum += event.seq;
      taken += mine.size();
    }
    if (sum != total * (total + 1) / 2) std::fprintf(stderr, "wrong checksum\n");
  });
  std::vector<zm_event> batch(batch_size);
  const auto start = monotonic_now();
  for (std::uint64_t next = 1; next <= total; next += batch_size) {
    renumber(batch, next);
    {
      const std::lock_guard lock(mutex);
      queue.insert(queue.end(), batch.begin(), batch.end());
    }
    filled.notify_one();
  }
  consumer.join();
  return static_cast<double>(total) / seconds_since(start);
}

// The same two copies per event, without another core: what the memory alone allows.
double copies_in_one_thread(std::uint64_t total, std::size_t capacity) {
  std::vector<zm_event> ring(capacity), batch(batch_size), out(batch_size);
  std::uint64_t sum = 0;
  const auto start = monotonic_now();
  for (std::uint64_t next = 1; next <= total; next += batch_size) {
    renumber(batch, next);
    zm_event* const slot = ring.data() + (next - 1) % capacity;
    std::memcpy(slot, batch.data(), batch_size * sizeof(zm_event));
    std::memcpy(out.data(), slot, batch_size * sizeof(zm_event));
    for (const auto& event : out) sum += event.seq;
  }
  if (sum != total * (total + 1) / 2) std::fprintf(stderr, "wrong checksum\n");
  return static_cast<double>(total) / seconds_since(start);
}

double tsc_per_ns() {
  const auto start = monotonic_now();
  const auto ticks = __rdtsc();
  while ((monotonic_now() - start).value < 20'000'000) {
  }
  return static_cast<double>(__rdtsc() - ticks) /
         static_cast<double>((monotonic_now() - start).value);
}

struct Latency {
  double p50, p99, p999;
};

Latency percentiles(std::vector<std::uint64_t>& ticks, double per_ns) {
  std::sort(ticks.begin(), ticks.end());
  const auto at = [&](double share) {
    return static_cast<double>(
               ticks[static_cast<std::size_t>(share * static_cast<double>(ticks.size() - 1))]) /
           per_ns;
  };
  return {at(0.5), at(0.99), at(0.999)};
}

// One event at a time, about a microsecond apart; the stamp in it is taken just before publishing,
// the other when the reader has its copy.
Latency hop(std::uint64_t count) {
  auto bus = BusWriter::create(bus_name(), 4096);
  std::vector<std::uint64_t> ticks;
  ticks.reserve(count);
  std::atomic<bool> ready{false};
  std::thread reader_thread([&] {
    pin(1);
    auto reader = BusReader::open(bus_name(), BusReader::From::oldest);
    zm_event event;
    ready = true;
    while (reader->next_seq() <= count) {
      if (reader->poll({&event, 1}).count == 1)
        ticks.push_back(__rdtsc() - static_cast<std::uint64_t>(event.ts_ns));
    }
  });
  pin(0);
  while (!ready) std::this_thread::yield();
  zm_event event{};
  for (std::uint64_t seq = 1; seq <= count; ++seq) {
    const auto until = __rdtsc() + 2500;
    while (__rdtsc() < until) _mm_pause();
    event.seq = seq;
    event.ts_ns = static_cast<std::int64_t>(__rdtsc());
    (void)bus->publish(event);
  }
  reader_thread.join();
  return percentiles(ticks, tsc_per_ns());
}

// The bare machine: half a round trip of one cache line between the same two cores.
double line_transfer_ns(std::uint64_t rounds) {
  struct alignas(128) Line {
    std::atomic<std::uint64_t> value{0};
  } ping, pong;
  std::thread other([&] {
    pin(1);
    for (std::uint64_t i = 1; i <= rounds; ++i) {
      while (ping.value.load(std::memory_order_acquire) != i) {
      }
      pong.value.store(i, std::memory_order_release);
    }
  });
  pin(0);
  const auto start = monotonic_now();
  for (std::uint64_t i = 1; i <= rounds; ++i) {
    ping.value.store(i, std::memory_order_release);
    while (pong.value.load(std::memory_order_acquire) != i) {
    }
  }
  const double seconds = seconds_since(start);
  other.join();
  return seconds * 1e9 / static_cast<double>(rounds) / 2;
}

void unpin() {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (unsigned core = 0; core < std::thread::hardware_concurrency(); ++core) CPU_SET(core, &set);
  sched_setaffinity(0, sizeof set, &set);
}

void benchmark(bool quick) {
  const std::uint64_t total = (quick ? 4u : 40u) * 1'000'000u / batch_size * batch_size;
  std::printf("%u cores, events of 64 bytes in batches of %zu, %llu M per run, median of %d\n",
              std::thread::hardware_concurrency(), batch_size,
              static_cast<unsigned long long>(total / 1'000'000), repeats);
  const double queue = median_of([&] { return mutex_queue(total / 10 / batch_size * batch_size); });
  std::printf("%-52s %8.1f M/s\n", "reference: queue with mutex and condition variable",
              queue / 1e6);
  for (const std::size_t capacity :
       {std::size_t{1} << 10, std::size_t{1} << 12, std::size_t{1} << 14, std::size_t{1} << 16}) {
    const double copies = median_of([&] { return copies_in_one_thread(total, capacity); });
    std::printf("ring of %6zu: %-38s %8.1f M/s\n", capacity, "reference: both copies in one thread",
                copies / 1e6);
    const double one = median_of([&] { return run(1, total, capacity, true).events_per_second; });
    std::printf("ring of %6zu: %-38s %8.1f M/s  %.2f x copies, %.1f x queue\n", capacity,
                "one reader, nothing missed", one / 1e6, one / copies, one / queue);
    const Outcome free = run(1, total, capacity, false);
    std::printf("ring of %6zu: %-38s %8.1f M/s  and %.0f %% reported missed\n", capacity,
                "one reader, producer unchecked", free.events_per_second / 1e6,
                free.missed_share * 100);
    unpin();
    const double four = median_of([&] {
      return run(4, total / 4 / batch_size * batch_size, capacity, true).events_per_second;
    });
    std::printf("ring of %6zu: %-38s %8.1f M/s each  %.1f x queue\n", capacity,
                "four readers, nothing missed", four / 1e6, four / queue);
  }
  if (std::thread::hardware_concurrency() < 2) return;
  const double line = line_transfer_ns(quick ? 200'000 : 2'000'000);
  const Latency latency = hop(quick ? 100'000 : 1'000'000);
  std::printf(
      "one hop: p50 %.0f ns, p99 %.0f ns, p99.9 %.0f ns; reference: one cache line, one way %.0f "
      "ns (p50 = %.1f x)\n",
      latency.p50, latency.p99, latency.p999, line, latency.p50 / line);
}

}  // namespace
}  // namespace zomma

int main(int argc, char** argv) {
  zomma::benchmark(argc > 1 && std::strcmp(argv[1], "--quick") == 0);
}
