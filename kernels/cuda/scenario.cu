// scenario.cu: scenario_grid and stress on a stream: positions are prepared once, then a thread
// adds up one chunk of positions in one scenario, in the order of the CPU. Launches only.
#include <zomma/kernels/cuda.h>

#include "launch.h"
#include "portfolio/scenario_checks.h"

namespace zomma::kernels::cuda {
namespace {

using detail::Chunk;

// One moved market as the formula reads it.
struct Move {
  double factor, log_factor, volatility, time, rate;
};

Move move_of(double spot, double volatility, double time, double rate) {
  return {1.0 + spot, lanes::log(1.0 + spot), volatility, time, rate};
}

// A position ready to be revalued, in the order of the groups.
struct Prepared {
  OptionLanes<double> option;
  double weight, today;
};

// Parts of the work space, each at a multiple of 16 bytes.
struct Space {
  std::size_t order, chunks, first_chunk, moves, prepared, partial, bytes;

  Space(std::size_t positions, std::size_t groups, std::size_t chunk_count, std::size_t scenarios,
        std::size_t move_count) {
    bytes = 0;
    const auto part = [&](std::size_t size) {
      const std::size_t at = bytes;
      bytes += (size + 15) / 16 * 16;
      return at;
    };
    order = part(positions * sizeof(std::uint32_t));
    chunks = part(chunk_count * sizeof(Chunk));
    first_chunk = part((groups + 1) * sizeof(std::uint32_t));
    moves = part(move_count * sizeof(Move));
    prepared = part(positions * sizeof(Prepared));
    partial = part(chunk_count * scenarios * sizeof(double));
  }
};

__global__ void prepare(OptionBook book, const std::uint32_t* order, std::size_t count,
                        Prepared* out) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  for (std::size_t at = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; at < count;
       at += stride) {
    const detail::PositionRow row = detail::position_row(book, order[at]);
    const auto option = detail::option_lanes<double>(
        row.spot, row.strike, row.expiry, row.volatility, row.rate, row.dividend, row.sign);
    out[at] = {option, row.weight, detail::value_today(option)};
  }
}

__device__ double gain(const Prepared& held, const Move& move) {
  const auto maturity = maturity_after<double>(held.option, move.time, move.rate);
  const auto wide = width_after<double>(held.option, maturity, move.volatility);
  const double value =
      revalue<double>(held.option.sign, maturity, wide, move.factor, move.log_factor);
  return held.weight * (value - held.today);
}

// `group_stride`: how far the moves of two groups in one scenario are apart; 0 where all share one.
__global__ void add_chunks(const Prepared* held, const Chunk* chunks, std::size_t chunk_count,
                           const Move* moves, std::size_t scenarios, std::size_t scenario_stride,
                           std::size_t group_stride, double* partial) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
       i < chunk_count * scenarios; i += stride) {
    const Chunk chunk = chunks[i / scenarios];
    const Move move = moves[i % scenarios * scenario_stride + chunk.group * group_stride];
    double sums[detail::interleaved_sums] = {};
    for (std::uint32_t at = chunk.begin; at < chunk.end; at += detail::interleaved_sums) {
#pragma unroll
      for (std::uint32_t k = 0; k < detail::interleaved_sums; ++k)
        if (at + k < chunk.end) sums[k] += gain(held[at + k], move);
    }
    partial[i] = detail::joined(sums);
  }
}

__global__ void join_chunks(const double* partial, const std::uint32_t* first_chunk,
                            std::size_t groups, std::size_t scenarios, double* out) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < groups * scenarios;
       i += stride) {
    const std::size_t group = i / scenarios, scenario = i % scenarios;
    double sum = 0;
    for (std::uint32_t c = first_chunk[group]; c < first_chunk[group + 1]; ++c)
      sum += partial[c * scenarios + scenario];
    out[i] = sum;
  }
}

__global__ void mark(OptionBook book, const Chunk* chunks, std::size_t chunk_count,
                     const std::uint32_t* order, std::uint32_t* excluded, ElementStatus* status) {
  for (std::size_t c = blockIdx.x; c < chunk_count; c += gridDim.x) {
    for (std::uint32_t at = chunks[c].begin + threadIdx.x; at < chunks[c].end; at += blockDim.x) {
      const bool good = detail::usable_position(book, order[at]);
      if (status != nullptr) status[order[at]] = good ? ElementStatus::ok : ElementStatus::domain;
      if (excluded != nullptr && !good) atomicAdd(&excluded[chunks[c].group], 1u);
    }
  }
}

bool upload(Stream stream, void* to, const void* from, std::size_t bytes) {
  return bytes == 0 ||
         cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream) == cudaSuccess;
}

Status run(Stream stream, const OptionBook& book, const Grouping& groups,
           const std::vector<Move>& moves, std::size_t scenarios, std::size_t scenario_stride,
           std::size_t group_stride, std::span<double> out, std::span<std::byte> work,
           std::span<std::uint32_t> excluded, std::span<ElementStatus> status) {
  const std::vector<Chunk> chunks = detail::chunks_of(groups);
  const std::size_t positions = groups.order.size();
  const Space space(positions, groups.size(), chunks.size(), scenarios, moves.size());
  if (work.size() < space.bytes) return Status::length_mismatch;
  if (groups.size() == 0) return Status::ok;
  std::vector<std::uint32_t> first_chunk(groups.size() + 1, 0);
  for (const Chunk& chunk : chunks) ++first_chunk[chunk.group + 1];
  for (std::size_t g = 0; g < groups.size(); ++g) first_chunk[g + 1] += first_chunk[g];
  const auto part = [&](std::size_t at) { return static_cast<void*>(work.data() + at); };
  bool good =
      upload(stream, part(space.order), groups.order.data(), positions * sizeof(std::uint32_t)) &&
      upload(stream, part(space.chunks), chunks.data(), chunks.size() * sizeof(Chunk)) &&
      upload(stream, part(space.first_chunk), first_chunk.data(),
             first_chunk.size() * sizeof(std::uint32_t)) &&
      upload(stream, part(space.moves), moves.data(), moves.size() * sizeof(Move));
  if (!excluded.empty())
    good =
        good && cudaMemsetAsync(excluded.data(), 0, excluded.size_bytes(), stream) == cudaSuccess;
  if (!good) return Status::unavailable;
  const auto* order = static_cast<const std::uint32_t*>(part(space.order));
  const auto* cut = static_cast<const Chunk*>(part(space.chunks));
  auto* held = static_cast<Prepared*>(part(space.prepared));
  auto* partial = static_cast<double*>(part(space.partial));
  prepare<<<blocks_for(positions), threads_per_block, 0, stream>>>(book, order, positions, held);
  add_chunks<<<blocks_for(chunks.size() * scenarios), threads_per_block, 0, stream>>>(
      held, cut, chunks.size(), static_cast<const Move*>(part(space.moves)), scenarios,
      scenario_stride, group_stride, partial);
  join_chunks<<<blocks_for(groups.size() * scenarios), threads_per_block, 0, stream>>>(
      partial, static_cast<const std::uint32_t*>(part(space.first_chunk)), groups.size(), scenarios,
      out.data());
  if (!excluded.empty() || !status.empty())
    mark<<<blocks_for(positions), threads_per_block, 0, stream>>>(
        book, cut, chunks.size(), order, excluded.empty() ? nullptr : excluded.data(),
        status.empty() ? nullptr : status.data());
  return launched();
}

}  // namespace

std::size_t scenario_work_bytes(const Grouping& groups, std::size_t scenarios, std::size_t shocks) {
  return Space(groups.order.size(), groups.size(), detail::chunks_of(groups).size(), scenarios,
               std::max(scenarios, shocks))
      .bytes;
}

Status scenario_grid(Stream stream, const OptionBook& book, const Grouping& groups,
                     const ScenarioGrid& grid, std::span<double> out, std::span<std::byte> work,
                     std::span<std::uint32_t> excluded, std::span<ElementStatus> status) {
  if (!detail::grid_good(grid)) return Status::invalid_setting;
  if (!detail::book_fits(book, groups) ||
      !detail::answers_fit(groups, grid.size(), out, excluded, status))
    return Status::length_mismatch;
  std::vector<Move> moves;
  for (const double rate : grid.rate_moves)
    for (const double time : grid.times)
      for (const double volatility : grid.volatility_moves)
        for (const double spot : grid.spot_moves)
          moves.push_back(move_of(spot, volatility, time, rate));
  return run(stream, book, groups, moves, moves.size(), 1, 0, out, work, excluded, status);
}

Status stress(Stream stream, const OptionBook& book, const Grouping& groups,
              std::span<const Shock> shocks, std::span<double> out, std::span<std::byte> work,
              std::span<std::uint32_t> excluded, std::span<ElementStatus> status) {
  const std::size_t count = groups.size();
  if (count == 0) return shocks.empty() && out.empty() ? Status::ok : Status::length_mismatch;
  const std::size_t scenarios = shocks.size() / count;
  if (shocks.size() % count != 0 || !detail::book_fits(book, groups) ||
      !detail::answers_fit(groups, scenarios, out, excluded, status))
    return Status::length_mismatch;
  if (!detail::shocks_good(shocks)) return Status::invalid_setting;
  std::vector<Move> moves;
  for (const Shock& s : shocks)
    moves.push_back(move_of(s.spot_move, s.volatility_move, s.time, s.rate_move));
  return run(stream, book, groups, moves, scenarios, count, 1, out, work, excluded, status);
}

}  // namespace zomma::kernels::cuda
