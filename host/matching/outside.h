// outside.h: how the matching engine sees liquidity that is not in its own book: a recorded market,
// beside which a simulation's own orders rest. For an exchange of its own there is none.
#pragma once

#include <cstdint>

#include "base/types.h"

namespace zomma::matching {

// The best of what is left outside, as a key of the passive side in ticks (ladder.h).
struct Offer {
  std::int64_t key{};
  std::int64_t quantity{};
};

// What an outside must offer; the engine compiles it in. This one offers nothing.
struct NothingOutside {
  static constexpr bool present = false;
  struct Walk {
    bool peek(Offer&) const { return false; }
    std::int64_t before(std::uint32_t) const { return 0; }
    void use(std::int64_t) {}
  };
  Walk walk(std::uint32_t, Side) const { return {}; }
  // An order joined the end of the queue at its price, anew or with its next slice.
  void joined(std::uint32_t) {}
};

// An outside that is present has also
//   std::int64_t best_key(std::uint32_t instrument, Side passive)   Ladder::no_key: nothing there
//   Walk walk(std::uint32_t instrument, Side passive)               from the best price on
// and Walk, which lasts for one order's matching,
//   bool peek(Offer&)                         false: nothing is left
//   std::int64_t before(std::uint32_t record) how much of the offer stands before this resting
//                                             order at the same price; 0 or less: nothing
//   void use(std::int64_t quantity)           takes it off the offer, for this walk only
//   void commit(std::int64_t quantity)        as use, and remembers that it is gone

}  // namespace zomma::matching
