// kinds.h: small choices that both the configuration and the engine speak of.
#pragma once

#include <cstdint>

namespace zomma {

enum class BookKind : std::uint8_t { l2, l3 };  // totals per price; single orders with their queues
enum class OnFault : std::uint8_t {
  hold,
  cancel,
  flatten
};  // what becomes of a faulted strategy's orders

}  // namespace zomma
