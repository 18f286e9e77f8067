// usage.h: what has been used up so far of limits that time gives back: a token bucket. Integers on
// the engine's clock, so that it refuses the same order in every run.
#pragma once

#include <cstdint>

#include "base/types.h"

namespace zomma {

// Holds up to `burst` tokens and gains `rate` of them per second. Counted in billionths of a token,
// so that each nanosecond brings exactly `rate` of them.
class TokenBucket {
 public:
  static constexpr std::int64_t token = 1'000'000'000;

  TokenBucket() = default;  // unlimited
  // rate >= 1 per second, 1 <= burst <= 9e9; full at the start.
  TokenBucket(std::int64_t rate, std::int64_t burst);

  bool limited() const { return rate_ != 0; }
  // In billionths of a token. Time that runs back brings nothing.
  std::int64_t available(Nanoseconds now) const {
    if (now.value <= last_.value) return tokens_;
    __extension__ using Wide = unsigned __int128;
    const auto elapsed =
        static_cast<std::uint64_t>(now.value) - static_cast<std::uint64_t>(last_.value);
    const Wide gained = static_cast<Wide>(elapsed) * static_cast<std::uint64_t>(rate_);
    const auto room = static_cast<std::uint64_t>(capacity_ - tokens_);
    return gained >= room ? capacity_ : tokens_ + static_cast<std::int64_t>(gained);
  }
  bool has_token(Nanoseconds now) const { return rate_ == 0 || available(now) >= token; }
  // Also below zero tokens nothing is owed: the count stops at zero.
  void take(Nanoseconds now);

  struct Saved {
    std::int64_t tokens, last;
  };
  Saved save() const { return {tokens_, last_.value}; }
  // Tokens above the (perhaps lowered) burst are lost.
  void load(Saved saved);

 private:
  std::int64_t rate_ = 0;
  std::int64_t capacity_ = 0;
  std::int64_t tokens_ = 0;
  Nanoseconds last_{};
};

}  // namespace zomma
