// status.h: how a batch answers. The call has one Status; each element may have its own. A NaN
// never travels: where an element's status is not ok its outputs are zero.
#pragma once

#include <cstdint>

namespace zomma::kernels {

enum class Status : std::uint32_t {
  ok = 0,
  length_mismatch,  // the spans of one call differ in length: nothing was written
  invalid_setting,  // a setting of the call itself is outside its range: nothing was written
  unavailable,      // this backend cannot run the call (no device, no memory)
};

enum class ElementStatus : std::uint8_t {
  ok = 0,
  domain,           // an input is NaN, infinite or outside the formula's domain
  below_intrinsic,  // a price below what no-arbitrage allows
  above_bound,      // a price above what no-arbitrage allows
  no_convergence,   // an iteration used up its steps
  expired,          // the maturity is zero or negative
};

constexpr const char* name(Status status) {
  switch (status) {
    case Status::ok:
      return "ok";
    case Status::length_mismatch:
      return "length mismatch";
    case Status::invalid_setting:
      return "invalid setting";
    case Status::unavailable:
      return "unavailable";
  }
  return "unknown";
}

constexpr const char* name(ElementStatus status) {
  switch (status) {
    case ElementStatus::ok:
      return "ok";
    case ElementStatus::domain:
      return "outside the domain";
    case ElementStatus::below_intrinsic:
      return "below intrinsic value";
    case ElementStatus::above_bound:
      return "above the bound";
    case ElementStatus::no_convergence:
      return "no convergence";
    case ElementStatus::expired:
      return "expired";
  }
  return "unknown";
}

}  // namespace zomma::kernels
