// kernels.cu: the kernels that the host launches by name through the driver, one for each model,
// level and format. Formulas are those of the CPU; compiled without contraction, so are the bits.
#include <zomma/kernels/implied_element.h>

#include "gpu/kernels/arguments.h"

namespace {

using namespace zomma::kernels;
using zomma::gpu::EuropeanArguments;
using zomma::gpu::ImpliedArguments;

template <EuropeanLevel level, EuropeanModel model, class T>
__device__ void run_european(const EuropeanArguments<T>& c) {
  const std::uint64_t stride = std::uint64_t{gridDim.x} * blockDim.x;
  for (std::uint64_t i = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < c.count;
       i += stride) {
    const EuropeanInput<T> in{T(c.sign[i]),  c.spot[i], c.strike[i],
                              c.maturity[i], c.rate[i], c.yield != nullptr ? c.yield[i] : T(0),
                              c.volatility[i]};
    bool ok;
    const auto out = detail::european_element<level, model>(in, c.dividends, ok);
    visit_tables<level>(out, c.results, [i](const T& value, T* to) {
      if (to != nullptr) to[i] = value;
    });
    if (c.status != nullptr) c.status[i] = ok ? ElementStatus::ok : detail::refusal(c.maturity[i]);
  }
}

template <ImpliedModel model, class T>
__device__ void run_implied(const ImpliedArguments<T>& c) {
  const std::uint64_t stride = std::uint64_t{gridDim.x} * blockDim.x;
  for (std::uint64_t i = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < c.count;
       i += stride) {
    const auto answer = detail::implied_element<model, T>(T(c.sign[i]), c.price[i], c.forward[i],
                                                          c.strike[i], c.maturity[i]);
    const auto code = static_cast<ElementStatus>(static_cast<int>(answer.status));
    c.volatility[i] = code == ElementStatus::ok ? answer.value : T(0);
    if (c.status != nullptr) c.status[i] = code;
  }
}

}  // namespace

// C names, so the host finds them.
#define ZOMMA_EUROPEAN(format, type, model, level)                                               \
  extern "C" __global__ void __launch_bounds__(zomma::gpu::kernel_threads)                       \
      zomma_european_##format##_##model##_##level(const EuropeanArguments<type> arguments) {     \
    run_european<EuropeanLevel::level, EuropeanModel::model>(arguments);                         \
  }
#define ZOMMA_EUROPEAN_LEVELS(format, type, model)    \
  ZOMMA_EUROPEAN(format, type, model, value)          \
  ZOMMA_EUROPEAN(format, type, model, first)          \
  ZOMMA_EUROPEAN(format, type, model, standard)       \
  ZOMMA_EUROPEAN(format, type, model, full)
#define ZOMMA_FORMAT(format, type)                                                        \
  ZOMMA_EUROPEAN_LEVELS(format, type, black_scholes)                                      \
  ZOMMA_EUROPEAN_LEVELS(format, type, black76)                                            \
  ZOMMA_EUROPEAN_LEVELS(format, type, bachelier)                                          \
  extern "C" __global__ void __launch_bounds__(zomma::gpu::kernel_threads)                \
      zomma_implied_##format##_black(const ImpliedArguments<type> arguments) {            \
    run_implied<ImpliedModel::black>(arguments);                                          \
  }                                                                                       \
  extern "C" __global__ void __launch_bounds__(zomma::gpu::kernel_threads)                \
      zomma_implied_##format##_bachelier(const ImpliedArguments<type> arguments) {        \
    run_implied<ImpliedModel::bachelier>(arguments);                                      \
  }
ZOMMA_FORMAT(f64, double)
ZOMMA_FORMAT(f32, float)
