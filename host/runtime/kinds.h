// kinds.h: small choices that both the configuration and the engine speak of.
#pragma once

#include <cstdint>

namespace zomma {

enum class BookKind : std::uint8_t {
  l2,  // totals per price
  l3,  // single orders with their queues
  top  // the best bid and ask
};
enum class OnFault : std::uint8_t {
  hold,
  cancel,
  flatten
};  // what becomes of a faulted strategy's orders

}  // namespace zomma
