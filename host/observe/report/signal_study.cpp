#include "observe/report/signal_study.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "observe/report/statistics.h"

namespace zomma {
namespace {

constexpr std::uint32_t max_signal_index = 65'535;

double log_ratio(std::int64_t after, std::int64_t before) {
  return std::log(static_cast<double>(after) / static_cast<double>(before));
}

// The greatest number of later observations that begin before an observation's horizon ends, and
// how many horizons fit one after the other without overlap.
struct Overlap {
  std::uint32_t following = 0;
  std::size_t independent = 0;
};
Overlap overlap_of(std::span<const std::int64_t> ts_ns, std::int64_t horizon_ns) {
  Overlap result;
  std::size_t end = 0;
  std::int64_t free_from = std::numeric_limits<std::int64_t>::min();
  for (std::size_t i = 0; i < ts_ns.size(); ++i) {
    while (end < ts_ns.size() && ts_ns[end] - ts_ns[i] < horizon_ns) ++end;
    result.following = std::max(result.following, static_cast<std::uint32_t>(end - i - 1));
    if (ts_ns[i] >= free_from) {
      ++result.independent;
      free_from = ts_ns[i] + horizon_ns;
    }
  }
  return result;
}

void count_hits(std::span<const double> signal, std::span<const double> forward,
                SignalHorizon& result) {
  std::uint64_t hits = 0;
  for (std::size_t i = 0; i < signal.size(); ++i) {
    if (signal[i] == 0 || forward[i] == 0) continue;
    ++result.hit_base;
    if ((signal[i] > 0) == (forward[i] > 0)) ++hits;
  }
  if (result.hit_base != 0)
    result.hit_rate = static_cast<double>(hits) / static_cast<double>(result.hit_base);
}

// Mean forward return of the observations whose rank falls in each fifth.
void fill_quintiles(std::span<const double> ranks, std::span<const double> forward,
                    SignalHorizon& result) {
  std::array<double, 5> sums{};
  std::array<std::uint64_t, 5> counts{};
  const double n = static_cast<double>(ranks.size());
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    const auto fifth =
        std::min<std::size_t>(4, static_cast<std::size_t>(5.0 * (ranks[i] - 0.5) / n));
    sums[fifth] += forward[i];
    ++counts[fifth];
  }
  for (std::size_t q = 0; q < 5; ++q) {
    if (counts[q] != 0) result.quintile_bps[q] = 1e4 * sums[q] / static_cast<double>(counts[q]);
  }
}

}  // namespace

SignalStudy::Observations* SignalStudy::series_of(const SignalRecord& record) {
  if (record.signal > max_signal_index) return nullptr;
  if (record.signal >= index_.size()) index_.resize(record.signal + 1);
  for (const std::uint32_t place : index_[record.signal]) {
    Observations& series = series_[place];
    if (series.instrument == record.instrument && series.instance == record.instance)
      return &series;
  }
  if (series_.size() == max_series) return nullptr;
  index_[record.signal].push_back(static_cast<std::uint32_t>(series_.size()));
  Observations series{record.instance,
                      record.signal,
                      record.instrument,
                      0,
                      interval_.value,
                      record.ts_ns,
                      {},
                      {},
                      {},
                      {}};
  series.log_return.resize(horizons_.size());
  return &series_.emplace_back(std::move(series));
}

void SignalStudy::publish(const SignalRecord& record, std::int64_t doubled_mid) {
  if (!std::isfinite(record.value)) {
    ++not_finite_;
    return;
  }
  Observations* series = series_of(record);
  if (series == nullptr) {
    ++dropped_;
    return;
  }
  ++series->published;
  if (record.ts_ns < series->next_ns || doubled_mid <= 0) return;
  if (series->ts_ns.size() == max_observations) {
    thin(*series);
    if (record.ts_ns < series->next_ns) return;
  }
  series->ts_ns.push_back(record.ts_ns);
  series->doubled_mid.push_back(doubled_mid);
  series->value.push_back(record.value);
  series->next_ns = record.ts_ns + series->interval_ns;
  for (const Nanoseconds horizon : horizons_)
    next_due_ = std::min(next_due_, record.ts_ns + horizon.value);
}

// Keeps observations 0, 2, 4, ...: they stay at least the doubled interval apart.
void SignalStudy::thin(Observations& series) const {
  const auto keep_even = [](auto& values) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < values.size(); i += 2) values[kept++] = values[i];
    values.resize(kept);
  };
  keep_even(series.ts_ns);
  keep_even(series.doubled_mid);
  keep_even(series.value);
  for (auto& returns : series.log_return) keep_even(returns);
  series.interval_ns *= 2;
  series.next_ns = series.ts_ns.back() + series.interval_ns;
}

void SignalStudy::resolve(std::int64_t now_ns, std::span<const std::int64_t> doubled_mids) {
  if (now_ns <= next_due_) return;
  std::int64_t due = std::numeric_limits<std::int64_t>::max();
  for (Observations& series : series_) {
    const std::int64_t mid = doubled_mids[series.instrument];
    for (std::size_t h = 0; h < horizons_.size(); ++h) {
      auto& returns = series.log_return[h];
      while (returns.size() < series.ts_ns.size()) {
        const std::size_t next = returns.size();
        const std::int64_t ends = series.ts_ns[next] + horizons_[h].value;
        if (ends >= now_ns) {
          due = std::min(due, ends);
          break;
        }
        returns.push_back(static_cast<float>(log_ratio(mid, series.doubled_mid[next])));
      }
    }
  }
  next_due_ = due;
}

SignalHorizon SignalStudy::judge(const Observations& series, std::size_t horizon,
                                 std::int64_t now_ns, std::int64_t doubled_mid) const {
  SignalHorizon result;
  result.horizon = horizons_[horizon];
  std::vector<double> forward(series.log_return[horizon].begin(), series.log_return[horizon].end());
  while (forward.size() < series.ts_ns.size() &&
         series.ts_ns[forward.size()] + result.horizon.value <= now_ns) {
    forward.push_back(
        static_cast<float>(log_ratio(doubled_mid, series.doubled_mid[forward.size()])));
  }
  const std::size_t n = forward.size();
  result.count = n;
  if (n == 0) return result;
  const std::span<const double> signal(series.value.data(), n);
  const Overlap overlap = overlap_of({series.ts_ns.data(), n}, result.horizon.value);
  result.lags = newey_west_lags(n, overlap.following);
  const bool error_known = overlap.independent >= least_independent;
  const auto keep = [&](Correlation found, double& r, double& error) {
    r = found.r;
    if (error_known) error = found.error;
  };
  const std::vector<double> ranks = average_ranks(signal);
  keep(correlation(signal, forward, result.lags), result.pearson, result.pearson_error);
  keep(correlation(ranks, average_ranks(forward), result.lags), result.spearman,
       result.spearman_error);
  result.independent = overlap.independent;
  count_hits(signal, forward, result);
  if (has_value(result.spearman)) fill_quintiles(ranks, forward, result);
  return result;
}

std::vector<SignalResult> SignalStudy::results(std::int64_t now_ns,
                                               std::span<const std::int64_t> doubled_mids) const {
  std::vector<SignalResult> results;
  for (const Observations& series : series_) {
    SignalResult result;
    result.instance = series.instance;
    result.signal = series.signal;
    result.instrument = series.instrument;
    result.published = series.published;
    result.observed = series.ts_ns.size();
    result.interval = {series.interval_ns};
    for (std::size_t h = 0; h < horizons_.size(); ++h) {
      result.horizons.push_back(judge(series, h, now_ns, doubled_mids[series.instrument]));
    }
    results.push_back(std::move(result));
  }
  std::sort(results.begin(), results.end(), [](const SignalResult& a, const SignalResult& b) {
    return std::tie(a.instance, a.instrument, a.signal) <
           std::tie(b.instance, b.instrument, b.signal);
  });
  return results;
}

}  // namespace zomma
