// kernels.cpp: the CPU versions of the kernels, by name. Kernels of the tests' own are here too.
#include <zomma/kernels/european.h>
#include <zomma/kernels/implied.h>

#include <map>
#include <string_view>

#include "fakes/gpu/fake_cuda.h"
#include "gpu/kernels/arguments.h"

namespace zomma::fake_gpu {
namespace {

namespace zk = zomma::kernels;

bool on_device(const void* column, std::uint64_t bytes) {
  return column == nullptr || is_device_memory(reinterpret_cast<std::uint64_t>(column), bytes);
}

template <class T>
std::span<T> column(T* data, std::uint64_t count) {
  return {data, data != nullptr ? count : 0};
}

// A pointer that is not the device's faults, as it would there.
template <class T>
bool all_on_device(const gpu::EuropeanArguments<T>& a) {
  bool good = on_device(a.sign, a.count) && on_device(a.status, a.count);
  for (const T* data : {a.spot, a.strike, a.maturity, a.rate, a.yield, a.volatility})
    good = good && on_device(data, a.count * sizeof(T));
  for (const T* data : {a.dividends.time, a.dividends.amount})
    good = good && on_device(data, static_cast<std::uint64_t>(a.dividends.count) * sizeof(T));
  zk::visit_tables<zk::EuropeanLevel::full>(a.results, a.results, [&](T* data, T*) {
    good = good && on_device(data, a.count * sizeof(T));
  });
  return good;
}

template <class T>
void european(zk::EuropeanModel model, void** parameters) {
  const auto& a = *static_cast<const gpu::EuropeanArguments<T>*>(parameters[0]);
  if (!all_on_device(a)) return fault(DriverStatus::illegal_address);
  const zk::EuropeanOptions<T> options{column(a.sign, a.count),      column(a.spot, a.count),
                                       column(a.strike, a.count),    column(a.maturity, a.count),
                                       column(a.rate, a.count),      column(a.yield, a.count),
                                       column(a.volatility, a.count)};
  zk::EuropeanResults<T> results;
  zk::visit_tables<zk::EuropeanLevel::full>(
      results, a.results, [&](std::span<T>& to, T* data) { to = column(data, a.count); });
  const auto dividends = static_cast<std::uint64_t>(a.dividends.count);
  const auto backend = zk::make_cpu_backend();
  const zk::Status done = zk::european_greeks(
      *backend, model, options, results, column(a.status, a.count),
      {column(a.dividends.time, dividends), column(a.dividends.amount, dividends)});
  if (done != zk::Status::ok) fault(DriverStatus::launch_failed);
}

template <class T>
void implied(zk::ImpliedModel model, void** parameters) {
  const auto& a = *static_cast<const gpu::ImpliedArguments<T>*>(parameters[0]);
  bool good = on_device(a.sign, a.count) && on_device(a.status, a.count) &&
              on_device(a.volatility, a.count * sizeof(T));
  for (const T* data : {a.price, a.forward, a.strike, a.maturity})
    good = good && on_device(data, a.count * sizeof(T));
  if (!good) return fault(DriverStatus::illegal_address);
  const auto backend = zk::make_cpu_backend();
  zk::implied_volatility(
      *backend, model,
      {column(a.sign, a.count), column(a.price, a.count), column(a.forward, a.count),
       column(a.strike, a.count), column(a.maturity, a.count)},
      column(a.volatility, a.count), column(a.status, a.count));
}

// zomma_test_add(double* values, double amount, uint64_t count)
void test_add(void** parameters) {
  auto* values = *static_cast<double**>(parameters[0]);
  const double amount = *static_cast<double*>(parameters[1]);
  const std::uint64_t count = *static_cast<std::uint64_t*>(parameters[2]);
  if (!on_device(values, count * sizeof(double))) return fault(DriverStatus::illegal_address);
  for (std::uint64_t i = 0; i < count; ++i) values[i] += amount;
}

using Kernels = std::map<std::string, HostKernel, std::less<>>;

template <class T>
void add_format(Kernels& to) {
  for (const auto model :
       {zk::EuropeanModel::black_scholes, zk::EuropeanModel::black76, zk::EuropeanModel::bachelier})
    for (const auto level : {zk::EuropeanLevel::value, zk::EuropeanLevel::first,
                             zk::EuropeanLevel::standard, zk::EuropeanLevel::full})
      to[gpu::european_kernel<T>(model, level)] = {{sizeof(gpu::EuropeanArguments<T>)},
                                                   [model](void** p) { european<T>(model, p); }};
  for (const auto model : {zk::ImpliedModel::black, zk::ImpliedModel::bachelier})
    to[gpu::implied_kernel<T>(model)] = {{sizeof(gpu::ImpliedArguments<T>)},
                                         [model](void** p) { implied<T>(model, p); }};
}

Kernels all_kernels() {
  Kernels kernels;
  add_format<double>(kernels);
  add_format<float>(kernels);
  kernels["zomma_test_add"] = {{sizeof(double*), sizeof(double), sizeof(std::uint64_t)}, test_add};
  return kernels;
}

}  // namespace

const HostKernel* find_host_kernel(std::string_view name) {
  static const Kernels kernels = all_kernels();
  const auto found = kernels.find(name);
  return found == kernels.end() ? nullptr : &found->second;
}

}  // namespace zomma::fake_gpu
