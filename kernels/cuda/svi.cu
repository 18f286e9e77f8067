// svi.cu: search_svi_batch on a stream, one slice a thread. Launches only: the search is the CPU's.
#include <zomma/kernels/cuda.h>

#include "launch.h"
#include "surface/svi_search.h"

namespace zomma::kernels::cuda {
namespace {

constexpr unsigned slices_per_block = 64;

__global__ void __launch_bounds__(slices_per_block)
    search_rows(SviPoints points, int max_evaluations, std::span<RawSvi> svi,
                std::span<double> cost, std::span<ElementStatus> status) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < svi.size();
       i += stride)
    svi_search::search_row(points, i, max_evaluations, svi, cost, status);
}

}  // namespace

Status search_svi_batch(Stream stream, const SviPoints& points, int max_evaluations,
                        std::span<RawSvi> svi, std::span<double> cost,
                        std::span<ElementStatus> status) {
  if (!svi_search::points_fit(points, svi.size(), cost.size(), status.size()))
    return Status::length_mismatch;
  if (max_evaluations < 1) return Status::invalid_setting;
  if (svi.empty()) return Status::ok;
  const auto blocks = static_cast<unsigned>(
      std::min<std::size_t>(65536, (svi.size() + slices_per_block - 1) / slices_per_block));
  search_rows<<<blocks, slices_per_block, 0, stream>>>(points, max_evaluations, svi, cost, status);
  return launched();
}

}  // namespace zomma::kernels::cuda
