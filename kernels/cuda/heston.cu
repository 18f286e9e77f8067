// heston.cu: heston_price on a stream, a block an expiry: its threads share the coefficients of the
// nodes, which stand in the caller's work space, and then the strikes. Launches only.
#include <zomma/kernels/cuda.h>

#include "fourier/heston_checks.h"
#include "fourier/heston_element.h"
#include "launch.h"

namespace zomma::kernels::cuda {
namespace {

using heston_detail::Node;
constexpr unsigned workers = 128;
constexpr unsigned none = ~0u;

// The largest of all threads' numbers, the same in each.
__device__ double block_maximum(double x) {
  __shared__ double all[workers];
  all[threadIdx.x] = x;
  __syncthreads();
  for (unsigned half = workers / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) all[threadIdx.x] = maximum(all[threadIdx.x], all[threadIdx.x + half]);
    __syncthreads();
  }
  return all[0];
}

// Fills c with the nodes of an expiry, series by series, and answers how many blocks of four there
// are to the integrand's end; 0 where it does not end within `capacity` nodes, a multiple of
// `workers`, or is not a number: the blocks are judged in the order of the CPU.
__device__ unsigned fill(const Node& node, Complex<double>* c, unsigned capacity) {
  __shared__ unsigned end, bad;
  if (threadIdx.x == 0) end = bad = none;
  __syncthreads();
  for (unsigned first = 0; first < capacity && end == none && bad == none; first += workers) {
    const unsigned j = first + threadIdx.x, block = j / 4;
    const double u = node.step * static_cast<double>(j);
    Complex<double>* const own = c + std::size_t{j} * node.series;
    const double size = node.coefficients(u, j == 0 ? 0.5 : 1.0, own);
    __syncthreads();
    if (j % 4 == 0 && !(magnitude(own[0].re) < 1e300)) atomicMin(&bad, block);
    if (j % 8 == 7 && node.ended(u, size)) atomicMin(&end, block);
    __syncthreads();
  }
  return end == none || bad <= end ? 0 : end + 1;
}

__global__ void __launch_bounds__(workers)
    price_expiries(HestonParameters model, JumpParameters jumps, HestonQuotes quotes, int series,
                   Complex<double>* work, unsigned capacity, HestonValues out) {
  __shared__ Node node;
  for (std::size_t e = blockIdx.x; e < quotes.expiries.size(); e += gridDim.x) {
    const HestonExpiry slice = quotes.expiries[e];
    const std::size_t n = quotes.strike.size(), end = slice.end < n ? slice.end : n;
    const heston_detail::ForwardAndDiscount market(quotes.spot, slice);
    double reach = 0;
    for (std::size_t i = slice.begin + threadIdx.x; market.good && i < end; i += workers)
      if (heston_detail::valid_quote(quotes, i))
        reach = maximum(reach, magnitude(log(market.forward / quotes.strike[i])));
    reach = block_maximum(reach);
    if (threadIdx.x == 0 && market.good)
      node = Node::make(model, jumps, slice.expiry, reach, series);
    __syncthreads();
    Complex<double>* const c = work + e * capacity * series;
    const unsigned blocks = market.good ? fill(node, c, capacity) : 0;
    __syncthreads();
    for (std::size_t i = slice.begin + threadIdx.x; i < end; i += workers) {
      if (!market.good || !heston_detail::valid_quote(quotes, i)) {
        heston_detail::write(out, i, ElementStatus::domain);
      } else if (blocks == 0) {
        heston_detail::write(out, i, ElementStatus::no_convergence);
      } else {
        const double k = log(market.forward / quotes.strike[i]);
        double sum[heston_detail::most_series];
        heston_detail::sums(series, c, std::size_t{blocks} * 4, node.step * k, sum);
        heston_detail::answer(quotes, i, market, node.variance, k, series, sum, out);
      }
    }
    __syncthreads();
  }
}

}  // namespace

std::size_t heston_work_bytes(std::size_t expiries, const HestonValues& out, std::size_t nodes) {
  return expiries * ((nodes + workers - 1) / workers * workers) *
         static_cast<std::size_t>(heston_detail::series_of(out)) * sizeof(Complex<double>);
}

Status heston_price(Stream stream, const HestonParameters& model, const JumpParameters& jumps,
                    const HestonQuotes& quotes, const HestonValues& out,
                    std::span<std::byte> work) {
  if (!columns_fit(quotes, out)) return Status::length_mismatch;
  if (!valid_model(model, jumps)) return Status::invalid_setting;
  const std::size_t expiries = quotes.expiries.size();
  if (expiries == 0) return Status::ok;
  const int series = heston_detail::series_of(out);
  const std::size_t nodes = std::min(
      work.size() / (expiries * static_cast<std::size_t>(series) * sizeof(Complex<double>)) /
          workers * workers,
      heston_detail::most_nodes);
  if (nodes == 0) return Status::length_mismatch;
  price_expiries<<<static_cast<unsigned>(std::min<std::size_t>(expiries, 65535)), workers, 0,
                   stream>>>(model, jumps, quotes, series,
                             reinterpret_cast<Complex<double>*>(work.data()),
                             static_cast<unsigned>(nodes), out);
  return launched();
}

}  // namespace zomma::kernels::cuda
