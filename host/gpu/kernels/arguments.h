// arguments.h: the one argument of each kernel that the host launches by name, and the names. Seen
// by the .cu files, by the host that fills them and by the fake driver that runs the CPU version.
// Pointers are device addresses; null where a column is not given or not wanted.
#pragma once

#include <zomma/kernels/european_element.h>
#include <zomma/kernels/implied.h>

#include <cstdint>
#ifndef __CUDACC__
#include <string>
#endif

namespace zomma::gpu {

template <class T>
struct EuropeanArguments {
  const std::int8_t* sign;
  const T *spot, *strike, *maturity, *rate, *yield, *volatility;
  kernels::EuropeanTable<T*> results;
  kernels::ElementStatus* status;
  kernels::detail::DividendColumn<T> dividends;
  std::uint64_t count;
};

template <class T>
struct ImpliedArguments {
  const std::int8_t* sign;
  const T *price, *forward, *strike, *maturity;
  T* volatility;
  kernels::ElementStatus* status;
  std::uint64_t count;
};

constexpr unsigned kernel_threads = 256;  // a block

#ifndef __CUDACC__
// "zomma_european_f64_black_scholes_standard"
template <class T>
std::string european_kernel(kernels::EuropeanModel model, kernels::EuropeanLevel level) {
  static constexpr const char* models[] = {"black_scholes", "black76", "bachelier"};
  static constexpr const char* levels[] = {"value", "first", "standard", "full"};
  return std::string("zomma_european_") + (sizeof(T) == 8 ? "f64_" : "f32_") +
         models[static_cast<int>(model)] + '_' + levels[static_cast<int>(level)];
}
// "zomma_implied_f64_black"
template <class T>
std::string implied_kernel(kernels::ImpliedModel model) {
  return std::string("zomma_implied_") + (sizeof(T) == 8 ? "f64_" : "f32_") +
         (model == kernels::ImpliedModel::black ? "black" : "bachelier");
}
#endif

}  // namespace zomma::gpu
