#include "plugin/check/tape.h"

#include <iterator>
#include <limits>

namespace zomma::check {
namespace {

constexpr zm_price tick = 10;
constexpr zm_quantity lot = 1000;
constexpr zm_price first_price = 6'000'000;

}  // namespace

zm_status tape_instrument(std::uint32_t id, zm_instrument& out) {
  if (id >= instrument_count) return ZM_E_NOT_FOUND;
  out = {sizeof(zm_instrument),
         id,
         id == 0 ? "ALPHA" : "BETA",
         id == 0 ? "north" : "south",
         "USD",
         ZM_KIND_SPOT,
         2,
         6,
         0,
         tick,
         lot,
         1,
         -0.5,
         2.0};
  return ZM_OK;
}

Tape::Tape(std::uint64_t seed, Mood mood) : random_(seed), mood_(mood) {
  mid_.fill(first_price);
  events_.reserve(4);
}

zm_event& Tape::add(std::uint16_t kind, std::uint32_t instrument) {
  zm_event event{};
  event.ts_ns = now_;
  event.exchange_ns = now_ - 1'000'000;
  event.instrument = instrument;
  event.kind = kind;
  events_.push_back(event);
  return events_.back();
}

void Tape::move(std::uint32_t instrument) {
  mid_[instrument] += random_.between(-3, 3) * tick;
  if (mid_[instrument] < first_price / 2) mid_[instrument] = first_price;
  const zm_price half = random_.between(1, 3) * tick;
  const zm_quantity bid = random_.between(1, 500) * lot, ask = random_.between(1, 500) * lot;
  books_[instrument].best = {mid_[instrument] - half, mid_[instrument] + half, bid, ask};
}

void Tape::honest_update() {
  const auto instrument = static_cast<std::uint32_t>(random_.below(instrument_count));
  if (ordinal_ <= instrument_count) {
    add(ZM_EVENT_MARKET_STATE, static_cast<std::uint32_t>(ordinal_ - 1)).u.state.state =
        ZM_MARKET_OPEN;
    return;
  }
  const TapeBook before = books_[instrument];
  if (before.best.bid_price != ZM_NO_PRICE && random_.chance(1, 4)) {
    const bool sells = random_.chance(1, 2);
    zm_event& trade = add(ZM_EVENT_TRADE, instrument);
    trade.flags = static_cast<std::uint16_t>(ZM_FLAG_AGGRESSOR | (sells ? ZM_FLAG_SELL : 0));
    trade.u.trade = {sells ? before.best.bid_price : before.best.ask_price,
                     random_.between(1, 20) * lot, ordinal_, 0};
  }
  move(instrument);
  const zm_quote& best = books_[instrument].best;
  zm_event& level = add(ZM_EVENT_LEVEL, instrument);
  level.u.level = {best.bid_price, best.bid_quantity, ordinal_, 1, 0};
  add(ZM_EVENT_QUOTE, instrument).u.quote = best;
}

// Numbers as they occur and numbers at the edges of their types.
std::int64_t Tape::any_number() {
  constexpr std::int64_t edges[] = {0,
                                    1,
                                    -1,
                                    10,
                                    ZM_NO_PRICE,
                                    std::numeric_limits<std::int64_t>::max(),
                                    std::numeric_limits<std::int64_t>::min() + 1,
                                    1ll << 53,
                                    -(1ll << 53),
                                    1ll << 32};
  if (random_.chance(1, 3)) return edges[random_.below(std::size(edges))];
  if (random_.chance(1, 2)) return random_.between(first_price - 1000, first_price + 1000);
  return static_cast<std::int64_t>(random_());
}

void Tape::hostile_update() {
  constexpr std::uint16_t kinds[] = {1, 2, 3, 4, 5, 6,  7,  8,   9,  10, 11,  12,
                                     1, 1, 1, 2, 2, 98, 99, 100, 40, 90, 200, 65535};
  for (std::uint64_t count = random_.between(1, 3); count > 0; --count) {
    const std::uint32_t instrument =
        random_.chance(1, 10) ? ZM_NO_INSTRUMENT : static_cast<std::uint32_t>(random_.below(3));
    zm_event& event = add(kinds[random_.below(std::size(kinds))], instrument);
    event.flags = static_cast<std::uint16_t>(random_.below(512) & ~std::uint64_t{ZM_FLAG_LAST});
    event.u.quote = {any_number(), any_number(), any_number(), any_number()};
    if (event.kind == ZM_EVENT_QUOTE && instrument < instrument_count)
      books_[instrument].best = event.u.quote;
  }
}

const std::vector<zm_event>& Tape::next() {
  events_.clear();
  ++ordinal_;
  now_ += random_.between(1'000'000, 60'000'000);
  if (mood_ == Mood::hostile && ordinal_ > 20 && random_.chance(1, 3))
    hostile_update();
  else
    honest_update();
  events_.back().flags |= ZM_FLAG_LAST;
  return events_;
}

}  // namespace zomma::check
