// feed_clock.h: the time of a recording, which must not fall and must not be dragged ahead by one
// damaged timestamp.
#pragma once

#include <cstdint>

#include "base/types.h"

namespace zomma::itch {

// A step of more than an hour ahead counts only when the next time agrees: after a false one every
// later event would be held at that time.
class FeedClock {
 public:
  enum class Step : std::uint8_t { ahead, back, leap };

  // `trusted`: take a leap at once. After `back` and `leap` now() stays as it was.
  Step advance(std::int64_t time, bool trusted = false) {
    const std::int64_t step = time - now_;
    if (step >= 0 && step <= hour_ns && started_) [[likely]] {
      now_ = time;
      return Step::ahead;
    }
    return unusual(time, trusted);
  }
  Nanoseconds now() const { return {now_}; }

 private:
  static constexpr std::int64_t hour_ns = 3'600'000'000'000;

  Step unusual(std::int64_t time, bool trusted) {
    const bool confirmed = has_candidate_ && time >= candidate_ && time - candidate_ <= hour_ns;
    if (!started_ || (time > now_ && (trusted || confirmed))) {
      started_ = true;
      has_candidate_ = false;
      now_ = time;
      return Step::ahead;
    }
    if (time < now_) return Step::back;
    has_candidate_ = true;
    candidate_ = time;
    return Step::leap;
  }

  std::int64_t now_ = 0;
  std::int64_t candidate_ = 0;
  bool started_ = false;
  bool has_candidate_ = false;
};

}  // namespace zomma::itch
