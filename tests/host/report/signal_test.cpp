// signal_test.cpp: a signal is judged against the return that came after it, never against anything
// else.
#include <cmath>

#include "base/random.h"
#include "host/report/records.h"
#include "observe/report/signal_study.h"

namespace zomma {
namespace {

using test::close_to;
using test::plain_options;
using test::quote;
using test::second;
using test::signal;
using test::start;

AnalysisOptions one_horizon(std::int64_t horizon_ns) {
  AnalysisOptions options = plain_options();
  options.horizons = {{horizon_ns}};
  return options;
}

TEST_CASE("the return runs from the mid at publication to the mid in force when the horizon ends") {
  RunAnalysis analysis(one_horizon(second));
  const double rise[] = {0.5, 0.25, 0.1};
  std::int64_t ts = start;
  for (int i = 0; i < 3; ++i) {
    quote(analysis, ts, 1'000, 1'000);
    analysis.add_signal(signal(ts, i));
    const auto up = static_cast<std::int64_t>(1'000 * (1 + rise[i]));
    quote(analysis, ts + second - 1, up, up);
    quote(analysis, ts + second, 2 * up, 2 * up);      // at the very end: in force
    quote(analysis, ts + second + 1, 9 * up, 9 * up);  // after it: not seen
    ts += 10 * second;
  }
  const RunResult run = analysis.result();
  REQUIRE(run.signals.size() == 1);
  const SignalHorizon& judged = run.signals[0].horizons[0];
  CHECK(judged.count == 3);
  // With one observation per fifth the means are the returns themselves.
  CHECK(judged.quintile_bps[0] == Approx(1e4 * std::log(2 * 1.5)).epsilon(1e-6));
  CHECK(judged.quintile_bps[2] == Approx(1e4 * std::log(2 * 1.25)).epsilon(1e-6));
  CHECK(judged.quintile_bps[4] == Approx(1e4 * std::log(2 * 1.1)).epsilon(1e-6));
  CHECK(judged.spearman == close_to(-1.0));
  CHECK(judged.hit_base == 2);  // the signal of value 0 takes no side
  CHECK(judged.hit_rate == close_to(1.0));
}

TEST_CASE("observations whose horizon has not ended are not judged") {
  RunAnalysis analysis(one_horizon(10 * second));
  quote(analysis, start, 100, 102);
  for (int i = 0; i < 8; ++i) {
    quote(analysis, start + i * 2 * second, 100 + i % 3, 102 + i % 3);
    analysis.add_signal(signal(start + i * 2 * second, i));
  }
  const RunResult run = analysis.result();  // the clock stands at 14 s
  CHECK(run.signals[0].observed == 8);
  CHECK(run.signals[0].horizons[0].count == 3);  // published at 0, 2 and 4 s
}

TEST_CASE(
    "the information coefficient of a known correlation is found at its horizon and nowhere else") {
  AnalysisOptions options = plain_options();
  options.horizons = {{second}, {10 * second}};
  RunAnalysis analysis(options);
  Random random(12);
  constexpr int steps = 20'000;
  constexpr double signal_deviation = 500, noise_deviation = 1'000;
  std::int64_t mid = 1'000'000'000;
  for (int i = 0; i < steps; ++i) {
    const std::int64_t ts = start + i * second;
    quote(analysis, ts, mid, mid);
    std::int64_t known = 0, unknown = 0;  // the next step is their sum
    for (int k = 0; k < 12; ++k) {
      known += random.between(-866, 866);
      unknown += random.between(-1'732, 1'732);
    }
    analysis.add_signal(signal(ts, static_cast<double>(known)));
    analysis.add_signal(signal(ts, static_cast<double>(random.between(-100, 100)), 1));
    mid += known + unknown;
  }
  const RunResult run = analysis.result();
  REQUIRE(run.signals.size() == 2);
  const double ratio = signal_deviation / noise_deviation;
  const double rho = ratio / std::sqrt(1 + ratio * ratio);
  const SignalHorizon& one = run.signals[0].horizons[0];
  CHECK(one.count == steps - 1);
  CHECK(one.independent == steps - 1);
  CHECK(one.pearson_error ==
        Approx((1 - rho * rho) / std::sqrt(static_cast<double>(steps))).epsilon(0.1));
  CHECK(std::fabs(one.pearson - rho) < 4 * one.pearson_error);
  CHECK(std::fabs(one.spearman - 6 / 3.14159265358979 * std::asin(rho / 2)) <
        4 * one.spearman_error + 0.005);
  // Of ten steps the signal knows one: the correlation falls by the square root of ten.
  const SignalHorizon& ten = run.signals[0].horizons[1];
  CHECK(std::fabs(ten.pearson - rho / std::sqrt(10.0)) < 4 * ten.pearson_error);
  CHECK(ten.lags >= 18);
  CHECK(ten.independent == Approx(steps / 10).margin(2));
  for (const SignalHorizon& nothing : run.signals[1].horizons)
    CHECK(std::fabs(nothing.pearson) < 4 * nothing.pearson_error);
  CHECK(one.hit_rate > 0.6);
  CHECK(one.quintile_bps[4] > one.quintile_bps[3]);
  CHECK(one.quintile_bps[3] > one.quintile_bps[1]);
  CHECK(one.quintile_bps[1] > one.quintile_bps[0]);
}

TEST_CASE("a signal made of the past alone has no information about a random walk") {
  RunAnalysis analysis(one_horizon(second));
  Random random(13);
  std::int64_t mid = 1'000'000, before = mid;
  for (std::int64_t i = 0; i < 20'000; ++i) {
    const std::int64_t ts = start + i * 200'000'000;
    quote(analysis, ts, mid, mid);
    analysis.add_signal(signal(ts, static_cast<double>(mid - before)));
    before = mid;
    mid += random.between(-50, 50);
  }
  const SignalHorizon judged = analysis.result().signals[0].horizons[0];
  CHECK(std::fabs(judged.pearson) < 4 * judged.pearson_error);
}

TEST_CASE("values of the warm-up are left out") {
  AnalysisOptions options = one_horizon(second);
  options.warm_up = {5 * second};
  RunAnalysis analysis(options);
  for (int i = 0; i < 20; ++i) {
    quote(analysis, start + i * second, 100 + i, 102 + i);
    analysis.add_signal(signal(start + i * second, i));
  }
  CHECK(analysis.result().signals[0].published == 15);
  CHECK(analysis.result().warm_up.value == 5 * second);
}

TEST_CASE("at most one value per interval is observed, all are counted") {
  RunAnalysis analysis(one_horizon(second));
  for (std::int64_t i = 0; i < 1'000; ++i) {
    quote(analysis, start + i * 10'000'000, 100, 102);
    analysis.add_signal(signal(start + i * 10'000'000, static_cast<double>(i)));
  }
  const SignalResult result = analysis.result().signals[0];
  CHECK(result.published == 1'000);
  CHECK(result.observed == 100);
  CHECK(result.interval.value == 100'000'000);
}

TEST_CASE("values that are not numbers, and values before there is a mid, are not observed") {
  RunAnalysis analysis(one_horizon(second));
  analysis.add_signal(signal(start, 1));
  quote(analysis, start, 100, 102);
  analysis.add_signal(signal(start, std::nan("")));
  analysis.add_signal(signal(start, HUGE_VAL));
  analysis.add_signal(signal(start, 1, 0, 77));
  const RunResult run = analysis.result();
  CHECK(run.signals[0].published == 1);
  CHECK(run.signals[0].observed == 0);
  CHECK(run.quality.not_finite_signals == 2);
  CHECK(run.quality.ignored_records == 1);
}

TEST_CASE("a constant signal and a market that stands still have no coefficient") {
  RunAnalysis analysis(one_horizon(second));
  for (int i = 0; i < 200; ++i) {
    quote(analysis, start + i * second, 100 + i % 7, 102 + i % 7);
    quote(analysis, start + i * second, 100, 102, 1);
    analysis.add_signal(signal(start + i * second, 4.2));
    analysis.add_signal(signal(start + i * second, i % 5, 1, 1));
  }
  for (const SignalResult& result : analysis.result().signals) {
    CHECK(result.horizons[0].count == 199);
    CHECK_FALSE(has_value(result.horizons[0].pearson));
    CHECK_FALSE(has_value(result.horizons[0].spearman));
    CHECK_FALSE(has_value(result.horizons[0].spearman_error));
  }
}

TEST_CASE("with fewer than ten separate horizons no error is claimed") {
  RunAnalysis analysis(one_horizon(10 * second));
  Random random(2);
  for (int i = 0; i < 900; ++i) {
    quote(analysis, start + i * second / 10, 100 + random.between(0, 9), 120);
    analysis.add_signal(signal(start + i * second / 10, static_cast<double>(random.between(0, 9))));
  }
  const SignalHorizon judged = analysis.result().signals[0].horizons[0];
  CHECK(judged.count == 800);
  CHECK(judged.independent == 8);
  CHECK(has_value(judged.pearson));
  CHECK_FALSE(has_value(judged.pearson_error));
}

TEST_CASE("a long run keeps a bounded number of observations, evenly spread") {
  SignalStudy study({{second}}, {1});
  std::vector<std::int64_t> mids{200};
  constexpr std::int64_t count = 1'000'000;
  for (std::int64_t i = 0; i < count; ++i) {
    study.resolve(start + i * 1'000'000, mids);
    mids[0] = 200 + i % 11;
    study.publish({start + i * 1'000'000, 0, 0, 0, 0, static_cast<double>(i % 11)}, mids[0]);
  }
  const SignalResult result = study.results(start + count * 1'000'000, mids)[0];
  CHECK(result.published == count);
  CHECK(result.observed <= SignalStudy::max_observations);
  CHECK(result.observed > SignalStudy::max_observations / 4);
  CHECK(result.horizons[0].count >= result.observed - 300);
  CHECK(has_value(result.horizons[0].spearman));
}

TEST_CASE("more series than fit are dropped and counted") {
  SignalStudy study({{second}}, {1});
  for (std::uint32_t i = 0; i < SignalStudy::max_series + 5; ++i)
    study.publish({start, 0, 0, i, 0, 1.0}, 200);
  study.publish({start, 0, 0, 1u << 31, 0, 1.0}, 200);
  CHECK(study.dropped() == 6);
}

}  // namespace
}  // namespace zomma
