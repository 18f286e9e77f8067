// cuda.h: the batches of european.h and implied.h on a CUDA stream: the same formulas, compiled
// without contraction, so the results are those of the CPU bit for bit. Present where the library
// zomma_kernels_cuda was built.
#pragma once

#include <zomma/kernels/european.h>
#include <zomma/kernels/implied.h>

struct CUstream_st;

namespace zomma::kernels::cuda {

// A cudaStream_t of the current device; null is its default stream.
using Stream = CUstream_st*;

// As zomma::kernels::european_greeks, but every span is memory of the current device, the dividends
// too, and the call returns when the work is queued: results are there when the stream has got so
// far. `unavailable` where the launch was refused (no device, no image for it).
Status european_greeks(Stream stream, EuropeanModel model, const EuropeanOptions<double>& options,
                       const EuropeanResults<double>& results, std::span<ElementStatus> status = {},
                       const CashDividends<double>& dividends = {});
Status european_greeks(Stream stream, EuropeanModel model, const EuropeanOptions<float>& options,
                       const EuropeanResults<float>& results, std::span<ElementStatus> status = {},
                       const CashDividends<float>& dividends = {});

// As zomma::kernels::implied_volatility, on device memory and a stream.
Status implied_volatility(Stream stream, ImpliedModel model, const ImpliedQuotes<double>& quotes,
                          std::span<double> volatility, std::span<ElementStatus> status = {});
Status implied_volatility(Stream stream, ImpliedModel model, const ImpliedQuotes<float>& quotes,
                          std::span<float> volatility, std::span<ElementStatus> status = {});

}  // namespace zomma::kernels::cuda
