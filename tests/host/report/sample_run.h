// sample_run.h: an hour of invented but plausible trading in two instruments, from a fixed seed: a
// market maker that also takes, with signals of which some know something about the next return.
#pragma once

#include "observe/report/report.h"
#include "observe/report/run_analysis.h"

namespace zomma::test {

std::vector<Instrument> sample_instruments();
// `skill` 0..100: how much the maker's prices lean towards what will happen. 0 is a naive maker.
RunResult sample_run(const std::string& strategy, std::uint64_t seed, int skill,
                     Nanoseconds length);
// With both baselines, counters, facts and notes.
Report sample_report(Nanoseconds length = {3'600'000'000'000});

}  // namespace zomma::test
