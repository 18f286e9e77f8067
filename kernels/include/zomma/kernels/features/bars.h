// bars.h: open, high, low, close and volume of many instruments, row after row.
#pragma once

#include <cstddef>
#include <span>

namespace zomma::kernels {

// Every span used is instruments * bars long; bar t of instrument i is at i * bars + t. Spans a
// call does not use may be empty. Prices are above 0 and low <= open, close <= high; volumes are
// not negative. A row that breaks this has status domain and zeros as its answer.
struct BarSeries {
  std::span<const double> open, high, low, close, volume;
  std::size_t instruments = 0;
};

}  // namespace zomma::kernels
