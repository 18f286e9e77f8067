// bench_kernels_command.h: zomma bench kernels: how fast the mathematics is on this machine.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace zomma::cli {

struct BenchSettings {
  bool quick = false;    // a tenth of the work, for a first look
  unsigned threads = 1;  // 0: one a core
};

struct BenchRow {
  std::string kernel;  // "European, value + 5 Greeks, fp64"
  std::string item;    // what is counted: options, quotes, slices, path steps
  double per_second = 0;
  double ratio = 0;  // items a second over options a second of the plain loop, same run
};

// The first row is the reference: value and five Greeks by textbook formulas with std::erfc, one
// option at a time on one thread. Medians of seven, each beside a reference of its own.
std::vector<BenchRow> bench_kernels(const BenchSettings& settings);

void add_bench_command(CLI::App& app, int& status);

}  // namespace zomma::cli
