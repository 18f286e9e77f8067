// paths.cu: simulate and simulate_wheel on a stream: a block walks one chunk of samples and sums it
// in the order of the CPU; the chunks' sums are joined on the host. Launches only.
#include <zomma/kernels/cuda.h>

#include "launch.h"
#include "monte_carlo/path_estimate.h"
#include "monte_carlo/wheel_rows.h"

namespace zomma::kernels::cuda {
namespace {

using detail::chunk_samples;
using detail::round_samples;
constexpr unsigned walkers = 256;  // threads a chunk
static_assert(policy_chunk == chunk_samples);

// Each sum is one thread's, so that its order is that of the samples.
__device__ void sum_moments(const SampleBuffer<chunk_samples>& buffer, std::size_t count,
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

template <class Observer, bool scored, bool antithetic>
__global__ void __launch_bounds__(walkers)
    walk_chunks(PathPlan plan, std::uint64_t seed, std::uint64_t first, std::size_t samples,
                Moments* out) {
  __shared__ SampleBuffer<chunk_samples> buffer;
  const std::size_t begin = std::size_t{blockIdx.x} * chunk_samples;
  const std::size_t count = samples - begin < chunk_samples ? samples - begin : chunk_samples;
  for (std::size_t i = threadIdx.x; i < count; i += walkers) {
    const PhiloxSource<double> source{seed, first + begin + i};
    const auto value = walk<double, Observer, scored, antithetic>(plan, source);
    buffer.payoff[i] = value.payoff, buffer.spot_slope[i] = value.spot_slope;
    buffer.volatility_slope[i] = value.volatility_slope, buffer.control[i] = value.control;
  }
  __syncthreads();
  sum_moments(buffer, count, out[blockIdx.x]);
}

template <class Observer>
void launch_walk(Stream stream, const PathPlan& plan, const PathSettings& settings,
                 std::uint64_t first, std::size_t samples, unsigned blocks, Moments* out) {
  const bool scored = settings.greeks == PathGreeks::likelihood_ratio;
  const auto kernel =
      settings.antithetic
          ? (scored ? walk_chunks<Observer, true, true> : walk_chunks<Observer, false, true>)
          : (scored ? walk_chunks<Observer, true, false> : walk_chunks<Observer, false, false>);
  kernel<<<blocks, walkers, 0, stream>>>(plan, settings.seed, first, samples, out);
}

template <class T>
bool fetch(Stream stream, std::vector<T>& to, const T* from) {
  return cudaMemcpyAsync(to.data(), from, to.size() * sizeof(T), cudaMemcpyDeviceToHost, stream) ==
             cudaSuccess &&
         cudaStreamSynchronize(stream) == cudaSuccess;
}

__global__ void __launch_bounds__(walkers)
    walk_wheels(WheelPolicy policy, CycleLaw law, std::uint32_t cycles, std::uint64_t seed,
                std::uint64_t first, std::size_t paths, detail::WealthSums* out) {
  __shared__ double gain[chunk_samples], stock[chunk_samples];
  const std::size_t begin = std::size_t{blockIdx.x} * chunk_samples;
  const std::size_t count = paths - begin < chunk_samples ? paths - begin : chunk_samples;
  for (std::size_t i = threadIdx.x; i < count; i += walkers) {
    const auto end = walk_policy<double>(policy, law, cycles, seed, first + begin + i);
    gain[i] = end.wealth - 1.0, stock[i] = end.in_stock;
  }
  __syncthreads();
  detail::WealthSums& sums = out[blockIdx.x];
  const unsigned t = threadIdx.x;
  double sum = 0;
  if (t == 0) {
    for (std::size_t i = 0; i < count; ++i) sum += stock[i];
    sums.count = static_cast<double>(count), sums.in_stock = sum, sums.power[0] = 0;
  } else if (t <= 4) {
    for (std::size_t i = 0; i < count; ++i) {
      double product = gain[i];
      for (unsigned k = 1; k < t; ++k) product *= gain[i];
      sum += product;
    }
    sums.power[t] = sum;
  }
}

}  // namespace

std::size_t path_work_bytes(std::uint64_t samples) {
  const std::uint64_t round = std::min<std::uint64_t>(samples, round_samples);
  return static_cast<std::size_t>((round + chunk_samples - 1) / chunk_samples) *
         std::max(sizeof(Moments), sizeof(detail::WealthSums));
}

Status simulate(Stream stream, const GbmMarket& market, const PathContract& contract,
                const PathSettings& settings, std::span<std::byte> work, PathEstimate& estimate) {
  if (path_refusal(market, contract, settings) != nullptr) return Status::invalid_setting;
  if (settings.sampler != Sampler::philox) return Status::unavailable;
  if (work.size() < path_work_bytes(settings.samples)) return Status::length_mismatch;
  const PathPlan plan = detail::path_plan(market, contract);
  auto* const device = reinterpret_cast<Moments*>(work.data());
  Moments total;
  for (std::uint64_t done = 0; done < settings.samples; done += round_samples) {
    const auto here =
        static_cast<std::size_t>(std::min<std::uint64_t>(round_samples, settings.samples - done));
    std::vector<Moments> chunks((here + chunk_samples - 1) / chunk_samples);
    detail::with_observer<double>(
        contract.payoff, settings.greeks == PathGreeks::pathwise, [&](auto kind) {
          using Observer = typename decltype(kind)::Type;
          launch_walk<Observer>(stream, plan, settings, done, here,
                                static_cast<unsigned>(chunks.size()), device);
        });
    if (launched() != Status::ok || !fetch(stream, chunks, device)) return Status::unavailable;
    for (const Moments& chunk : chunks) total.merge(chunk);
  }
  estimate = detail::path_estimate({total}, total, market, contract, settings, settings.samples);
  return Status::ok;
}

Status simulate_wheel(Stream stream, std::span<const WheelSettings> settings, std::uint64_t paths,
                      std::uint64_t seed, std::span<std::byte> work, std::span<WheelOutcome> out,
                      std::span<ElementStatus> status) {
  if (work.size() < path_work_bytes(paths)) return Status::length_mismatch;
  auto* const device = reinterpret_cast<detail::WealthSums*>(work.data());
  bool ran = true;
  const auto outcome = [&](const WheelSettings& s) {
    const WheelPolicy policy = make_wheel_policy(s);
    detail::WealthSums total;
    for (std::uint64_t done = 0; done < paths && ran; done += round_samples) {
      const auto here =
          static_cast<std::size_t>(std::min<std::uint64_t>(round_samples, paths - done));
      std::vector<detail::WealthSums> chunks((here + chunk_samples - 1) / chunk_samples);
      walk_wheels<<<static_cast<unsigned>(chunks.size()), walkers, 0, stream>>>(
          policy, wheel_law(s), s.cycles, seed, done, here, device);
      ran = launched() == Status::ok && fetch(stream, chunks, device);
      for (const auto& chunk : chunks) total.add(chunk);
    }
    return detail::outcome_of(total);
  };
  const Status answer = detail::wheel_rows(settings, paths, outcome, out, status);
  return answer == Status::ok && !ran ? Status::unavailable : answer;
}

}  // namespace zomma::kernels::cuda
