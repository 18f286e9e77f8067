// parity.h: the forward that an expiry's own quotes imply by put-call parity.
#pragma once

#include <cstddef>
#include <span>

namespace zomma::options {

struct ParityPair {
  double strike, call_mid, put_mid;
  double half_spreads;  // of both options together
};

struct ParityForward {
  double forward{};   // NaN: no usable pair, or a single one without a discount to go by
  double discount{};  // minus the slope of the fit: e^-rT of the quotes themselves; noisy for near
                      // expiries
  std::size_t pairs{};   // behind the fit
  std::size_t inside{};  // of them within their summed half spreads
};

// Fits C - P = D (F - K) by least squares over the pairs; a pair further from the line than three
// times its half spreads and three times the median residual is left out, and the line drawn again.
// A single pair is taken at its word with `discount`, e^-rT, if one is given.
ParityForward fit_parity(std::span<const ParityPair> pairs, double discount = 0);

}  // namespace zomma::options
