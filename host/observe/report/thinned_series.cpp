#include "observe/report/thinned_series.h"

#include <algorithm>

namespace zomma {
namespace {

// Halves the indexes and joins neighbours that became one, until at most half of the room is used.
template <class Bucket, class Join>
void halve(std::vector<Bucket>& buckets, int& shift, std::size_t max_buckets, Join join) {
  while (buckets.size() > max_buckets / 2 && shift < 62) {
    ++shift;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      Bucket bucket = buckets[i];
      bucket.index >>= 1;
      if (kept != 0 && buckets[kept - 1].index == bucket.index)
        join(buckets[kept - 1], bucket);
      else
        buckets[kept++] = bucket;
    }
    buckets.resize(kept);
  }
}

}  // namespace

void ThinnedSeries::add(std::int64_t ts_ns, double value) {
  const Point point{ts_ns, value};
  if (buckets_.empty()) {
    buckets_.reserve(max_buckets);
    first_ = point;
  }
  const std::int64_t index = (ts_ns - first_.ts_ns) >> shift_;
  if (!buckets_.empty() && buckets_.back().index == index) {
    Bucket& bucket = buckets_.back();
    if (value < bucket.least.value) bucket.least = point;
    if (value > bucket.greatest.value) bucket.greatest = point;
    bucket.last = point;
    return;
  }
  if (buckets_.size() == max_buckets) {
    merge();
    add(ts_ns, value);
    return;
  }
  buckets_.push_back({index, point, point, point});
}

void ThinnedSeries::merge() {
  halve(buckets_, shift_, max_buckets, [](Bucket& into, const Bucket& next) {
    if (next.least.value < into.least.value) into.least = next.least;
    if (next.greatest.value > into.greatest.value) into.greatest = next.greatest;
    into.last = next.last;
  });
}

Series ThinnedSeries::points() const {
  Series result;
  if (buckets_.empty()) return result;
  result.reserve(buckets_.size() * 3 + 1);
  const auto push = [&](const Point& point) {
    if (result.empty() || result.back().ts_ns != point.ts_ns || result.back().value != point.value)
      result.push_back(point);
  };
  push(first_);
  for (const Bucket& bucket : buckets_) {
    const bool falls = bucket.greatest.ts_ns < bucket.least.ts_ns;
    push(falls ? bucket.greatest : bucket.least);
    push(falls ? bucket.least : bucket.greatest);
    push(bucket.last);
  }
  return result;
}

void ThinnedFills::add(std::int64_t ts_ns, double price, double quantity) {
  if (buckets_.empty()) {
    buckets_.reserve(max_buckets);
    origin_ = ts_ns;
  }
  const std::int64_t index = (ts_ns - origin_) >> shift_;
  if (!buckets_.empty() && buckets_.back().index == index) {
    Bucket& bucket = buckets_.back();
    bucket.ts_ns = ts_ns;
    bucket.value += price * quantity;
    bucket.quantity += quantity;
    ++bucket.fills;
    return;
  }
  if (buckets_.size() == max_buckets) {
    merge();
    add(ts_ns, price, quantity);
    return;
  }
  buckets_.push_back({index, ts_ns, price * quantity, quantity, 1});
}

void ThinnedFills::merge() {
  halve(buckets_, shift_, max_buckets, [](Bucket& into, const Bucket& next) {
    into.ts_ns = next.ts_ns;
    into.value += next.value;
    into.quantity += next.quantity;
    into.fills += next.fills;
  });
}

void ThinnedFills::append_to(std::vector<FillMark>& marks, Side side) const {
  for (const Bucket& bucket : buckets_) {
    if (bucket.quantity > 0) {
      marks.push_back(
          {bucket.ts_ns, bucket.value / bucket.quantity, bucket.quantity, bucket.fills, side});
    }
  }
}

}  // namespace zomma
