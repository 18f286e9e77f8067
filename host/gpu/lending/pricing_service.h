// pricing_service.h: batches of European options priced on a GPU while one is fit for it, and on
// this processor otherwise. The kernels give the same bits on both, so only the clock and the
// counts can tell where a batch went, and a replay without a GPU repeats a run that had one.
#pragma once

#include <zomma/kernels/european.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "base/types.h"
#include "gpu/lending/lender.h"
#include "gpu/memory/batch.h"
#include "gpu/pricing.h"

namespace zomma::gpu {

struct PricingCounts {
  std::uint64_t device = 0;     // batches priced on the device, the whole of them
  std::uint64_t small = 0;      // below the least size: priced here, by choice
  std::uint64_t fallbacks = 0;  // priced here, in whole or in part, because the device could not
  std::uint64_t splits = 0;     // pieces halved because the device had no room for them
  std::string reason;           // of the last fallback; empty: there was none
};

class PricingService {
 public:
  struct Options {
    unsigned device = 0;       // the lender's number
    std::size_t least = 1024;  // options in a batch, from which on the device is asked
    // After a failure the device is left alone for so long.
    Nanoseconds pause{10'000'000'000};
    std::span<const std::byte> image = embedded_kernels();
    std::function<Nanoseconds()> clock = monotonic_now;
  };
  // `source` outlives the service.
  PricingService(LenderSource& source, Options options);
  ~PricingService();

  // As zomma::kernels::european_greeks without dividends; always answers, if need be by that
  // function. One thread at a time.
  kernels::Status price(kernels::EuropeanModel model,
                        const kernels::EuropeanOptions<double>& options,
                        const kernels::EuropeanResults<double>& results,
                        std::span<kernels::ElementStatus> status);

  // [any thread]
  PricingCounts counts() const;
  // Hears one sentence when batches begin to fall back, and one when the device is back.
  void set_log(std::function<void(const std::string&)> say) { say_ = std::move(say); }

 private:
  struct Batch;
  Result<void> open();
  void close();
  // Why the device is not to be asked now; opens it when it is.
  std::optional<std::string> why_not_now();
  void pause();
  Result<BatchReport> on_device(const Batch& batch);
  kernels::Status here(const Batch& batch);
  void fall_back(const std::string& reason);
  void device_is_back();

  LenderSource& source_;
  const Options options_;
  std::unique_ptr<kernels::Backend> processor_;
  std::shared_ptr<Lender> lender_;
  std::shared_ptr<DeviceStore> store_;
  ClientId client_;
  std::optional<EuropeanPricer> pricer_;
  Nanoseconds not_before_{};
  bool fell_back_ = false;
  std::function<void(const std::string&)> say_;
  std::atomic<std::uint64_t> device_{0}, small_{0}, fallbacks_{0}, splits_{0};
  mutable std::mutex mutex_;  // reason_
  std::string reason_;
};

}  // namespace zomma::gpu
