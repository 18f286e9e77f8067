// Batches on a CUDA device beside the same batch on one core of the CPU, and beside what a copy
// within the device's memory allows for the bytes that the batch reads and writes. --quick: a
// tenth.
#include <zomma/kernels/cuda.h>

#include <cuda_runtime_api.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

namespace zk = zomma::kernels;

namespace {

template <class T>
class Column {
 public:
  explicit Column(const std::vector<T>& host) : size_(host.size()) {
    if (cudaMalloc(reinterpret_cast<void**>(&data_), size_ * sizeof(T)) != cudaSuccess ||
        cudaMemcpy(data_, host.data(), size_ * sizeof(T), cudaMemcpyHostToDevice) != cudaSuccess) {
      std::fprintf(stderr, "no device memory for %zu bytes\n", size_ * sizeof(T));
      std::exit(1);
    }
  }
  explicit Column(std::size_t size) : Column(std::vector<T>(size)) {}
  Column(const Column&) = delete;
  Column& operator=(const Column&) = delete;
  ~Column() { cudaFree(data_); }
  std::span<T> span() const { return {data_, size_}; }

 private:
  T* data_ = nullptr;
  std::size_t size_;
};

double median(std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 2];
}

// Seconds of one call, the median of seven after one to warm up.
double on_device(const std::function<void()>& call) {
  cudaEvent_t begin, end;
  cudaEventCreate(&begin), cudaEventCreate(&end);
  std::vector<double> seconds;
  for (int i = 0; i < 8; ++i) {
    cudaEventRecord(begin);
    call();
    cudaEventRecord(end);
    cudaEventSynchronize(end);
    float ms = 0;
    cudaEventElapsedTime(&ms, begin, end);
    if (i > 0) seconds.push_back(ms / 1e3);
  }
  cudaEventDestroy(begin), cudaEventDestroy(end);
  return median(seconds);
}

double on_core(const std::function<void()>& call) {
  std::vector<double> seconds;
  for (int i = 0; i < 3; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    call();
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return median(seconds);
}

double copy_bytes_per_second = 0;

void report(const char* what, double count, double device, double core_rate, double bytes) {
  const double rate = count / device;
  std::printf("%-34s %10.1f M/s; %6.0f x one core", what, rate / 1e6, rate / core_rate);
  if (bytes > 0)
    std::printf("; %3.0f %% of a copy's rate", 100 * rate * bytes / copy_bytes_per_second);
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
    std::printf("SKIPPED: no CUDA device\n");
    return 0;
  }
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const std::size_t n = quick ? 2'000'000 : 20'000'000, few = 20'000;
  std::vector<std::int8_t> sign(n);
  std::vector<double> host[6];
  const double low[6] = {80, 70, 0.05, 0.0, 0.0, 0.1}, high[6] = {120, 130, 2.0, 0.06, 0.04, 0.6};
  for (std::size_t i = 0; i < n; ++i) sign[i] = i % 2 == 0 ? 1 : -1;
  for (int c = 0; c < 6; ++c)
    for (std::size_t i = 0; i < n; ++i)
      host[c].push_back(low[c] + (high[c] - low[c]) *
                                     static_cast<double>((i * (7919 + 2 * c)) % 99991) / 99991);
  const Column<std::int8_t> signs(sign);
  const Column<double> spot(host[0]), strike(host[1]), maturity(host[2]), rate(host[3]),
      yield(host[4]), volatility(host[5]);
  const zk::EuropeanOptions<double> options{signs.span(),     spot.span(), strike.span(),
                                            maturity.span(),  rate.span(), yield.span(),
                                            volatility.span()};
  const auto backend = zk::make_cpu_backend(1);
  const auto head = [&](int c) { return std::span(host[c]).first(few); };
  const auto head_sign = std::span<const std::int8_t>(sign).first(few);

  std::vector<std::unique_ptr<Column<double>>> out;
  std::vector<std::vector<double>> core;
  for (int c = 0; c < 17; ++c) {
    out.push_back(std::make_unique<Column<double>>(n));
    core.emplace_back(few);
  }
  const double copy = on_device([&] {
    cudaMemcpyAsync(out[0]->span().data(), spot.span().data(), n * sizeof(double),
                    cudaMemcpyDeviceToDevice);
  });
  copy_bytes_per_second = 2.0 * sizeof(double) * static_cast<double>(n) / copy;
  std::printf("copy within the device: %.0f GB/s\n", copy_bytes_per_second / 1e9);

  for (const int columns : {6, 17}) {
    zk::EuropeanResults<double> to, cpu;
    int next = 0;
    zk::visit_tables<zk::EuropeanLevel::standard>(to, cpu, [&](auto& a, auto& b) {
      if (next < columns)
        a = out[static_cast<std::size_t>(next)]->span(), b = core[static_cast<std::size_t>(next)];
      ++next;
    });
    const double device = on_device(
        [&] { zk::cuda::european_greeks(nullptr, zk::EuropeanModel::black_scholes, options, to); });
    const double one = on_core([&] {
      european_greeks(*backend, zk::EuropeanModel::black_scholes,
                      {head_sign, head(0), head(1), head(2), head(3), head(4), head(5)}, cpu);
    });
    report(columns == 6 ? "value + 5 Greeks, fp64" : "value + 16 Greeks, fp64",
           static_cast<double>(n), device, few / one, 49.0 + 8.0 * columns);
  }

  // Prices for the volatilities: Black-76 on the spots as forwards, without rates.
  const Column<double> zero(n);
  const std::vector<double> no_rate(few);
  zk::EuropeanResults<double> price, cpu_price;
  price.value = out[0]->span(), cpu_price.value = core[0];
  zk::cuda::european_greeks(nullptr, zk::EuropeanModel::black76,
                            {signs.span(),
                             spot.span(),
                             strike.span(),
                             maturity.span(),
                             zero.span(),
                             {},
                             volatility.span()},
                            price);
  european_greeks(*backend, zk::EuropeanModel::black76,
                  {head_sign, head(0), head(1), head(2), no_rate, {}, head(5)}, cpu_price);
  const double implied = on_device([&] {
    zk::cuda::implied_volatility(
        nullptr, zk::ImpliedModel::black,
        {signs.span(), price.value, spot.span(), strike.span(), maturity.span()}, out[1]->span());
  });
  const double implied_core = on_core([&] {
    implied_volatility(*backend, zk::ImpliedModel::black,
                       {head_sign, core[0], head(0), head(1), head(2)}, core[1]);
  });
  report("implied volatility, Black", static_cast<double>(n), implied, few / implied_core, 41.0);

  const std::size_t americans = n / 20;
  const Column<double> tables(zk::cuda::american_tables_size(zk::AmericanPreset::fast));
  zk::cuda::american_tables(nullptr, zk::AmericanPreset::fast, tables.span());
  const auto part = [&](const Column<double>& column) { return column.span().first(americans); };
  const zk::AmericanTermsBatch terms{part(spot),
                                     part(strike),
                                     part(maturity),
                                     part(rate),
                                     part(yield),
                                     part(volatility),
                                     signs.span().first(americans)};
  const zk::AmericanValues values{
      part(*out[0]), part(*out[1]), part(*out[2]), part(*out[3]), {}, {}, {}, {}};
  const double american = on_device([&] {
    zk::cuda::american_price(nullptr, zk::AmericanPreset::fast, tables.span(), terms, values);
  });
  const double american_core = on_core([&] {
    american_price(*backend, zk::AmericanPreset::fast,
                   {head(0), head(1), head(2), head(3), head(4), head(5), head_sign},
                   {core[0], core[1], core[2], core[3], {}, {}, {}, {}});
  });
  report("American, fast", static_cast<double>(americans), american, few / american_core, 0);

  const zk::GbmMarket market{100, 0.03, 0.01, 0.25};
  zk::PathContract contract;
  contract.payoff = zk::PathPayoff::asian_arithmetic, contract.strike = 100, contract.expiry = 1,
  contract.steps = 252;
  zk::PathSettings settings;
  settings.samples = quick ? 200'000 : 4'000'000;
  const Column<std::byte> work(zk::cuda::path_work_bytes(contract, settings));
  zk::PathEstimate estimate;
  const double paths = on_device(
      [&] { zk::cuda::simulate(nullptr, market, contract, settings, work.span(), estimate); });
  const auto steps = static_cast<double>(estimate.path_steps);
  settings.samples = 20'000;
  const double paths_core =
      on_core([&] { simulate(*backend, market, contract, settings, estimate); });
  report("Monte Carlo path-steps, Asian", steps, paths,
         static_cast<double>(estimate.path_steps) / paths_core, 0);
  return cudaDeviceSynchronize() == cudaSuccess ? 0 : 1;
}
