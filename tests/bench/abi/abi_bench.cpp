// What the plugin boundary costs: nanoseconds per event through Instance::deliver (numbering, C
// call, dispatch by kind, exception guard) for several batch sizes, beside a direct virtual call
// per event in the same run.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <vector>

#include "base/clock.h"
#include "direct_handler.h"
#include "plugin/image.h"
#include "plugin/instance.h"

using namespace zomma;

namespace {

// Offers nothing: the sink asks for nothing.
class NoServices final : public InstanceServices {
 public:
  zm_status submit(InstanceId, const zm_intent&, zm_intent_result&) override {
    return ZM_E_UNSUPPORTED;
  }
  zm_status cancel_all(InstanceId, InstrumentId) override { return ZM_E_UNSUPPORTED; }
  std::uint32_t instrument_count() const override { return 0; }
  zm_status instrument(InstrumentId, zm_instrument&) const override { return ZM_E_NOT_FOUND; }
  InstrumentId find_instrument(std::string_view) const override { return {}; }
  zm_status best(InstrumentId, zm_quote&) const override { return ZM_E_NOT_FOUND; }
  std::uint32_t levels(InstrumentId, Side, std::span<zm_price_level>) const override { return 0; }
  zm_status position(InstanceId, InstrumentId, zm_position&) const override {
    return ZM_E_NOT_FOUND;
  }
  void account(InstanceId, zm_account&) const override {}
  std::uint32_t open_orders(InstanceId, std::span<zm_open_order>) const override { return 0; }
  zm_status arm_timer(InstanceId, Nanoseconds, std::uint64_t, std::uint64_t&) override {
    return ZM_E_UNSUPPORTED;
  }
  void cancel_timer(InstanceId, std::uint64_t) override {}
  zm_status declare_metric(InstanceId, std::string_view, std::string_view, std::uint32_t,
                           std::uint32_t&) override {
    return ZM_E_UNSUPPORTED;
  }
  void metric_add(InstanceId, std::uint32_t, double) override {}
  void metric_set(InstanceId, std::uint32_t, double) override {}
  void signal(InstanceId, std::uint32_t, InstrumentId, double) override {}
  void log(InstanceId, std::uint32_t, std::string_view) override {}
  void health(InstanceId, std::uint32_t, std::uint32_t, std::string_view) override {}
};

template <class Body>
double best_ns_per_event(std::size_t events, int repeats, Body body) {
  std::vector<double> results;
  for (int i = 0; i < repeats; ++i) {
    const Nanoseconds start = monotonic_now();
    body();
    results.push_back(static_cast<double>((monotonic_now() - start).value) /
                      static_cast<double>(events));
  }
  std::nth_element(results.begin(), results.begin() + repeats / 2, results.end());
  return results[static_cast<std::size_t>(repeats) / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const std::size_t total = quick ? 1u << 20 : 1u << 24;
  const int repeats = quick ? 3 : 9;
  const auto folder =
      std::filesystem::temp_directory_path() / ("zomma-bench-" + std::to_string(getpid()));
  const auto image =
      PluginImage::load({std::string(ZOMMA_TEST_PLUGINS) + "/bench_sink.so", folder, ""});
  if (!image) return std::fprintf(stderr, "%s\n", image.error().message.c_str()), 1;
  NoServices services;
  auto instance = Instance::create(InstanceId{0}, "sink", (*image)->factory(), *image, services);
  // The sink needs no extension but the wrapper binds all: the shells are there, the services
  // answer "unsupported".
  if (!instance || !(*instance)->activate({}, {}) || !(*instance)->start())
    return std::fprintf(stderr, "the sink does not start\n"), 1;

  std::vector<zm_event> events(4096);
  for (std::size_t i = 0; i < events.size(); ++i) {
    events[i].kind = ZM_EVENT_QUOTE;
    events[i].u.quote.bid_price = static_cast<std::int64_t>(i);
  }
  const auto direct = make_direct_handler();
  const double reference = best_ns_per_event(total, repeats, [&] {
    for (std::size_t done = 0; done < total; done += events.size())
      for (const zm_event& event : events) direct->on_quote(event);
  });
  std::printf("direct virtual call            %6.2f ns/event   (%zu events, median of %d)\n",
              reference, total, repeats);
  for (const std::size_t batch : {1u, 4u, 16u, 64u}) {
    const double cost = best_ns_per_event(total, repeats, [&] {
      for (std::size_t done = 0; done < total; done += events.size())
        for (std::size_t at = 0; at < events.size(); at += batch)
          (*instance)->deliver(std::span(events).subspan(at, batch));
    });
    std::printf("plugin ABI, batches of %-3zu     %6.2f ns/event   %+6.2f ns, ratio %.2f\n", batch,
                cost, cost - reference, cost / reference);
  }
  instance->reset();
  std::filesystem::remove_all(folder);
  return direct->sum() == 0;
}
