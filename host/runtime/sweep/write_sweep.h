// write_sweep.h: a sweep's verdict for people and programs: sweep.csv, sweep.json, sweep.html, and a short text.
#pragma once

#include <string>

#include "runtime/sweep/verdict.h"

namespace zomma {

// Pure functions: no clock and nothing of how the runs were made, so that the same results give the same bytes.
std::string sweep_csv(const Search& search, const SweepVerdict& verdict);
std::string sweep_json(const Search& search, const SweepVerdict& verdict);
std::string sweep_html(const Search& search, const SweepVerdict& verdict);
// For a terminal: the best few points, how sure they are, what failed.
std::string sweep_text(const Search& search, const SweepVerdict& verdict);

// The three files into sweep.output.
Result<void> write_sweep(const Search& search, const SweepVerdict& verdict);

}  // namespace zomma
