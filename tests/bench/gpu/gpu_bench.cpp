// gpu_bench: what watching GPUs costs the host: looking for a driver that is not there, one reading
// of 16 devices by a fake NVML, its way into the metrics, and the scrape of their series. Reference
// of the same run: the same number of lines printed by an ostream. And what the host adds to one
// batch through the driver, against the CPU kernel alone, on the fake driver. Usage: gpu_bench
// [--quick]
#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <sstream>
#include <vector>

#include "base/clock.h"
#include "fakes/gpu/world.h"
#include "gpu/pricing.h"
#include "observe/gpu/gpu_metrics.h"

namespace zomma {
namespace {

namespace zk = kernels;
constexpr int devices = 16;

// Median of `repeats` runs of `times` calls, in microseconds a call.
double microseconds(int repeats, int times, const std::function<void()>& body) {
  std::vector<double> values;
  for (int i = 0; i < repeats; ++i) {
    const Nanoseconds start = monotonic_now();
    for (int j = 0; j < times; ++j) body();
    values.push_back(static_cast<double>((monotonic_now() - start).value) * 1e-3 / times);
  }
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

std::string print_lines(std::size_t count) {
  std::ostringstream out;
  for (std::size_t i = 0; i < count; ++i)
    out << "zomma_gpu_memory_used_bytes{gpu=\"" << i % devices
        << "\",uuid=\"GPU-00000000-0000-0000-0000-000000000000\"} "
        << 1.5e9 + static_cast<double>(i) << '\n';
  return out.str();
}

void watch(int repeats) {
  fake_gpu::World::instance().play(fake_gpu::with_devices(devices));
  auto monitor = gpu::HealthMonitor::open(ZOMMA_FAKE_LIBNVML);
  if (!monitor) return fmt::print("{}\n", monitor.error().message);
  Metrics metrics;
  GpuMetrics series(metrics);
  gpu::HealthSnapshot snapshot = monitor->read();
  series.update(snapshot);
  const std::size_t lines = lines_in(metrics.expose());
  const double absent =
      microseconds(repeats, 50, [] { (void)gpu::load_driver("no-such-libcuda.so.1"); });
  const double read = microseconds(repeats, 50, [&] { snapshot = monitor->read(); });
  const double update = microseconds(repeats, 50, [&] { series.update(snapshot); });
  const double scrape = microseconds(repeats, 50, [&] { (void)metrics.expose(); });
  const double reference = microseconds(repeats, 50, [&] { (void)print_lines(lines); });
  fmt::print("looking for an absent driver            {:8.1f} us\n", absent);
  fmt::print("reading {} devices, fake NVML           {:8.1f} us\n", devices, read);
  fmt::print("a reading into the metrics              {:8.1f} us\n", update);
  fmt::print(
      "scrape, {} lines                       {:8.1f} us   an ostream {:.1f} us   ratio {:.2f}\n",
      lines, scrape, reference, scrape / reference);
}

void price(int repeats, std::size_t count) {
  fake_gpu::World::instance().play(fake_gpu::with_devices(1));
  const auto api = gpu::load_driver(ZOMMA_FAKE_LIBCUDA);
  if (!api || !gpu::initialise(*api)) return;
  static constexpr char stand_in[] = "ZOMMA FAKE KERNELS";
  auto pricer =
      gpu::EuropeanPricer::open(*gpu::Context::open(*api, 0), std::as_bytes(std::span(stand_in)));
  if (!pricer) return fmt::print("{}\n", pricer.error().message);
  const std::vector<std::int8_t> sign(count, 1);
  const std::vector<double> spot(count, 100), strike(count, 105), years(count, 0.5),
      rate(count, 0.03), yield(count, 0.01), volatility(count, 0.2);
  std::vector<double> value(count), delta(count);
  const zk::EuropeanOptions<double> options{sign, spot, strike, years, rate, yield, volatility};
  zk::EuropeanResults<double> results;
  results.value = value;
  results.delta = delta;
  const auto backend = zk::make_cpu_backend();
  const int times = count > 1000 ? 20 : 2000;
  const double there = microseconds(repeats, times, [&] {
    (void)pricer->price(zk::EuropeanModel::black_scholes, options, results);
  });
  const double here = microseconds(repeats, times, [&] {
    (void)zk::european_greeks(*backend, zk::EuropeanModel::black_scholes, options, results);
  });
  fmt::print(
      "{:6} options through the fake driver    {:8.1f} us   kernel alone {:.1f} us   ratio "
      "{:.2f}\n",
      count, there, here, there / here);
}

}  // namespace
}  // namespace zomma

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const int repeats = quick ? 5 : 15;
  zomma::watch(repeats);
  zomma::price(repeats, 64);
  zomma::price(repeats, 65536);
}
