#include "risk/usage.h"

#include <algorithm>

namespace zomma {
namespace {
constexpr std::int64_t largest_burst = 9'000'000'000;  // in billionths it still fits 63 bits
}

TokenBucket::TokenBucket(std::int64_t rate, std::int64_t burst)
    : rate_(std::max<std::int64_t>(rate, 1)),
      capacity_(std::clamp<std::int64_t>(burst, 1, largest_burst) * token),
      tokens_(capacity_) {}

void TokenBucket::take(Nanoseconds now) {
  if (rate_ == 0) return;
  tokens_ = std::max<std::int64_t>(available(now) - token, 0);
  last_ = std::max(last_, now);
}

void TokenBucket::load(Saved saved) {
  tokens_ = std::clamp<std::int64_t>(saved.tokens, 0, capacity_);
  last_.value = saved.last;
}

}  // namespace zomma
