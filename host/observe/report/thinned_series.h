// thinned_series.h: curves and markers that stay small however long the run: time is cut into
// buckets of a power of two of nanoseconds; when there are too many buckets, neighbours merge. What
// is kept depends on the points alone.
//
// add: no allocation once the buckets are reserved, no division.
#pragma once

#include <cstdint>
#include <vector>

#include "observe/report/figures.h"

namespace zomma {

class ThinnedSeries {
 public:
  static constexpr std::size_t max_buckets = 1'333;  // 3 points each: below 4,000

  // Times never fall.
  void add(std::int64_t ts_ns, double value);
  bool empty() const { return buckets_.empty(); }
  // First point, then least, greatest and last of each bucket, in order of time.
  Series points() const;

 private:
  struct Bucket {
    std::int64_t index;
    Point least, greatest, last;
  };
  void merge();

  std::vector<Bucket> buckets_;
  Point first_{};
  int shift_ = 20;  // about 1 ms to begin with
};

// Fills of one side.
class ThinnedFills {
 public:
  static constexpr std::size_t max_buckets = 1'000;

  void add(std::int64_t ts_ns, double price, double quantity);
  void append_to(std::vector<FillMark>& marks, Side side) const;

 private:
  struct Bucket {
    std::int64_t index, ts_ns;
    double value, quantity;  // value = sum of price * quantity
    std::uint64_t fills;
  };
  void merge();

  std::vector<Bucket> buckets_;
  std::int64_t origin_ = 0;
  int shift_ = 20;
};

}  // namespace zomma
