// models.h: the choices an operator has about the simulated exchange.
#pragma once

#include <cstdint>

namespace zomma {

enum class SimQueueModel : std::uint8_t {
  risk_averse,  // only trades, and a level that shrinks below our place, move us forward
  probability,  // what leaves without a trade stood before us with probability
                // ahead^n / (ahead^n + behind^n) (Rigtorp 2013); n = 1: in proportion
  exact,        // order by order, from an l3 book; on an l2 book the same as risk_averse
  optimistic    // whatever leaves without a trade stood before us
};

// All instances of the host are one member of the venue: their orders meet as one owner's.
enum class SimSelfTrade : std::uint8_t { allow, cancel_new, cancel_old, cancel_both };

}  // namespace zomma
