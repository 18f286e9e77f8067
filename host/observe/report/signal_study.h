// signal_study.h: is a signal worth anything? Each observation is a value the strategy published
// and, later, the log-return of the mid over the horizon that began at that moment. The value was
// known before the return existed, so every observation is out of sample, as long as the strategy
// itself learns from the past only.
//
// Of each signal at most one value per interval is observed, at least `interval` apart; after
// max_observations every second one is dropped and the interval doubles. Returns count from the mid
// at publication to the mid in force at its time plus the horizon; a signal published while the mid
// is unknown is not observed.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "journal/records.h"
#include "observe/report/figures.h"

namespace zomma {

class SignalStudy {
 public:
  static constexpr std::size_t max_series = 256;
  static constexpr std::size_t max_observations = std::size_t{1} << 16;
  // Fewer non-overlapping horizons than this say nothing about an error: it is left out.
  static constexpr std::size_t least_independent = 10;

  SignalStudy(std::vector<Nanoseconds> horizons, Nanoseconds interval)
      : horizons_(std::move(horizons)), interval_(interval) {}

  // The record's instrument is known. No allocation except when a series grows.
  void publish(const SignalRecord& record, std::int64_t doubled_mid);
  // As FillStudy::resolve.
  void resolve(std::int64_t now_ns, std::span<const std::int64_t> doubled_mids);
  std::int64_t next_due() const { return next_due_; }

  // One entry per series, by strategy, signal, instrument; `name` and `strategy` are left empty.
  std::vector<SignalResult> results(std::int64_t now_ns,
                                    std::span<const std::int64_t> doubled_mids) const;
  std::uint64_t dropped() const { return dropped_; }
  std::uint64_t not_finite() const { return not_finite_; }

 private:
  struct Observations {
    std::uint32_t instance, signal, instrument;
    std::uint64_t published = 0;
    std::int64_t interval_ns;
    std::int64_t next_ns;  // no observation before
    std::vector<std::int64_t> ts_ns, doubled_mid;
    std::vector<double> value;
    std::vector<std::vector<float>> log_return;  // by horizon; as far as it is known
  };
  Observations* series_of(const SignalRecord& record);
  void thin(Observations& series) const;
  SignalHorizon judge(const Observations& series, std::size_t horizon, std::int64_t now_ns,
                      std::int64_t doubled_mid) const;

  std::vector<Nanoseconds> horizons_;
  Nanoseconds interval_;
  std::vector<Observations> series_;
  std::vector<std::vector<std::uint32_t>> index_;  // [signal]: places in series_
  std::int64_t next_due_ = std::numeric_limits<std::int64_t>::max();
  std::uint64_t dropped_ = 0, not_finite_ = 0;
};

}  // namespace zomma
