// What a process of its own costs a strategy: the hop of one event to its on_events, the round trip
// of a hook, of a price asked for and of an order, all beside the same calls inline in the same
// run; and how soon a death is seen. Both sides spin, on two cores: `worker_bench [--quick] [host
// core] [worker core]`.
#include <sched.h>
#include <unistd.h>
#include <x86intrin.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>
#include <vector>

#include <zomma/ext/state.h>

#include "base/clock.h"
#include "plugin/image.h"
#include "plugin/instance.h"
#include "plugin/worker/worker_main.h"

using namespace zomma;

namespace {

// Answers at once: what is left is the boundary.
class QuickServices final : public InstanceServices {
 public:
  zm_status submit(InstanceId, const zm_intent&, zm_intent_result& result) override {
    return result.order_id = ++orders_, ZM_OK;
  }
  zm_status cancel_all(InstanceId, InstrumentId) override { return ZM_OK; }
  std::uint32_t instrument_count() const override { return 1; }
  zm_status instrument(InstrumentId, zm_instrument&) const override { return ZM_E_NOT_FOUND; }
  InstrumentId find_instrument(std::string_view) const override { return {}; }
  zm_status best(InstrumentId, zm_quote& out) const override {
    return out = {100, 101, 1, 1}, ZM_OK;
  }
  std::uint32_t levels(InstrumentId, Side, std::span<zm_price_level>) const override { return 0; }
  zm_status position(InstanceId, InstrumentId, zm_position&) const override {
    return ZM_E_NOT_FOUND;
  }
  void account(InstanceId, zm_account&) const override {}
  std::uint32_t open_orders(InstanceId, std::span<zm_open_order>) const override { return 0; }
  zm_status arm_timer(InstanceId, Nanoseconds, std::uint64_t, std::uint64_t&) override {
    return ZM_OK;
  }
  void cancel_timer(InstanceId, std::uint64_t) override {}
  zm_status declare_metric(InstanceId, std::string_view, std::string_view, std::uint32_t,
                           std::uint32_t&) override {
    return ZM_OK;
  }
  void metric_add(InstanceId, std::uint32_t, double) override {}
  void metric_set(InstanceId, std::uint32_t, double) override {}
  void signal(InstanceId, std::uint32_t, InstrumentId, double) override {}
  void log(InstanceId, std::uint32_t, std::string_view) override {}
  void health(InstanceId, std::uint32_t, std::uint32_t, std::string_view) override {}

 private:
  std::uint64_t orders_ = 0;
};

double ns_per_tick() {
  const Nanoseconds start = monotonic_now();
  const std::uint64_t first = __rdtsc();
  while ((monotonic_now() - start).value < 50'000'000) {
  }
  const Nanoseconds end = monotonic_now();
  return static_cast<double>((end - start).value) / static_cast<double>(__rdtsc() - first);
}

struct Quantiles {
  double p50, p99;
};
Quantiles quantiles(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  return {values[values.size() / 2], values[values.size() * 99 / 100]};
}

struct Figures {
  Quantiles hop, batch64, hook, price, order;
};

// Median over the repeats of each repeat's quantiles.
template <class Sample>
Quantiles measured(int repeats, int samples, Sample sample) {
  std::vector<double> p50s, p99s;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    std::vector<double> values;
    for (int i = 0; i < samples; ++i) values.push_back(sample());
    const Quantiles one = quantiles(values);
    p50s.push_back(one.p50);
    p99s.push_back(one.p99);
  }
  return {quantiles(p50s).p50, quantiles(p99s).p50};
}

Figures measure(Instance& instance, double ns, int repeats, int samples) {
  zm_event quote{};
  quote.kind = ZM_EVENT_QUOTE;
  zm_event trade{};
  trade.kind = ZM_EVENT_TRADE;
  std::vector<zm_event> quotes(64, quote);
  const auto round_trip = [&](zm_event& event) {
    const std::uint64_t start = __rdtsc();
    instance.deliver({&event, 1});
    return static_cast<double>(__rdtsc() - start) * ns;
  };
  Figures figures{};
  figures.hop = measured(repeats, samples / 4, [&] {
    round_trip(quote);  // both sides are spinning again after the save of the sample before
    const std::uint64_t start = __rdtsc();
    instance.deliver({&quote, 1});
    std::uint64_t heard = 0;
    std::memcpy(&heard, instance.save(ZM_STATE_CHECKPOINT)->bytes.data(), sizeof heard);
    return static_cast<double>(heard - start) * ns;
  });
  figures.batch64 = measured(repeats, samples, [&] {
    const std::uint64_t start = __rdtsc();
    instance.deliver(quotes);
    return static_cast<double>(__rdtsc() - start) * ns / 64;
  });
  const auto trades = [&](std::uint64_t number) {
    trade.u.trade.trade_id = number;
    return measured(repeats, samples, [&] { return round_trip(trade); });
  };
  figures.hook = trades(0);
  figures.price = trades(1);
  figures.order = trades(2);
  return figures;
}

std::unique_ptr<Instance> begin(std::shared_ptr<PluginImage> image, InstanceServices& services) {
  const zm_strategy_factory& factory = image->factory();
  auto instance = Instance::create(InstanceId{0}, "echo", factory, std::move(image), services);
  if (!instance || !(*instance)->activate({}, {}) || !(*instance)->start())
    std::exit((std::fprintf(stderr, "the echo does not start\n"), 1));
  return std::move(*instance);
}

void pin(int core) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(core), &one);
  if (sched_setaffinity(0, sizeof one, &one) != 0)
    std::fprintf(stderr, "not pinned to core %d\n", core);
}

// The floor: one cache line there and one back between two threads on the same two cores, nothing
// else.
Quantiles bare_round_trip(double ns, int repeats, int samples, int here, int there) {
  struct alignas(128) Line {
    std::atomic<int> value{0};
  };
  Line ping, pong;
  const int total = repeats * samples;
  std::thread other([&] {
    pin(there);
    for (int i = 1; i <= total; ++i) {
      while (ping.value.load(std::memory_order_acquire) != i) _mm_pause();
      pong.value.store(i, std::memory_order_release);
    }
  });
  pin(here);
  int i = 0;
  const Quantiles figures = measured(repeats, samples, [&] {
    const std::uint64_t start = __rdtsc();
    ping.value.store(++i, std::memory_order_release);
    while (pong.value.load(std::memory_order_acquire) != i) _mm_pause();
    return static_cast<double>(__rdtsc() - start) * ns;
  });
  other.join();
  return figures;
}

void print(const char* what, Quantiles inside, Quantiles outside) {
  std::printf("%-46s %8.0f %8.0f   %8.0f %8.0f   %7.1f\n", what, inside.p50, inside.p99,
              outside.p50, outside.p99, outside.p50 / inside.p50);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::strcmp(argv[2], "--fd") == 0) return worker_main(std::atoi(argv[3]));
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const int repeats = quick ? 5 : 11, samples = quick ? 4'000 : 40'000, deaths = quick ? 20 : 100;
  const auto folder =
      std::filesystem::temp_directory_path() / ("zomma-bench-" + std::to_string(getpid()));
  PluginImage::Options options{std::string(ZOMMA_TEST_PLUGINS) + "/bench_echo.so", folder, ""};
  QuickServices services;
  const auto inline_image = PluginImage::load(options);
  WorkerOptions worker;
  worker.core = argc > 3 ? std::atoi(argv[3]) : 1;
  worker.spin = Nanoseconds{1'000'000};
  options.worker = worker;
  const auto worker_image =
      PluginImage::load(options);  // before this process is pinned, else it counts one core
  if (!inline_image || !worker_image)
    return std::fprintf(stderr, "%s\n",
                        (inline_image ? worker_image : inline_image).error().message.c_str()),
           1;
  const int core = argc > 3 ? std::atoi(argv[2]) : 0;
  pin(core);

  const double ns = ns_per_tick();
  const Quantiles bare = bare_round_trip(ns, repeats, samples, core, worker.core);
  auto inside = begin(*inline_image, services);
  const Figures here = measure(*inside, ns, repeats, samples);
  auto outside = begin(*worker_image, services);
  const Figures there = measure(*outside, ns, repeats, samples);
  std::printf(
      "nanoseconds; median of %d repeats of %d calls     inline p50  p99     worker p50  p99   "
      "ratio of p50\n",
      repeats, samples);
  print("one event, until on_events has it", here.hop, there.hop);
  print("one event, until deliver returns", here.hook, there.hook);
  print("64 events in a batch, each", here.batch64, there.batch64);
  print("one event whose hook asks for a price", here.price, there.price);
  print("one event whose hook sends an order", here.order, there.order);
  std::printf(
      "a bare cache line there and back: p50 %.0f, p99 %.0f; a hook in a worker is %.2f times "
      "that\n",
      bare.p50, bare.p99, there.hook.p50 / bare.p50);
  outside.reset();

  std::vector<double> seen;
  for (int i = 0; i < deaths; ++i) {
    auto image = PluginImage::load(options);
    if (!image) return std::fprintf(stderr, "%s\n", image.error().message.c_str()), 1;
    auto victim = begin(*image, services);
    zm_event trade{};
    trade.kind = ZM_EVENT_TRADE;
    trade.u.trade.trade_id = 3;
    const Nanoseconds start = monotonic_now();
    victim->deliver({&trade, 1});
    seen.push_back(static_cast<double>((monotonic_now() - start).value) * 1e-6);
  }
  std::sort(seen.begin(), seen.end());
  std::printf(
      "abort in the worker until the host has its sentence: p50 %.2f ms, largest %.2f ms of %d\n",
      seen[seen.size() / 2], seen.back(), deaths);
  inside.reset();
  std::filesystem::remove_all(folder);
  return 0;
}
