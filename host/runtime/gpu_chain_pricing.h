// gpu_chain_pricing.h: the chains' European batches through the GPU that the operator named.
#pragma once

#include <memory>

#include "gpu/lending/pricing_service.h"
#include "market/options/pricing_backend.h"

namespace zomma {

class GpuChainPricing final : public options::PricingBackend {
 public:
  // `source` has a pricing service.
  explicit GpuChainPricing(std::shared_ptr<gpu::LenderSource> source)
      : source_(std::move(source)) {}
  kernels::Status european(kernels::EuropeanModel model,
                           const kernels::EuropeanOptions<double>& options,
                           const kernels::EuropeanResults<double>& results,
                           std::span<kernels::ElementStatus> status) override {
    return source_->pricing()->price(model, options, results, status);
  }

 private:
  std::shared_ptr<gpu::LenderSource> source_;
};

}  // namespace zomma
