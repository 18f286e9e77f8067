// quotes.h: quotes of a known slice, for tests and benchmarks of fits.
#pragma once

#include <zomma/kernels/surface/fit_report.h>
#include <zomma/kernels/surface/svi.h>

#include <cmath>
#include <cstdint>
#include <vector>

namespace zomma::test {

struct Quotes {
  double expiry = 1;
  std::vector<double> k, bid, ask;

  kernels::SliceQuotes view() const { return {expiry, k, bid, ask}; }

  // Moves every quote up or down by up to `size` vol, the same way on every run.
  void shake(double size, std::uint64_t seed) {
    for (std::size_t i = 0; i < k.size(); ++i) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      const double move = size * (static_cast<double>(seed >> 11) * 0x1.0p-52 - 1.0);
      const double lifted = std::fmax(bid[i] + move, 0.01);
      ask[i] += lifted - bid[i];
      bid[i] = lifted;
    }
  }
};

inline Quotes quotes_of(const kernels::RawSvi& svi, double expiry, double low, double high, int count,
                        double half_spread) {
  Quotes quotes;
  quotes.expiry = expiry;
  for (int i = 0; i < count; ++i) {
    const double k = low + (high - low) * i / (count - 1);
    const double vol = std::sqrt(kernels::total_variance(svi, k).w / expiry);
    quotes.k.push_back(k);
    quotes.bid.push_back(vol - half_spread);
    quotes.ask.push_back(vol + half_spread);
  }
  return quotes;
}

}  // namespace zomma::test
