// pricing_backend.h: who prices the European batches of a chain, where that is not this processor.
#pragma once

#include <zomma/kernels/european.h>

#include <span>

namespace zomma::options {

class PricingBackend {
 public:
  virtual ~PricingBackend() = default;
  // As kernels::european_greeks without dividends, and with its very bits: a chain says the same
  // wherever it was priced.
  virtual kernels::Status european(kernels::EuropeanModel model,
                                   const kernels::EuropeanOptions<double>& options,
                                   const kernels::EuropeanResults<double>& results,
                                   std::span<kernels::ElementStatus> status) = 0;
};

}  // namespace zomma::options
