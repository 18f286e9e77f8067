// aggregate.cpp: exact sums, one task a group and column.
#include <zomma/kernels/portfolio/aggregate.h>

#include <cmath>
#include <vector>

#include <zomma/kernels/portfolio/exact_sum.h>

namespace zomma::kernels {
namespace {

constexpr std::size_t grain = 16384;

// ok[i]: weight and all products of position i are finite.
std::vector<std::uint8_t> usable_positions(Backend& backend, std::span<const double> values,
                                           std::size_t columns, std::span<const double> weights) {
  const std::size_t positions = weights.size();
  std::vector<std::uint8_t> ok(positions);
  backend.for_chunks(positions, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) ok[i] = std::isfinite(weights[i]);
    for (std::size_t c = 0; c < columns; ++c) {
      const double* column = values.data() + c * positions;
      for (std::size_t i = begin; i < end; ++i)
        ok[i] &= static_cast<std::uint8_t>(std::isfinite(weights[i] * column[i]));
    }
  });
  return ok;
}

}  // namespace

Status aggregate(Backend& backend, const Grouping& groups, std::span<const double> values,
                 std::size_t columns, std::span<const double> weights, std::span<double> out,
                 std::span<std::uint32_t> excluded, std::span<ElementStatus> status) {
  const std::size_t positions = weights.size(), count = groups.size();
  if (groups.order.size() != positions || values.size() != positions * columns ||
      out.size() != count * columns || (!excluded.empty() && excluded.size() != count) ||
      (!status.empty() && status.size() != positions)) {
    return Status::length_mismatch;
  }
  if (columns == 0) return Status::invalid_setting;
  const auto ok = usable_positions(backend, values, columns, weights);
  for (std::size_t i = 0; i < status.size(); ++i)
    status[i] = ok[i] ? ElementStatus::ok : ElementStatus::domain;
  std::vector<std::uint8_t> overflowed(count * columns, 0);
  backend.for_chunks(count * columns, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t task = begin; task < end; ++task) {
      const std::size_t group = task / columns, column = task % columns;
      const double* value = values.data() + column * positions;
      ExactSum sum;
      for (std::uint32_t k = groups.first[group]; k < groups.first[group + 1]; ++k) {
        const std::uint32_t i = groups.order[k];
        if (ok[i]) sum.add(weights[i] * value[i]);
      }
      out[task] = sum.value();
      overflowed[task] = std::isinf(out[task]);
    }
  });
  for (std::size_t group = 0; group < count; ++group) {
    bool beyond = false;
    for (std::size_t c = 0; c < columns; ++c) beyond = beyond || overflowed[group * columns + c];
    if (beyond) {
      for (std::size_t c = 0; c < columns; ++c) out[group * columns + c] = 0.0;
    }
    if (excluded.empty()) continue;
    excluded[group] = 0;
    for (std::uint32_t k = groups.first[group]; k < groups.first[group + 1]; ++k) {
      if (beyond || !ok[groups.order[k]]) ++excluded[group];
    }
  }
  return Status::ok;
}

}  // namespace zomma::kernels
