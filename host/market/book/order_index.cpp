#include "market/book/order_index.h"

#include <algorithm>

namespace zomma {

OrderIndex::OrderIndex(std::size_t max_orders, std::size_t expected_orders, bool huge_pages) {
  constexpr std::size_t fewest_lines = 64;
  first_lines_ = std::max(fewest_lines, std::min(expected_orders, max_orders) / orders_per_line);
  lines_ = Region<Line>(std::max(first_lines_, max_orders / orders_per_line), huge_pages);
  overflow_ = Region<Line>(max_orders + 1, huge_pages);
  clear();
}

void OrderIndex::populate() const { lines_.populate(line_count_); }

void OrderIndex::clear() {
  lines_.reset();
  overflow_.reset();
  line_count_ = first_lines_;
  mask_ = std::bit_ceil(line_count_) - 1;
  size_ = 0;
  overflow_used_ = 0;
  free_overflow_ = 0;
}

// The home line is full: into the first hole of its chain, or into a new line at the chain's head.
void OrderIndex::place_overflow(Line& line, std::uint16_t wanted, std::uint32_t record) {
  std::uint32_t at = line.index[line_size];
  while (at != 0) {
    const std::uint32_t free = matches(overflow_[at], 0);
    if (free != 0) {
      overflow_[at].tag[std::countr_zero(free)] = wanted;
      overflow_[at].index[std::countr_zero(free)] = record;
      return;
    }
    at = overflow_[at].index[line_size];
  }
  std::uint32_t fresh = free_overflow_;
  if (fresh != 0) {
    free_overflow_ = overflow_[fresh].index[line_size];
  } else {
    fresh = static_cast<std::uint32_t>(++overflow_used_);
  }
  overflow_[fresh] = Line{};
  overflow_[fresh].tag[0] = wanted;
  overflow_[fresh].index[0] = record;
  overflow_[fresh].index[line_size] = line.index[line_size];
  line.index[line_size] = fresh;
}

// Takes a record out of a chain; an overflow line that becomes empty leaves it.
void OrderIndex::erase_overflow(Line& home_line, std::uint32_t record) {
  Line* before = &home_line;
  for (std::uint32_t at = before->index[line_size]; at != 0; at = before->index[line_size]) {
    Line& line = overflow_[at];
    for (int i = 0; i < line_size; ++i) {
      if (line.tag[i] == 0 || line.index[i] != record) continue;
      line.tag[i] = 0;
      if (matches(line, 0) == (1u << line_size) - 1) {
        before->index[line_size] = line.index[line_size];
        give_overflow(at);
      }
      return;
    }
    before = &line;
  }
}

void OrderIndex::give_overflow(std::uint32_t line) {
  overflow_[line].index[line_size] = free_overflow_;
  free_overflow_ = line;
}

}  // namespace zomma
