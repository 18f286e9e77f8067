// book_sample.h: one look at what a strategy holds and at what its option chains say of it. For
// those who watch a run; nothing is decided by it.
#pragma once

#include <limits>
#include <span>

#include "base/types.h"

namespace zomma::options {

// One position: shares (or whatever else is no option) or a contract. Prices and Greeks are per
// unit of the underlying, in currency; NaN where nobody knows them.
struct HeldInstrument {
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

  InstrumentId instrument;
  InstrumentId underlying;  // of an option; else the instrument itself
  bool option{};
  double units{};        // signed; contracts x multiplier; 0: about to be traded
  double mark{unknown};  // what the account values it at
  double spot{unknown};  // of the underlying
  double vol{unknown};   // annual, that of the Greeks
  double delta{unknown}, gamma{unknown};
  double vega{unknown};   // per 1.00 of vol
  double theta{unknown};  // per year
};

struct BookSample {
  Nanoseconds ts{};
  InstanceId instance;
  Money profit{};                        // of the account since the start, after fees
  Money fees{};                          // paid so far
  Money capital{};                       // at work: shares, bought options, strikes of short puts
  Money margin{};                        // required at the start of a position
  bool margin_known{};                   // false: the rule does not allow the positions
  std::span<const HeldInstrument> held;  // valid during the call
};

}  // namespace zomma::options
