// auditor.h: the laws that any price-time exchange keeps, checked from its events alone. Knows
// nothing of how the engine or the textbook exchange work.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>

#include "host/matching/random_flow.h"

namespace zomma::test {

// Every finding is a sentence in `broken`; the first is the one to read.
class Auditor {
 public:
  std::string broken;
  std::uint64_t fills = 0, hidden_slices = 0, refused_crossings = 0, killed_foks = 0;

  void before(const Command& command) {
    now_ = command;
    taken_ = 0;
  }

  void on(const matching::MatchEvent& event) {
    if (event.seq != ++seq_) fail(event, "sequence numbers are contiguous");
    switch (event.kind) {
      case ZM_EVENT_ACCEPTED:
        accepted(event);
        break;
      case ZM_EVENT_FILL:
        filled(event);
        break;
      case ZM_EVENT_REPLACED:
        replaced(event);
        break;
      case ZM_EVENT_CANCELED:
      case ZM_EVENT_EXPIRED:
        closed(event);
        break;
      case ZM_EVENT_TRIGGERED:
        triggered(event);
        break;
      default:
        break;
    }
  }

  // What rests must be what the events say, shown and hidden, in the order of joining.
  void compare(const matching::Engine& engine, InstrumentId instrument) {
    std::size_t resting = 0;
    std::uint64_t last_join = 0;
    Price last_price = no_price;
    Side last_side = Side::buy;
    engine.for_each(instrument, [&](std::uint32_t, const matching::OrderView& view) {
      ++resting;
      const auto found = orders_.find(view.id.value);
      if (found == orders_.end()) return note("an order rests that has no life", view.id.value);
      const Life& life = found->second;
      if (view.leaves().value != life.open) note("the open quantity is what is left", life.id);
      if (view.filled.value != life.filled)
        note("the filled quantity is the sum of fills", life.id);
      if (life.waits) return;
      if (view.shown.value != life.shown) note("an iceberg shows one slice", life.id);
      const bool same_level = view.price == last_price && view.side == last_side;
      if (same_level && life.join <= last_join) note("first come, first in the queue", life.id);
      last_join = life.join;
      last_price = view.price;
      last_side = view.side;
    });
    const auto mine = std::count_if(orders_.begin(), orders_.end(), [&](const auto& entry) {
      return entry.second.instrument == instrument;
    });
    if (static_cast<std::size_t>(mine) != resting) note("every open order rests", resting);
    const matching::BestPrices best = engine.best(instrument);
    if (best.bid != no_price && best.ask != no_price && best.bid >= best.ask)
      note("the resting book is not crossed", instrument.value);
  }

 private:
  struct Life {
    std::uint64_t id{};
    InstrumentId instrument;
    Side side{};
    std::int64_t price{}, open{}, shown{}, filled{}, display{};
    std::uint64_t join{};
    bool waits{}, post_only{}, fok{};
  };
  using Place = std::tuple<std::uint32_t, Side, std::int64_t>;

  void fail(const matching::MatchEvent& event, const char* law) { note(law, event.seq); }
  void note(const char* law, std::uint64_t where) {
    if (broken.empty()) broken = std::string(law) + ": broken at " + std::to_string(where);
  }
  void stand(Life& life) {
    life.join = ++joins_;
    queues_[{life.instrument.value, life.side, life.price}].insert({life.join, life.id});
  }
  void unstand(const Life& life) {
    const auto queue = queues_.find({life.instrument.value, life.side, life.price});
    if (queue == queues_.end()) return;
    queue->second.erase({life.join, life.id});
    if (queue->second.empty()) queues_.erase(queue);
  }
  void show(Life& life) {
    life.shown = life.display > 0 ? std::min(life.display, life.open) : life.open;
  }

  void accepted(const matching::MatchEvent& event) {
    const matching::NewOrder& order = now_.order;
    Life life;
    life.id = incoming_ = event.order.value;
    life.instrument = event.instrument;
    life.side = event.side;
    life.price = event.price.value;
    life.open = event.leaves.value;
    life.display = order.display_quantity.value;
    life.waits = order.type == OrderType::stop || order.type == OrderType::stop_limit;
    life.post_only = order.post_only;
    life.fok = order.time_in_force == TimeInForce::fok;
    if (event.leaves != order.quantity) fail(event, "nothing is lost on acceptance");
    show(life);
    if (!life.waits) stand(life);  // an order that never rests leaves again at once
    orders_[life.id] = life;
  }

  void triggered(const matching::MatchEvent& event) {
    Life& life = orders_.at(event.order.value);
    if (!life.waits) fail(event, "only waiting stops are triggered");
    life.waits = false;
    incoming_ = life.id;
    taken_ = 0;
    stand(life);
  }

  void filled(const matching::MatchEvent& event) {
    ++fills;
    Life& taker = orders_.at(event.order.value);
    Life& maker = orders_.at(event.resting.value);
    const std::int64_t price = event.price.value, quantity = event.quantity.value;
    if (quantity <= 0) fail(event, "a trade has a quantity");
    if (price != maker.price) fail(event, "a trade happens at the resting order's price");
    if (taker.price != ZM_NO_PRICE &&
        (taker.side == Side::buy ? price > taker.price : price < taker.price))
      fail(event, "nobody trades beyond his limit");
    if (taker.side == maker.side) fail(event, "a buyer meets a seller");
    if (taker.post_only) fail(event, "post-only never takes");
    if (quantity > maker.shown) fail(event, "hidden quantity does not trade before it shows");
    const auto& queue = queues_.at({maker.instrument.value, maker.side, maker.price});
    if (queue.begin()->second != maker.id) fail(event, "first come, first served");
    if (!best_of(maker)) fail(event, "the best price trades first");
    taken_ += quantity;
    reduce(taker, quantity, event.leaves.value, event);
    reduce(maker, quantity, event.resting_leaves.value, event);
    taker.filled += quantity;
    maker.filled += quantity;
    after_reduction(taker, true);
    after_reduction(maker, false);
  }

  bool best_of(const Life& maker) const {
    const Place place{maker.instrument.value, maker.side, maker.price};
    if (maker.side == Side::sell) {  // no lower offer
      const auto lowest = queues_.lower_bound({maker.instrument.value, Side::sell, INT64_MIN + 1});
      return lowest->first == place;
    }
    auto after = queues_.upper_bound({maker.instrument.value, Side::buy, INT64_MAX});
    return std::prev(after)->first == place;
  }

  void reduce(Life& life, std::int64_t quantity, std::int64_t leaves,
              const matching::MatchEvent& event) {
    life.open -= quantity;
    life.shown -= quantity;
    if (life.open != leaves || life.open < 0) fail(event, "no quantity is created or lost");
  }

  void after_reduction(Life& life, bool incoming) {
    if (life.open == 0) {
      unstand(life);
      orders_.erase(life.id);
      return;
    }
    if (incoming) return show(life);
    if (life.shown > 0) return;
    ++hidden_slices;
    unstand(life);
    show(life);
    stand(life);
  }

  void replaced(const matching::MatchEvent& event) {
    Life& life = orders_.at(event.order.value);
    if (event.reason == ZM_REASON_SELF_TRADE) {  // the venue took quantity off
      const bool incoming = event.order.value == incoming_;
      life.shown -= life.open - event.leaves.value;
      life.open = event.leaves.value;
      return after_reduction(life, incoming);
    }
    incoming_ = life.id;
    taken_ = 0;
    if (event.leaves.value == 0) {
      unstand(life);
      orders_.erase(life.id);
      return;
    }
    if (event.quantity.value != life.filled + event.leaves.value)
      fail(event, "a replaced order's total is what filled and what is open");
    const bool keeps =
        life.waits || (event.price.value == life.price && event.leaves.value <= life.open);
    if (life.waits || !keeps) {
      if (!life.waits) unstand(life);
      life.price = event.price.value;
      life.open = event.leaves.value;
      show(life);
      if (!life.waits) stand(life);
      return;
    }
    const std::int64_t less = life.open - event.leaves.value;
    const std::int64_t hidden = life.open - life.shown;
    life.open -= less;
    life.shown -= std::max<std::int64_t>(less - hidden, 0);
  }

  void closed(const matching::MatchEvent& event) {
    const Life& life = orders_.at(event.order.value);
    if (event.quantity.value != life.open) fail(event, "what is cancelled is what was open");
    if (event.reason == ZM_REASON_WOULD_CROSS) ++refused_crossings;
    if (event.reason == ZM_REASON_FOK_UNFILLABLE) ++killed_foks;
    if (life.fok && taken_ != 0) fail(event, "fill or kill fills all or nothing");
    if (event.leaves.value != 0) fail(event, "a closed order has nothing open");
    unstand(life);
    orders_.erase(life.id);
  }

  Command now_;
  std::uint64_t incoming_ = 0;  // the order that is being matched
  std::uint64_t seq_ = 0, joins_ = 0;
  std::int64_t taken_ = 0;  // by the incoming order
  std::unordered_map<std::uint64_t, Life> orders_;
  std::map<Place, std::set<std::pair<std::uint64_t, std::uint64_t>>> queues_;
};

}  // namespace zomma::test
