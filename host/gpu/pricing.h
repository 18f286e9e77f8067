// pricing.h: the batches of kernels/european.h on a GPU, through the driver alone: columns go up,
// results come down. Same formulas, same bits as on the CPU.
#pragma once

#include <zomma/kernels/european.h>

#include <functional>
#include <memory>
#include <span>

#include "gpu/context.h"

namespace zomma::gpu {

// Device memory for a pricer, given back when `owner` goes. Idle whenever the pricer is.
struct DeviceBytes {
  DeviceAddress address = 0;
  std::size_t bytes = 0;
  std::shared_ptr<void> owner;
};
using TakeBytes = std::function<Result<DeviceBytes>(std::size_t bytes)>;

// Prices on one device, on a stream of its own. One thread at a time. Device memory grows with the
// largest batch and is kept.
class EuropeanPricer {
 public:
  // `image`: embedded_kernels(), or another that has the kernels of gpu/kernels/arguments.h. Errors
  // as those of KernelLibrary::load.
  // `take`: where its memory comes from; empty: blocks of its own.
  static Result<EuropeanPricer> open(std::shared_ptr<Context> context,
                                     std::span<const std::byte> image = embedded_kernels(),
                                     TakeBytes take = {});
  EuropeanPricer(EuropeanPricer&&) noexcept;
  EuropeanPricer& operator=(EuropeanPricer&&) noexcept;
  ~EuropeanPricer();

  // Whether the batch is one that price() takes: columns of one length, a model that is one.
  static bool accepts(kernels::EuropeanModel model, const kernels::EuropeanOptions<double>& options,
                      const kernels::EuropeanResults<double>& results,
                      std::span<const kernels::ElementStatus> status);

  // As zomma::kernels::european_greeks, on host memory; returns when the results are there.
  // Errc::invalid_argument for what that answers with length_mismatch or invalid_setting: nothing
  // is written. On other errors (memory, a lost device) the results are undefined.
  Result<void> price(kernels::EuropeanModel model, const kernels::EuropeanOptions<double>& options,
                     const kernels::EuropeanResults<double>& results,
                     std::span<kernels::ElementStatus> status = {},
                     const kernels::CashDividends<double>& dividends = {});
  Result<void> price(kernels::EuropeanModel model, const kernels::EuropeanOptions<float>& options,
                     const kernels::EuropeanResults<float>& results,
                     std::span<kernels::ElementStatus> status = {},
                     const kernels::CashDividends<float>& dividends = {});

 private:
  struct State;
  explicit EuropeanPricer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace zomma::gpu
