// decoder.h: Databento DBN records -> events. Stateless but for the clock: ts_ns is the time
// Databento received the venue's packet (ts_recv), exchange_ns the venue's own (ts_event).
//     mbo      A ORDER_ADD  C ORDER_REDUCE  M ORDER_MODIFY  R BOOK_CLEAR  T TRADE  F none: C or M
//     follows and tells it trades   TRADE        mbp-1  QUOTE, after a TRADE if it was one     tbbo
//     QUOTE, then the TRADE that met it
// ZM_FLAG_LAST ends the venue's update as the record says; records of trades, mbp-1 and tbbo are
// updates of their own.
//
// Hot path: no allocation.
#pragma once

#include <span>
#include <vector>

#include "market/feeds/dbn/metadata.h"
#include "market/feeds/decoder.h"
#include "market/feeds/feed_clock.h"

namespace zomma::dbn {

class Decoder {
 public:
  // Instruments are found in `symbols` by the symbol that the metadata map to a record's number, or
  // by that number itself.
  Decoder(const Metadata& metadata, const SymbolMap& symbols);

  // The whole records at the front of `bytes`, until `out` is full if there is no more room in it.
  // Returns how many bytes they took. When less than a record is left, that is 0. Stops for good at
  // a record that has no length (framing_lost).
  std::size_t decode(std::span<const std::byte> bytes, EventBuffer& out);
  bool framing_lost() const { return framing_lost_; }

  const FeedCounters& counters() const { return counters_; }
  FeedCounters& counters() { return counters_; }

 private:
  struct Target {
    std::uint32_t number;      // the venue's
    std::uint32_t instrument;  // ours
    DecimalScale price, quantity;
  };

  void decode_record(std::span<const std::byte> record, EventBuffer& out);
  void mbo(const std::byte* record, const Target& target, EventBuffer& out);
  void top(const std::byte* record, const Target& target, bool has_level, bool quote_first,
           EventBuffer& out);
  void quote(const std::byte* level, const Target& target, std::uint16_t flags,
             std::int64_t exchange_ns, EventBuffer& out);
  bool trade(const std::byte* record, const Target& target, std::uint16_t flags,
             std::int64_t exchange_ns, EventBuffer& out);
  zm_event& append(std::uint16_t kind, const Target& target, std::uint16_t flags,
                   std::int64_t exchange_ns, EventBuffer& out);
  const Target* find(std::uint32_t number);
  bool advance(std::uint64_t received);
  std::int64_t scaled(const DecimalScale& scale, std::int64_t value, std::uint16_t& flags);

  std::vector<Target> targets_;  // by number
  const Target* last_ = nullptr;
  std::size_t trailer_ = 0;  // bytes of each record that are no part of its schema
  bool quote_first_;
  bool framing_lost_ = false;
  itch::FeedClock clock_;
  FeedCounters counters_;
};

}  // namespace zomma::dbn
