// grouping.h: which positions belong together. Keys are plain numbers (ids of underlyings,
// expiries, strategies).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <zomma/kernels/status.h>

namespace zomma::kernels {

// Positions sorted into groups of equal keys.
struct Grouping {
  std::size_t columns = 0;           // keys a position
  std::vector<std::uint32_t> keys;   // groups * columns, ascending
  std::vector<std::uint32_t> group;  // of each position
  std::vector<std::uint32_t> order;  // positions, group by group, each group in the order given
  std::vector<std::uint32_t> first;  // groups + 1: where each group begins in `order`

  std::size_t size() const { return first.empty() ? 0 : first.size() - 1; }
};

// Groups by all columns at once: by underlying with one, by underlying and expiry with two. Every
// column has one key a position; columns of unequal length give length_mismatch, no column or 2^32
// positions invalid_setting.
Status group_positions(std::span<const std::span<const std::uint32_t>> key_columns, Grouping& out);

}  // namespace zomma::kernels
