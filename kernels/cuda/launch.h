// launch.h: how a batch is spread over the threads of a device: one element a thread, in strides of
// the whole grid.
#pragma once

#include <zomma/kernels/status.h>

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstddef>

namespace zomma::kernels::cuda {

constexpr unsigned threads_per_block = 256;

// Enough blocks for any device of today; longer batches go round again.
inline unsigned blocks_for(std::size_t count) {
  constexpr std::size_t most = 65536;
  return static_cast<unsigned>(
      std::min<std::size_t>(most, (count + threads_per_block - 1) / threads_per_block));
}

inline Status launched() {
  return cudaGetLastError() == cudaSuccess ? Status::ok : Status::unavailable;
}

}  // namespace zomma::kernels::cuda
