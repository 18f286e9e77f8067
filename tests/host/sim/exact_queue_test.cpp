// The exact queue model against brute force: queues as plain lists in which our order is one entry
// among the recorded ones. After every event both must agree on what is ahead and what has filled.
#include <algorithm>
#include <map>
#include <vector>

#include "base/random.h"
#include "host/sim/world.h"
#include "market/feeds/file/recorded.h"
#include "support/shared_data.h"

namespace zomma::test {
namespace {

constexpr Side sides[] = {Side::buy, Side::sell};

class BruteForce {
 public:
  std::int64_t filled = 0, open = 0;

  void join(Side side, std::int64_t price, std::int64_t quantity) {
    side_ = side;
    price_ = price;
    open = quantity;
    filled = 0;
    queues_[{side, price}].push_back({0, quantity});
  }
  void leave() {
    if (open > 0) take_out({side_, price_}, 0);
    open = 0;
  }
  std::int64_t ahead() const {
    std::int64_t sum = 0;
    for (const Entry& entry : queues_.at({side_, price_})) {
      if (entry.ref == 0) break;
      sum += entry.quantity;
    }
    return sum;
  }
  // `bbo`: of the recorded book before the event.
  void apply(const zm_event& event, const Bbo& bbo) {
    const std::uint64_t ref = event.u.order.ref;
    switch (event.kind) {
      case ZM_EVENT_ORDER_ADD:
        put(event.flags & ZM_FLAG_SELL ? Side::sell : Side::buy, event.u.order.price, ref,
            event.u.order.quantity);
        break;
      case ZM_EVENT_ORDER_EXECUTE:
        execute(ref, event.u.execute.quantity);
        break;
      case ZM_EVENT_ORDER_REDUCE:
        reduce(ref, event.u.order.quantity);
        break;
      case ZM_EVENT_ORDER_DELETE:
        if (places_.count(ref) != 0) take_out(places_[ref], ref);
        break;
      case ZM_EVENT_ORDER_REPLACE: {
        if (places_.count(ref) == 0) break;
        const Place place = places_[ref];
        take_out(place, ref);
        put(place.first, event.u.replace.price, event.u.replace.new_ref, event.u.replace.quantity);
        break;
      }
      case ZM_EVENT_TRADE:
        trade(event, bbo);
        break;
      default:
        break;
    }
  }
  std::vector<std::uint64_t> refs() const {
    std::vector<std::uint64_t> out;
    for (const auto& [ref, place] : places_) out.push_back(ref);
    return out;
  }

 private:
  struct Entry {
    std::uint64_t ref;
    std::int64_t quantity;
  };
  using Place = std::pair<Side, std::int64_t>;

  void put(Side side, std::int64_t price, std::uint64_t ref, std::int64_t quantity) {
    queues_[{side, price}].push_back({ref, quantity});
    places_[ref] = {side, price};
  }
  std::vector<Entry>::iterator at(const Place& place, std::uint64_t ref) {
    auto& queue = queues_[place];
    return std::find_if(queue.begin(), queue.end(),
                        [&](const Entry& entry) { return entry.ref == ref; });
  }
  void take_out(Place place, std::uint64_t ref) {
    queues_[place].erase(at(place, ref));
    places_.erase(ref);
  }
  void reduce(std::uint64_t ref, std::int64_t quantity) {
    const auto found = places_.find(ref);
    if (found == places_.end()) return;
    const auto entry = at(found->second, ref);
    entry->quantity -= quantity;
    if (entry->quantity <= 0) take_out(Place(found->second), ref);
  }
  bool worse_than_ours(Side side, std::int64_t price) const {
    return side == side_ && (side == Side::buy ? price < price_ : price > price_);
  }
  void fill(std::int64_t quantity) {
    const std::int64_t part = std::min(quantity, open);
    if (part <= 0) return;
    filled += part;
    open -= part;
    at({side_, price_}, 0)->quantity -= part;
    if (open == 0) take_out({side_, price_}, 0);
  }
  void execute(std::uint64_t ref, std::int64_t quantity) {
    const auto found = places_.find(ref);
    if (found == places_.end()) return;
    const Place place = found->second;
    quantity = std::min(quantity, at(place, ref)->quantity);
    if (open > 0) {
      const bool behind_us = place == Place{side_, price_} && at(place, 0) < at(place, ref);
      if (behind_us || worse_than_ours(place.first, place.second)) fill(quantity);
    }
    reduce(ref, quantity);
  }
  // With an order that the book never showed.
  void trade(const zm_event& event, const Bbo& bbo) {
    if (open == 0 || (event.flags & (ZM_FLAG_CROSS | ZM_FLAG_NO_PRINT)) != 0) return;
    const Price price{event.u.trade.price};
    Side passive = Side::buy;
    if ((event.flags & ZM_FLAG_AGGRESSOR) != 0)
      passive = (event.flags & ZM_FLAG_SELL) != 0 ? Side::buy : Side::sell;
    else if (bbo.ask != no_price && price >= bbo.ask)
      passive = Side::sell;
    else if (bbo.bid == no_price || price > bbo.bid)
      return;
    if (worse_than_ours(passive, price.value)) return fill(event.u.trade.quantity);
    if (passive == side_ && price.value == price_) fill(event.u.trade.quantity - ahead());
  }

  std::map<Place, std::vector<Entry>> queues_;
  std::map<std::uint64_t, Place> places_;
  Side side_ = Side::buy;
  std::int64_t price_ = 0;
};

// One passive order of ours at a time, sent, left alone for a while, cancelled, and so on.
class Comparison {
 public:
  std::int64_t orders = 0, filled = 0;

  explicit Comparison(std::uint64_t seed)
      : world(with_queue(SimQueueModel::exact), World::Kind::l3), random_(seed) {}

  void step(zm_event event) {
    const Bbo bbo = world.book().bbo();
    brute.apply(event, bbo);
    world(event);
    if (!active_) return maybe_send();
    const std::int64_t sim_filled = world.filled(id_);
    if (crossed()) {  // what an offer at our price or better does to us is not the queue's matter
      REQUIRE(sim_filled >= brute.filled);
      return finish();
    }
    REQUIRE(sim_filled == brute.filled);
    if (brute.open > 0) REQUIRE(world.gateway.queue_ahead(id_) == brute.ahead());
    if (brute.open == 0 || --patience_ == 0) finish();
  }

  World world;
  BruteForce brute;

 private:
  void maybe_send() {
    if (random_.below(10) != 0) return;
    side_ = sides[random_.below(2)];
    std::vector<PriceLevel> levels(1 + random_.below(3));
    const std::size_t count = world.book().levels(side_, levels);
    if (count == 0 || world.book().depth(opposite(side_)) == 0) return;
    price_ = levels[count - 1].price;
    const std::int64_t quantity = random_.between(1, 300);
    world.reports.clear();
    id_ = world.limit(side_, price_.value, quantity);
    brute.join(side_, price_.value, quantity);
    REQUIRE(world.gateway.queue_ahead(id_) == brute.ahead());
    patience_ = random_.between(20, 400);
    active_ = true;
    ++orders;
  }
  bool crossed() {
    const Bbo bbo = world.book().bbo();
    return side_ == Side::buy ? bbo.ask != no_price && bbo.ask <= price_
                              : bbo.bid != no_price && bbo.bid >= price_;
  }
  void finish() {
    filled += brute.filled;
    if (brute.open > 0) world.cancel(id_);
    brute.leave();
    REQUIRE(world.gateway.open_orders() == 0);
    active_ = false;
  }

  Random random_;
  bool active_ = false;
  OrderId id_;
  Side side_ = Side::buy;
  Price price_;
  std::int64_t patience_ = 0;
};

zm_event random_event(Random& random, const BruteForce& market, std::uint64_t& last_ref) {
  const std::vector<std::uint64_t> refs = market.refs();
  if (refs.size() < 40 || (refs.size() < 120 && random.below(2) == 0)) {
    const bool sells = random.below(2) == 0;
    const std::int64_t away = random.between(1, 4);
    return add(sells ? Side::sell : Side::buy, ++last_ref, 100 + (sells ? away : -away),
               random.between(1, 100));
  }
  std::uint64_t ref = refs[random.below(refs.size())];
  if (ref == 0) ref = refs.back();
  switch (random.below(5)) {
    case 0:
      return reduce(ref, random.between(1, 60));
    case 1:
      return remove(ref);
    default:
      return execute(ref, random.between(1, 100));
  }
}

}  // namespace

TEST_CASE("exact: random flow moves and fills us as if we had been in the list") {
  Comparison both(11);
  Random random(12);
  std::uint64_t last_ref = 0;
  for (int i = 0; i < 60'000; ++i) both.step(random_event(random, both.brute, last_ref));
  CHECK(both.orders > 300);
  CHECK(both.filled > 1000);
}

TEST_CASE("exact: Apple's recorded hour moves and fills us as if we had been in the list") {
  ZOMMA_SHARED_DATA(path, "itch/derived_AAPL_2012-06-21_0930_rows0-45999.itch.xz");
  Instrument apple;
  apple.id = traded;
  apple.price_digits = 4;
  RecordedFeedOptions options;
  REQUIRE(options.symbols.add("AAPL", apple));
  auto source = open_recorded_feed("itch", path, std::move(options));
  REQUIRE(source);
  Comparison both(21);
  EventBuffer buffer;
  while (true) {
    buffer.clear();
    const auto count = (*source)->read(buffer);
    REQUIRE(count);
    if (*count == 0) break;
    for (const zm_event& event : buffer.events()) {
      both.world.until(std::max(both.world.now, event.ts_ns));
      if (event.instrument == traded.value) both.step(event);
    }
  }
  CHECK(both.orders > 100);
  CHECK(both.filled > 1000);
  WARN("AAPL: " << both.orders << " passive orders, " << both.filled << " shares filled");
}

}  // namespace zomma::test
