// allocate.h: exercised contracts are handed to the shorts. Every exercised contract is assigned to
// exactly one short contract, never more to anybody than he is short.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "base/result.h"

namespace zomma::options {

enum class Allocation : std::uint8_t {
  random,    // each short contract is as likely as any other (OCC's lottery, contract by contract)
  pro_rata,  // in proportion; what rounding leaves goes to the largest remainders, then the first
  fifo       // the first short first
};

// `shorts`: contracts each account is short (>= 0), the oldest first. Returns as many assignments,
// summing to `exercised`. Refuses more than are short, and negative numbers.
Result<std::vector<std::int64_t>> allocate(const std::vector<std::int64_t>& shorts,
                                           std::int64_t exercised, Allocation method,
                                           Random& random);

}  // namespace zomma::options
