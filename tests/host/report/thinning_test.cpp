// thinning_test.cpp: what is kept small must stay true: extremes of curves, sums of fills,
// quantiles of latencies.
#include <algorithm>

#include "base/random.h"
#include "host/report/records.h"
#include "observe/report/latency_histogram.h"
#include "observe/report/thinned_series.h"

namespace zomma {
namespace {

using test::close_to;

TEST_CASE("a short curve is kept as it is") {
  ThinnedSeries series;
  for (int i = 0; i < 100; ++i) series.add(test::start + i * 10'000'000, i % 7);
  const Series points = series.points();
  REQUIRE(points.size() == 100);
  for (int i = 0; i < 100; ++i) CHECK(points[static_cast<std::size_t>(i)].value == i % 7);
}

TEST_CASE(
    "of a long curve at most 4,000 points are kept, the extremes, the first and the last among "
    "them") {
  Random random(3);
  ThinnedSeries series;
  double least = 0, greatest = 0, value = 0;
  std::int64_t ts = test::start;
  for (int i = 0; i < 1'000'000; ++i) {
    series.add(ts, value);
    least = std::min(least, value);
    greatest = std::max(greatest, value);
    if (i == 999'999) break;
    ts += random.exponential(3'000'000);
    value += static_cast<double>(random.between(-100, 100));
  }
  const Series points = series.points();
  CHECK(points.size() <= 4'000);
  CHECK(points.size() > 1'000);
  CHECK(points.front().ts_ns == test::start);
  CHECK(points.back().ts_ns == ts);
  CHECK(points.back().value == value);
  CHECK(std::is_sorted(points.begin(), points.end(),
                       [](const Point& a, const Point& b) { return a.ts_ns < b.ts_ns; }));
  const auto [low, high] =
      std::minmax_element(points.begin(), points.end(),
                          [](const Point& a, const Point& b) { return a.value < b.value; });
  CHECK(low->value == least);
  CHECK(high->value == greatest);
}

TEST_CASE("points decades apart are kept") {
  ThinnedSeries series;
  series.add(1, 1);
  series.add(4'000'000'000'000'000'000, 2);
  CHECK(series.points().size() == 2);
}

TEST_CASE("joined fills keep their number, quantity and average price") {
  Random random(4);
  ThinnedFills fills;
  double quantity = 0, value = 0;
  constexpr int count = 50'000;
  for (int i = 0; i < count; ++i) {
    const auto price = static_cast<double>(random.between(90, 110)),
               size = static_cast<double>(random.between(1, 9));
    fills.add(test::start + std::int64_t{i} * 70'000'000, price, size);
    quantity += size;
    value += price * size;
  }
  std::vector<FillMark> marks;
  fills.append_to(marks, Side::sell);
  CHECK(marks.size() <= ThinnedFills::max_buckets);
  CHECK(marks.size() > 300);
  double kept_quantity = 0, kept_value = 0;
  std::uint64_t kept = 0;
  for (const FillMark& mark : marks) {
    kept += mark.fills;
    kept_quantity += mark.quantity;
    kept_value += mark.price * mark.quantity;
    CHECK(mark.side == Side::sell);
  }
  CHECK(kept == count);
  CHECK(kept_quantity == close_to(quantity));
  CHECK(kept_value == close_to(value));
}

TEST_CASE("latency quantiles are at most a sixteenth above the truth") {
  Random random(8);
  LatencyHistogram histogram;
  std::vector<std::int64_t> truth;
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    truth.push_back(random.exponential(250'000));
    histogram.add(truth.back());
    sum += static_cast<double>(truth.back());
  }
  std::sort(truth.begin(), truth.end());
  const LatencyFigures figures = histogram.figures();
  CHECK(figures.count == truth.size());
  CHECK(figures.least_ns == truth.front());
  CHECK(figures.greatest_ns == truth.back());
  CHECK(figures.mean_ns == close_to(sum / 100'000));
  const auto check = [&](std::int64_t found, std::size_t place) {
    CHECK(found >= truth[place - 1]);
    CHECK(static_cast<double>(found) <= static_cast<double>(truth[place - 1]) * (1 + 1.0 / 16));
  };
  check(figures.p50_ns, 50'000);
  check(figures.p90_ns, 90'000);
  check(figures.p99_ns, 99'000);
  check(figures.p999_ns, 99'900);
  std::uint64_t in_bins = 0;
  for (const HistogramBin& bin : figures.bins) in_bins += bin.count;
  CHECK(in_bins == truth.size());
}

TEST_CASE("latencies at the ends of the range are counted") {
  LatencyHistogram histogram;
  histogram.add(-5);
  histogram.add(0);
  histogram.add(15);
  histogram.add(16);
  histogram.add(std::numeric_limits<std::int64_t>::max());
  const LatencyFigures figures = histogram.figures();
  CHECK(figures.least_ns == 0);
  CHECK(figures.p50_ns == 15);
  CHECK(figures.greatest_ns == std::numeric_limits<std::int64_t>::max());
  CHECK(LatencyHistogram{}.figures().bins.empty());
}

}  // namespace
}  // namespace zomma
