// chain.h: an option chain read from a table: expiries with their forwards, and quotes as implied
// volatilities of bid and ask.
#pragma once

#include <zomma/kernels/backend.h>
#include <zomma/kernels/surface/fit_report.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/kernels/quantities.h"

namespace zomma::cli {

enum class ForwardSource : std::uint8_t { given, parity, carry };

struct ChainQuote {
  std::uint64_t row = 0;  // of the file, from 1
  double strike = 0;
  std::int8_t sign = 0;     // +1 call, -1 put, 0 where the file has volatilities and no types
  double bid = 0, ask = 0;  // prices; NaN where there is none
};

// One expiry. The columns k, bid_vol, ask_vol and quotes have one length; strikes ascend.
struct ChainExpiry {
  double years = 0;
  std::string label;  // its day, or its years where the file has no dates
  double forward = 0, discount = 1;
  ForwardSource source = ForwardSource::given;
  int pairs = 0;                   // calls and puts of one strike that the parity had
  double parity_error = 0;         // root mean square of C - P - D (F - K), in half spreads
  std::vector<ChainQuote> quotes;  // of the options used: out of the money, unless all are wanted
  std::vector<double> k, bid_vol, ask_vol;

  kernels::SliceQuotes view() const { return {years, k, bid_vol, ask_vol}; }
};

struct Chain {
  std::vector<ChainExpiry> expiries;  // ascending
  bool american = false;
  std::uint64_t rows = 0, bad_rows = 0;
  std::vector<std::string> faults;    // the first sentences about bad rows
  std::vector<std::string> left_out;  // expiries that could not be used, and why
};

struct ChainSettings {
  std::string input;
  QuantityFlags flags;
  std::optional<double> expiry_time;
  bool american =
      false;  // early exercise: volatilities by the American kernel, needs rate and spot
  bool all_options = false;                          // also those in the money
  double least_moneyness = 0, most_moneyness = 1e9;  // strike / forward of the quotes that are used
  double least_days = 0;                             // shorter expiries are left out
};

// Reads the whole file. The volatilities come from, in this order: columns bid_vol and ask_vol; bid
// and ask prices; one price; one volatility. The forward of an expiry is the file's, or what calls
// and puts of the same strikes agree on (a weighted line through C - P, or its level alone where
// the rate is known), or the spot carried by rate and dividend. Errors are of the file or of the
// command line as a whole.
Result<Chain> read_chain(const ChainSettings& settings, kernels::Backend& backend);

// The line C - P = D (F - K) through pairs near the money, weighted by the inverse squared half
// spreads, without those more than four half spreads off (at first: off a line of medians).
// `discount` fixes D. False where the pairs do not give it: fewer than one (with a discount) or
// three, or a D that is no discount.
struct ParityPair {
  double strike, difference, half_spread;
};
struct ParityForward {
  double forward = 0, discount = 1, error = 0;
  int pairs = 0;
};
bool fit_parity(const std::vector<ParityPair>& pairs, std::optional<double> discount,
                ParityForward* out);

}  // namespace zomma::cli
