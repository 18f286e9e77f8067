// queue_place.h: where one of our orders stands among the recorded orders at its price, and how the
// recording moves it forward. Arithmetic only; the same on every machine.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/types.h"
#include "orders/gateways/sim/models.h"

namespace zomma {

struct QueuePlace {
  static constexpr std::int64_t unknown = -1;
  // Binance tells a trade and the quote that shows it on two streams, in any order.
  static constexpr std::int64_t credit_lasts_ns = 200'000'000;

  std::int64_t ahead{};     // recorded quantity that trades before us
  std::int64_t level{};     // the recorded level's total when last looked at; unknown: after a gap
  std::int64_t traded{};    // at our price since then; exact: of it, not yet taken off `ahead`
  std::uint64_t arrival{};  // exact: recorded orders with a smaller number stood here first
  std::int64_t credit{};    // what left the level before the trade that took it was told
  std::int64_t credit_ns{};

  // A trade of `quantity` at our price. Returns how much of it came as far as our place.
  std::int64_t trade(std::int64_t quantity, std::int64_t now_ns) {
    if (now_ns - credit_ns > credit_lasts_ns) credit = 0;
    const std::int64_t known = std::min(credit, quantity);
    credit -= known;
    const std::int64_t fresh = quantity - known;
    const std::int64_t reached = std::max<std::int64_t>(fresh - ahead, 0);
    ahead -= std::min(ahead, fresh);
    traded += fresh;
    return reached;
  }
  // As trade(), where the recording tells of every order: what leaves `ahead` is told by gone().
  std::int64_t exact_trade(std::int64_t quantity) {
    const std::int64_t before = ahead - traded;
    traded = std::min(traded + quantity, ahead);
    return std::max<std::int64_t>(quantity - before, 0);
  }
  // Exact: `quantity` of a recorded order that stood before us left, traded or not.
  void gone(std::int64_t quantity) {
    ahead -= std::min(ahead, quantity);
    traded -= std::min(traded, quantity);
  }
  // Against an order that nobody saw: those that show trade first, and it leaves them where they
  // are.
  std::int64_t hidden_trade(std::int64_t quantity) const {
    return std::max<std::int64_t>(quantity - ahead, 0);
  }

  // The level's total is `now` (not exact). `power`: n of the probability model.
  void settle(std::int64_t now, SimQueueModel model, int power, std::int64_t now_ns) {
    if (now != level) {
      const std::int64_t before = ahead;
      const std::int64_t left = level - traded - now;  // without a trade
      if (left > 0) ahead -= std::min(ahead, from_front(left, model, power));
      ahead = std::min(ahead, now);
      if (ahead < before) {
        credit = (now_ns - credit_ns > credit_lasts_ns ? 0 : credit) + before - ahead;
        credit_ns = now_ns;
      }
      level = now;
      traded = 0;  // until the level changes: the quote that shows a trade may come later
    }
  }

 private:
  // How much of what left stood before us.
  std::int64_t from_front(std::int64_t left, SimQueueModel model, int power) const {
    if (model == SimQueueModel::optimistic) return left;
    if (model != SimQueueModel::probability || ahead == 0) return 0;
    const std::int64_t behind = std::max<std::int64_t>(level - traded - ahead, 0);
    const std::int64_t front =
        static_cast<std::int64_t>(static_cast<double>(left) * front_probability(behind, power));
    return std::max(front, left - behind);  // no more can have left behind us than stood there
  }
  double front_probability(std::int64_t behind, int power) const {
    const bool more_behind = behind > ahead;
    const double ratio = more_behind ? static_cast<double>(ahead) / static_cast<double>(behind)
                                     : static_cast<double>(behind) / static_cast<double>(ahead);
    double smaller = 1;
    for (int i = 0; i < power; ++i) smaller *= ratio;
    return more_behind ? smaller / (1 + smaller) : 1 / (1 + smaller);
  }
};

}  // namespace zomma
