// sobol_paths.cu: simulate from Sobol points on a stream: every thread fills its path's bridge in
// the caller's work space and walks it. Launches only.
#include <zomma/kernels/monte_carlo/brownian_bridge.h>
#include <zomma/kernels/monte_carlo/inverse_normal.h>
#include <zomma/kernels/monte_carlo/sobol.h>

#include "path_chunks.h"

namespace zomma::kernels::cuda {
namespace {

constexpr std::size_t most_blocks = 264;  // each has a path's memory for all of its threads

std::size_t padded(std::uint32_t steps) { return (std::size_t{steps} + 3) / 4 * 4; }

std::size_t chunks_in(std::uint64_t samples) {
  return static_cast<std::size_t>((samples + chunk_samples - 1) / chunk_samples);
}

// Parts of the work space, each at a multiple of 16 bytes.
struct Space {
  std::size_t moments, directions, shifts, bridge, paths, bytes = 0;

  Space(std::uint32_t steps, std::uint64_t samples) {
    const auto part = [&](std::size_t size) {
      const std::size_t at = bytes;
      bytes += (size + 15) / 16 * 16;
      return at;
    };
    const std::size_t chunks = std::min(chunks_in(samples), round_samples / chunk_samples);
    moments = part(chunks * sizeof(Moments));
    directions = part(std::size_t{steps} * sobol_bits * sizeof(std::uint32_t));
    shifts = part(steps * sizeof(std::uint32_t));
    bridge = part(steps * sizeof(BridgePoint));
    paths = part(std::min(chunks, most_blocks) * walkers * 2 * padded(steps) * sizeof(double));
  }
};

struct Net {
  const std::uint32_t *directions, *shifts;
  const BridgePoint* bridge;
  double* paths;
  std::size_t stride;  // of a path in memory
};

// The steps of the path of point `index` into `path`; `normals` is as long.
__device__ void fill_steps(const Net& net, std::uint32_t steps, std::uint32_t index,
                           double* normals, double* path) {
  for (std::uint32_t d = 0; d < steps; ++d) {
    const std::uint32_t word =
        sobol_word(net.directions + std::size_t{d} * sobol_bits, index) ^ net.shifts[d];
    normals[d] = inverse_normal<double, false>(uniform<double>(word));
  }
  fill_bridge(net.bridge, steps, normals, path);
  for (std::uint32_t d = steps - 1; d > 0; --d) path[d] = path[d] - path[d - 1];
}

template <class Observer, bool scored, bool antithetic>
__global__ void __launch_bounds__(walkers)
    walk_net(PathPlan plan, Net net, std::uint64_t seed, std::uint64_t first_path,
             std::uint64_t first, std::size_t samples, std::size_t chunks, Moments* out) {
  __shared__ SampleBuffer<chunk_samples> buffer;
  double* const normals =
      net.paths + (std::size_t{blockIdx.x} * walkers + threadIdx.x) * 2 * net.stride;
  double* const path = normals + net.stride;
  for (std::size_t chunk = blockIdx.x; chunk < chunks; chunk += gridDim.x) {
    const std::size_t begin = chunk * chunk_samples;
    const std::size_t count = samples - begin < chunk_samples ? samples - begin : chunk_samples;
    for (std::size_t i = threadIdx.x; i < count; i += walkers) {
      const std::uint64_t point = first + begin + i;
      fill_steps(net, plan.contract.steps, static_cast<std::uint32_t>(point), normals, path);
      const StoredSource<double> source{seed, first_path + point, path};
      const auto value = walk<double, Observer, scored, antithetic>(plan, source);
      buffer.payoff[i] = value.payoff, buffer.spot_slope[i] = value.spot_slope;
      buffer.volatility_slope[i] = value.volatility_slope, buffer.control[i] = value.control;
    }
    __syncthreads();
    sum_moments(buffer, count, out[chunk]);
    __syncthreads();
  }
}

template <class Observer>
auto kernel_for(const PathSettings& settings) {
  const bool scored = settings.greeks == PathGreeks::likelihood_ratio;
  return settings.antithetic
             ? (scored ? walk_net<Observer, true, true> : walk_net<Observer, false, true>)
             : (scored ? walk_net<Observer, true, false> : walk_net<Observer, false, false>);
}

bool upload(Stream stream, void* to, const void* from, std::size_t bytes) {
  return cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream) == cudaSuccess;
}

}  // namespace

std::size_t sobol_work_bytes(const PathContract& contract, const PathSettings& settings) {
  return Space(contract.steps, settings.samples / std::max(settings.replicates, 1u)).bytes;
}

Status sobol_moments(Stream stream, const PathPlan& plan, const PathSettings& settings,
                     std::span<std::byte> work, std::vector<Moments>& all) {
  const std::uint32_t steps = plan.contract.steps;
  const std::uint64_t each = settings.samples / settings.replicates;
  const Space space(steps, each);
  const auto part = [&](std::size_t at) { return static_cast<void*>(work.data() + at); };
  const std::vector<BridgePoint> bridge = brownian_bridge(steps);
  if (!upload(stream, part(space.directions), sobol_directions(),
              std::size_t{steps} * sobol_bits * sizeof(std::uint32_t)) ||
      !upload(stream, part(space.bridge), bridge.data(), bridge.size() * sizeof(BridgePoint)))
    return Status::unavailable;
  const Net net{static_cast<const std::uint32_t*>(part(space.directions)),
                static_cast<const std::uint32_t*>(part(space.shifts)),
                static_cast<const BridgePoint*>(part(space.bridge)),
                static_cast<double*>(part(space.paths)), padded(steps)};
  auto* const device = static_cast<Moments*>(part(space.moments));
  for (std::uint32_t r = 0; r < settings.replicates; ++r) {
    std::vector<std::uint32_t> shifts;
    for (std::uint32_t d = 0; d < steps; ++d) shifts.push_back(digital_shift(settings.seed, d, r));
    if (!upload(stream, part(space.shifts), shifts.data(), shifts.size() * sizeof(std::uint32_t)))
      return Status::unavailable;
    Moments total;
    for (std::uint64_t done = 0; done < each; done += round_samples) {
      const auto here =
          static_cast<std::size_t>(std::min<std::uint64_t>(round_samples, each - done));
      std::vector<Moments> chunks(chunks_in(here));
      detail::with_observer<
          double>(plan.contract.payoff, settings.greeks == PathGreeks::pathwise, [&](auto kind) {
        using Observer = typename decltype(kind)::Type;
        const auto kernel = kernel_for<Observer>(settings);
        kernel<<<static_cast<unsigned>(std::min(chunks.size(), most_blocks)), walkers, 0, stream>>>(
            plan, net, settings.seed, r * each, done, here, chunks.size(), device);
      });
      if (launched() != Status::ok || !fetch(stream, chunks, device)) return Status::unavailable;
      for (const Moments& chunk : chunks) total.merge(chunk);
    }
    all.push_back(total);
  }
  return Status::ok;
}

}  // namespace zomma::kernels::cuda
