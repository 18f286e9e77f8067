// grouping.cpp: sorts positions by their keys, column by column from the last, each pass stable.
#include <zomma/kernels/portfolio/grouping.h>

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

namespace zomma::kernels {
namespace {

// One pass a byte; bytes that are equal everywhere are skipped, so small ids cost one or two
// passes.
void radix_sort(std::span<const std::uint32_t> keys, std::vector<std::uint32_t>& order,
                std::vector<std::uint32_t>& scratch) {
  for (unsigned shift = 0; shift < 32; shift += 8) {
    std::array<std::uint32_t, 257> starts{};
    for (const std::uint32_t position : order) ++starts[(keys[position] >> shift & 0xff) + 1];
    if (std::any_of(starts.begin(), starts.end(),
                    [&](std::uint32_t n) { return n == order.size(); }))
      continue;
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    for (const std::uint32_t position : order)
      scratch[starts[keys[position] >> shift & 0xff]++] = position;
    order.swap(scratch);
  }
}

}  // namespace

Status group_positions(std::span<const std::span<const std::uint32_t>> key_columns, Grouping& out) {
  if (key_columns.empty()) return Status::invalid_setting;
  const std::size_t count = key_columns[0].size();
  if (count > std::numeric_limits<std::uint32_t>::max()) return Status::invalid_setting;
  for (const auto column : key_columns) {
    if (column.size() != count) return Status::length_mismatch;
  }
  Grouping made;
  made.columns = key_columns.size();
  made.order.resize(count);
  std::iota(made.order.begin(), made.order.end(), 0u);
  std::vector<std::uint32_t> scratch(count);
  for (std::size_t c = key_columns.size(); c-- > 0;)
    radix_sort(key_columns[c], made.order, scratch);
  made.group.resize(count);
  made.first.push_back(0);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t position = made.order[i];
    const bool opens =
        i == 0 || std::any_of(key_columns.begin(), key_columns.end(), [&](const auto column) {
          return column[position] != column[made.order[i - 1]];
        });
    if (opens) {
      if (i > 0) made.first.push_back(static_cast<std::uint32_t>(i));
      for (const auto column : key_columns) made.keys.push_back(column[position]);
    }
    made.group[position] = static_cast<std::uint32_t>(made.first.size() - 1);
  }
  if (count > 0) made.first.push_back(static_cast<std::uint32_t>(count));
  out = std::move(made);
  return Status::ok;
}

}  // namespace zomma::kernels
