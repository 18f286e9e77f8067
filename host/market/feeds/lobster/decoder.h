// decoder.h: LOBSTER messages -> events. One instrument; ts_ns and exchange_ns are the venue's
// time.
//     1 ORDER_ADD  2 ORDER_REDUCE  3 ORDER_DELETE  4 ORDER_EXECUTE
//     5 TRADE, HIDDEN, AGGRESSOR   6 TRADE, CROSS  7 MARKET_STATE
// Every message is a complete update: ZM_FLAG_LAST on each event, on a seed's last one.
//
// A recording cut out of a day refers to orders that are older than it. Seeded with the first row
// of the order book, the decoder gives each price one synthetic order that holds what rested there,
// and lets such references take from it. Where there is nothing to take from they go out as they
// are, SUSPECT: the book counts them as unknown.
//
// Hot path: no allocation, except when more orders live than ever before.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "market/feeds/decoder.h"
#include "market/feeds/feed_clock.h"
#include "market/feeds/lobster/live_orders.h"
#include "market/feeds/lobster/message.h"

namespace zomma::lobster {

// References of synthetic orders have this bit; the venue's have not.
constexpr std::uint64_t synthetic_order = std::uint64_t{1} << 63;

// References to orders that the recording has not shown.
struct OlderOrderCounters {
  std::uint64_t references{};   // all of them
  std::uint64_t unexplained{};  // where the seed holds nothing, or less than was taken
};

class Decoder {
 public:
  // `midnight`: 00:00 US/Eastern of the session's date, as UTC.
  Decoder(const FeedInstrument& instrument, Nanoseconds midnight);

  // The book after `first`, the first message, which has yet to be decoded: BOOK_CLEAR and an
  // ORDER_ADD per price, all SNAPSHOT. Before any decode(); allocates.
  void seed(std::span<const BookRowLevel> row, const Message& first, EventBuffer& out);

  // One line. A faulty one gives no event, is counted as malformed, and is told.
  Fault decode(std::string_view line, EventBuffer& out);
  // Where in the last line a fault was found, bytes from its beginning.
  std::size_t fault_offset() const { return fault_offset_; }

  const FeedCounters& counters() const { return counters_; }
  FeedCounters& counters() { return counters_; }
  const OlderOrderCounters& older_orders() const { return older_; }

 private:
  struct Synthetic {
    std::int64_t price, left;
    std::uint64_t ref;
    bool sell;
  };

  void decode_message(const Message& message, EventBuffer& out);
  void change_order(const Message& message, Nanoseconds now, EventBuffer& out);
  void take_from_seed(const Message& message, Nanoseconds now, EventBuffer& out);
  void append_change(std::uint16_t kind, std::uint64_t ref, const Message& message,
                     std::int64_t size, std::uint16_t flags, Nanoseconds now, EventBuffer& out);
  void trade(const Message& message, Nanoseconds now, EventBuffer& out);
  void halt(const Message& message, Nanoseconds now, EventBuffer& out);
  zm_event& append(std::uint16_t kind, std::uint16_t flags, std::int64_t time_ns, Nanoseconds now,
                   EventBuffer& out);
  std::int64_t price_of(std::int64_t price, std::uint16_t& flags);
  std::int64_t quantity_of(std::int64_t size, std::uint16_t& flags);
  Nanoseconds advance(std::int64_t time_ns);
  Synthetic* synthetic_at(bool sell, std::int64_t price);

  std::uint32_t instrument_;
  Nanoseconds midnight_;
  DecimalScale price_, quantity_;
  bool seeded_ = false;
  LiveOrders live_;                   // used only when seeded
  std::vector<Synthetic> synthetic_;  // by side, then price
  itch::FeedClock clock_;
  FeedCounters counters_;
  OlderOrderCounters older_;
  std::size_t fault_offset_ = 0;
};

}  // namespace zomma::lobster
