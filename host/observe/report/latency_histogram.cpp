#include "observe/report/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace zomma {

// Below 16 every number has its own bin; above, the four bits after the leading one choose among 16
// per power of two.
std::size_t LatencyHistogram::bin_of(std::uint64_t nanoseconds) {
  constexpr std::uint64_t linear = std::uint64_t{1} << sub_bits;
  if (nanoseconds < linear) return static_cast<std::size_t>(nanoseconds);
  const int octave = std::bit_width(nanoseconds) - 1 - sub_bits;
  return static_cast<std::size_t>((static_cast<std::uint64_t>(octave + 1) << sub_bits) +
                                  ((nanoseconds >> octave) - linear));
}

std::int64_t LatencyHistogram::lower_end(std::size_t bin) {
  constexpr std::size_t linear = std::size_t{1} << sub_bits;
  if (bin < linear) return static_cast<std::int64_t>(bin);
  const std::size_t octave = (bin >> sub_bits) - 1;
  return static_cast<std::int64_t>((linear + (bin & (linear - 1))) << octave);
}

void LatencyHistogram::add(std::int64_t nanoseconds) {
  const std::int64_t value = std::max<std::int64_t>(nanoseconds, 0);
  least_ = count_ == 0 ? value : std::min(least_, value);
  greatest_ = std::max(greatest_, value);
  ++count_;
  sum_ += static_cast<double>(value);
  ++bins_[bin_of(static_cast<std::uint64_t>(value))];
}

LatencyHistogram& LatencyHistogram::operator+=(const LatencyHistogram& other) {
  if (other.count_ == 0) return *this;
  least_ = count_ == 0 ? other.least_ : std::min(least_, other.least_);
  greatest_ = std::max(greatest_, other.greatest_);
  count_ += other.count_;
  sum_ += other.sum_;
  for (std::size_t bin = 0; bin < bin_count; ++bin) bins_[bin] += other.bins_[bin];
  return *this;
}

// The greatest duration of the bin that holds the ceil(share * n)-th smallest, never above the
// greatest seen.
std::int64_t LatencyHistogram::quantile(double share) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t bin = 0; bin + 1 < bin_count; ++bin) {
    seen += bins_[bin];
    if (seen >= wanted) return std::min(lower_end(bin + 1) - 1, greatest_);
  }
  return greatest_;
}

LatencyFigures LatencyHistogram::figures() const {
  LatencyFigures figures;
  figures.count = count_;
  if (count_ == 0) return figures;
  figures.mean_ns = sum_ / static_cast<double>(count_);
  figures.least_ns = least_;
  figures.greatest_ns = greatest_;
  figures.p50_ns = quantile(0.5);
  figures.p90_ns = quantile(0.9);
  figures.p99_ns = quantile(0.99);
  figures.p999_ns = quantile(0.999);
  const std::size_t first = bin_of(static_cast<std::uint64_t>(least_));
  const std::size_t last = bin_of(static_cast<std::uint64_t>(greatest_));
  for (std::size_t bin = first; bin <= last; ++bin) {
    const std::int64_t to = bin + 1 < bin_count ? lower_end(bin + 1) : greatest_;
    figures.bins.push_back({lower_end(bin), to, bins_[bin]});
  }
  return figures;
}

}  // namespace zomma
