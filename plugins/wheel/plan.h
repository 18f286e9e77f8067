// plan.h: an intention of up to six orders, worked one at a time. The legging rule: what protects
// is bought, and what is short is bought back, before anything is sold; a later step never trades
// more than the step it leans on has filled.
#pragma once

#include <zomma/order.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace wheels {

struct Step {
  std::int64_t instrument = -1, side = 0;  // ZM_SIDE_*
  std::int64_t quantity = 0, filled = 0;   // contracts
  std::int64_t leans_on = -1;              // index of the step whose fills bound this one's, or -1
  double worst = 0;                        // currency: never sold below, never bought above
  std::int64_t tries = 0;                  // orders that ended without filling it
  std::int64_t protection = 0;  // bought for the sake of a later step, worth nothing to us alone
};

enum class Purpose : std::int64_t { none = 0, open = 1, roll = 2, close = 3, unwind = 4 };

class Plan {
 public:
  static constexpr std::size_t capacity = 6;

  Purpose purpose = Purpose::none;
  std::int64_t kind = 0;  // Kind of what is opened
  std::int64_t count = 0, current = 0;
  std::uint64_t order_id = 0;
  std::int64_t sent_ns = 0, canceling = 0;
  double capital = 0;  // that will be tied up when it is done
  std::array<Step, capacity> step{};

  bool active() const { return purpose != Purpose::none; }
  bool working() const { return order_id != 0; }
  Step& now() { return step[static_cast<std::size_t>(current)]; }
  void add(const Step& next) {
    if (count < static_cast<std::int64_t>(capacity)) step[static_cast<std::size_t>(count++)] = next;
  }

  // Contracts that the current step may still trade.
  std::int64_t wanted() const {
    const Step& s = step[static_cast<std::size_t>(current)];
    const std::int64_t bound =
        s.leans_on < 0 ? s.quantity
                       : std::min(s.quantity, step[static_cast<std::size_t>(s.leans_on)].filled);
    return std::max<std::int64_t>(bound - s.filled, 0);
  }
  void fill(std::int64_t contracts) { now().filled += contracts; }

  // The current order has come to its end. Goes on to the next step when this one has what it may
  // have, or was tried often enough; false when the plan is over.
  bool order_ended(std::int64_t most_tries) {
    order_id = 0;
    canceling = 0;
    if (wanted() > 0 && ++now().tries < most_tries) return true;
    return advance();
  }
  // Past steps that have nothing (more) to do; false, and inactive, at the end.
  bool advance() {
    do ++current;
    while (current < count && wanted() == 0);
    if (current < count) return true;
    purpose = Purpose::none;
    current = 0;
    return false;
  }

  // Whether every step got all that it asked for.
  bool filled_whole() const {
    bool whole = true;
    for (std::int64_t i = 0; i < count; ++i)
      whole = whole && step[static_cast<std::size_t>(i)].filled ==
                           step[static_cast<std::size_t>(i)].quantity;
    return whole;
  }
  // Contracts that step `index` bought as protection and no later step came to need.
  std::int64_t orphans(std::int64_t index) const {
    std::int64_t used = 0;
    for (std::int64_t i = index + 1; i < count; ++i) {
      if (step[static_cast<std::size_t>(i)].leans_on == index)
        used = std::max(used, step[static_cast<std::size_t>(i)].filled);
    }
    return std::max<std::int64_t>(step[static_cast<std::size_t>(index)].filled - used, 0);
  }

  // Whether every index points somewhere; asked of what was read from a file.
  bool sane() const {
    const auto most = static_cast<std::int64_t>(capacity);
    bool good = purpose >= Purpose::none && purpose <= Purpose::unwind && count >= 0 &&
                count <= most && current >= 0 && current < most;
    for (const Step& s : step)
      good = good && s.leans_on >= -1 && s.leans_on < most && s.side >= 0 && s.side <= 1;
    return good && (!active() || current < count);
  }
};

}  // namespace wheels
