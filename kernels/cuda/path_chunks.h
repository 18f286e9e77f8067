// path_chunks.h: what the simulations on a stream share: the moments of one chunk of samples,
// summed by a block in the order of the CPU.
#pragma once

#include <zomma/kernels/cuda.h>

#include <vector>

#include "launch.h"
#include "monte_carlo/path_estimate.h"

namespace zomma::kernels::cuda {

using detail::chunk_samples;
using detail::round_samples;
constexpr unsigned walkers = 256;  // threads a chunk

// Each sum is one thread's, so that its order is that of the samples.
__device__ inline void sum_moments(const SampleBuffer<chunk_samples>& buffer, std::size_t count,
                                   Moments& out) {
  __shared__ double mean[4];
  const double* column[4] = {buffer.payoff, buffer.spot_slope, buffer.volatility_slope,
                             buffer.control};
  const unsigned t = threadIdx.x;
  if (t < 4) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += column[t][i];
    mean[t] = sum / static_cast<double>(count);
  }
  __syncthreads();
  if (t < 5) {
    const unsigned a = t < 4 ? t : 0, b = t < 4 ? t : 3;  // the last is payoff by control
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i)
      sum += (column[a][i] - mean[a]) * (column[b][i] - mean[b]);
    double* const m2[5] = {&out.payoff_m2, &out.spot_slope_m2, &out.volatility_slope_m2,
                           &out.control_m2, &out.co};
    *m2[t] = sum;
  }
  if (t == 0) {
    out.count = static_cast<double>(count);
    out.payoff = mean[0], out.spot_slope = mean[1], out.volatility_slope = mean[2],
    out.control = mean[3];
  }
}

// Brings numbers back and waits for them.
template <class T>
bool fetch(Stream stream, std::vector<T>& to, const T* from) {
  return cudaMemcpyAsync(to.data(), from, to.size() * sizeof(T), cudaMemcpyDeviceToHost, stream) ==
             cudaSuccess &&
         cudaStreamSynchronize(stream) == cudaSuccess;
}

// The moments of each replicate of a simulation from Sobol points; `work` holds at least
// sobol_work_bytes().
std::size_t sobol_work_bytes(const PathContract& contract, const PathSettings& settings);
Status sobol_moments(Stream stream, const PathPlan& plan, const PathSettings& settings,
                     std::span<std::byte> work, std::vector<Moments>& all);

}  // namespace zomma::kernels::cuda
