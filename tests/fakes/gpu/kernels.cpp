// kernels.cpp: the CPU versions of the kernels, by name. Kernels of the tests' own are here too.
#include <array>
#include <string_view>

#include "fakes/gpu/fake_cuda.h"

namespace zomma::fake_gpu {
namespace {

// zomma_test_add(double* values, double amount, uint64_t count)
void test_add(void** parameters) {
  auto* values = *static_cast<double**>(parameters[0]);
  const double amount = *static_cast<double*>(parameters[1]);
  const std::uint64_t count = *static_cast<std::uint64_t*>(parameters[2]);
  if (!is_device_memory(reinterpret_cast<std::uint64_t>(values), count * sizeof(double)))
    return fault(DriverStatus::illegal_address);
  for (std::uint64_t i = 0; i < count; ++i) values[i] += amount;
}

}  // namespace

const HostKernel* find_host_kernel(std::string_view name) {
  static const std::array kernels{
      HostKernel{"zomma_test_add", {sizeof(double*), sizeof(double), sizeof(std::uint64_t)}, test_add}};
  for (const HostKernel& kernel : kernels)
    if (name == kernel.name) return &kernel;
  return nullptr;
}

}  // namespace zomma::fake_gpu
