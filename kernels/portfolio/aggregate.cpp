// aggregate.cpp: exact sums in two registers a group: a 128-bit integer for terms within 2^40 of
// the column's largest, an ExactSum for the rest. Whole-number addition has no order.
#include <zomma/kernels/portfolio/aggregate.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>
#include <vector>

#include <zomma/kernels/portfolio/exact_sum.h>

namespace zomma::kernels {
namespace {

__extension__ typedef __int128 Wide;

constexpr std::size_t grain = 16384;
constexpr std::size_t block_positions = std::size_t{1} << 17;
// 53 bits of a term, 40 of window and 33 for 2^32 terms fit into 127.
constexpr unsigned window = 40;

struct Input {
  const Grouping& groups;
  std::span<const double> values, weights;
  std::size_t columns;
  const std::vector<std::uint8_t>& ok;  // weight and all products of the position are finite
};

// The sums of one column over a block of positions.
struct BlockSums {
  std::vector<Wide> near;                      // one a group
  std::vector<std::unique_ptr<ExactSum>> far;  // made when needed
};

std::vector<std::uint8_t> usable_positions(Backend& backend, std::span<const double> values,
                                           std::size_t columns, std::span<const double> weights) {
  const std::size_t positions = weights.size();
  std::vector<std::uint8_t> ok(positions);
  backend.for_chunks(positions, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) ok[i] = std::isfinite(weights[i]);
    for (std::size_t c = 0; c < columns; ++c) {
      const double* column = values.data() + c * positions;
      for (std::size_t i = begin; i < end; ++i) {
        ok[i] &= static_cast<std::uint8_t>(std::isfinite(weights[i] * column[i]));
      }
    }
  });
  return ok;
}

unsigned exponent_of(double x) {
  return std::max(1u, static_cast<unsigned>(std::bit_cast<std::uint64_t>(x) >> 52) & 0x7ff);
}

// The weight of bit 0 of the wide sums, as an exponent field.
unsigned base_of(const Input& in, std::size_t column) {
  const double* value = in.values.data() + column * in.weights.size();
  double largest = 0;
  for (std::size_t i = 0; i < in.weights.size(); ++i) {
    largest = std::max(largest, in.ok[i] ? std::abs(in.weights[i] * value[i]) : 0.0);
  }
  return std::max(exponent_of(largest), window + 1) - window;
}

void add_block(const Input& in, std::size_t column, unsigned base, std::size_t begin,
               std::size_t end, BlockSums& sums) {
  const double* value = in.values.data() + column * in.weights.size();
  for (std::size_t i = begin; i < end; ++i) {
    if (!in.ok[i]) continue;
    const double x = in.weights[i] * value[i];
    const auto bits = std::bit_cast<std::uint64_t>(x);
    const unsigned exponent = exponent_of(x);
    const std::uint32_t group = in.groups.group[i];
    if (exponent < base) {
      if (x == 0) continue;
      if (!sums.far[group]) sums.far[group] = std::make_unique<ExactSum>();
      sums.far[group]->add(x);
      continue;
    }
    const std::uint64_t hidden = (bits >> 52 & 0x7ff) != 0 ? std::uint64_t{1} << 52 : 0;
    const Wide term = static_cast<Wide>((bits & 0xfffffffffffffu) | hidden) << (exponent - base);
    const Wide sign = -static_cast<Wide>(bits >> 63);
    sums.near[group] += (term ^ sign) - sign;
  }
}

void add_wide(ExactSum& sum, Wide wide, unsigned base) {
  const bool negative = wide < 0;
  if (negative) wide = -wide;
  for (unsigned place = base; wide != 0; place += 32, wide >>= 32) {
    sum.add_word(static_cast<std::uint32_t>(wide), place, negative);
  }
}

// Column sums of all groups, the blocks joined; `out` is strided by columns.
void sum_column(Backend& backend, const Input& in, std::size_t column, std::span<double> out) {
  const std::size_t positions = in.weights.size(), groups = in.groups.size();
  // Many groups: one block, for each block holds a register a group.
  const std::size_t block = groups > 65536 ? positions : block_positions;
  const std::size_t blocks = (positions + block - 1) / block;
  const unsigned base = base_of(in, column);
  std::vector<BlockSums> sums(blocks);
  backend.for_chunks(positions, block, [&](std::size_t begin, std::size_t end) {
    for (; begin < end; begin += block) {
      BlockSums& mine = sums[begin / block];
      mine.near.assign(groups, 0);
      mine.far.resize(groups);
      add_block(in, column, base, begin, std::min(begin + block, end), mine);
    }
  });
  for (std::size_t g = 0; g < groups; ++g) {
    ExactSum total;
    Wide near = 0;
    for (const BlockSums& one : sums) {
      near += one.near[g];
      if (one.far[g]) total.add(*one.far[g]);
    }
    add_wide(total, near, base);
    out[g * in.columns + column] = total.value();
  }
}

// Groups with a sum beyond the largest double get zeros; true for those.
std::vector<std::uint8_t> clear_overflow(std::span<double> out, std::size_t columns) {
  std::vector<std::uint8_t> beyond(out.size() / columns, 0);
  for (std::size_t k = 0; k < out.size(); ++k) {
    if (std::isinf(out[k])) beyond[k / columns] = 1;
  }
  for (std::size_t k = 0; k < out.size(); ++k) {
    if (beyond[k / columns]) out[k] = 0.0;
  }
  return beyond;
}

}  // namespace

Status aggregate(Backend& backend, const Grouping& groups, std::span<const double> values,
                 std::size_t columns, std::span<const double> weights, std::span<double> out,
                 std::span<std::uint32_t> excluded, std::span<ElementStatus> status) {
  const std::size_t positions = weights.size(), count = groups.size();
  if (groups.group.size() != positions || values.size() != positions * columns ||
      out.size() != count * columns || (!excluded.empty() && excluded.size() != count) ||
      (!status.empty() && status.size() != positions)) {
    return Status::length_mismatch;
  }
  if (columns == 0) return Status::invalid_setting;
  const auto ok = usable_positions(backend, values, columns, weights);
  const Input in{groups, values, weights, columns, ok};
  for (std::size_t c = 0; c < columns && positions > 0; ++c) sum_column(backend, in, c, out);
  const auto beyond = clear_overflow(out, columns);
  for (std::size_t i = 0; i < status.size(); ++i) {
    status[i] = ok[i] ? ElementStatus::ok : ElementStatus::domain;
  }
  if (excluded.empty()) return Status::ok;
  std::fill(excluded.begin(), excluded.end(), 0u);
  for (std::size_t i = 0; i < positions; ++i) {
    const std::uint32_t group = groups.group[i];
    if (!ok[i] || beyond[group]) ++excluded[group];
  }
  return Status::ok;
}

}  // namespace zomma::kernels
