// decoder.h: ITCH 5.0 messages -> normalised events. Stateless but for the day's locate numbers and
// the clock: it knows no orders, so an execution carries ZM_NO_PRICE and no side (the book fills
// them in).
//
// Hot path: no allocation; a message of a stock that is not configured costs one table look-up.
//     A F    ORDER_ADD              P      TRADE, HIDDEN
//     E C    ORDER_EXECUTE          Q      TRADE, CROSS
//     X      ORDER_REDUCE           H h S  MARKET_STATE
//     D      ORDER_DELETE           R      none: it teaches the locate
//     U      ORDER_REPLACE          other  none: counted as ignored
// Every message is a complete update of its own: each event carries ZM_FLAG_LAST.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "market/feeds/decoder.h"
#include "market/feeds/feed_clock.h"
#include "market/feeds/itch/messages.h"

namespace zomma::itch {

struct DecoderOptions {
  // 00:00 US/Eastern of the session's date, as UTC; the venue's timestamps count from it.
  Nanoseconds midnight{};
  // The centre whose operational halts ('h') concern us: Q Nasdaq, B BX, X PSX.
  char market = 'Q';
  // True for recordings whose P messages carry the real side of the hidden resting order (before
  // July 2014, or made from LOBSTER): the trade's aggressor is then known. Nasdaq itself has
  // written 'B' always since.
  bool trade_side_is_real = false;
  std::uint32_t feed = 0;  // zm_gap.feed of the gaps reported through this decoder
};

class Decoder {
 public:
  explicit Decoder(SymbolMap symbols, const DecoderOptions& options = {});

  // One message, received at `received`.
  void decode(std::span<const std::byte> message, Nanoseconds received, EventBuffer& out);
  // One message of a recording that has no receive times: ts_ns is the venue's time, held back from
  // falling.
  void decode_recorded(std::span<const std::byte> message, EventBuffer& out);

  // Tells the books that messages `first`..`last` of the feed are lost: ZM_EVENT_GAP, concerning
  // every instrument.
  void gap(std::uint64_t first, std::uint64_t last, Nanoseconds received, EventBuffer& out);
  // As gap(), at the time of the last message; for recordings.
  void gap_recorded(std::uint64_t first, std::uint64_t last, EventBuffer& out) {
    gap(first, last, clock_.now(), out);
  }
  // Forgets the locates: they hold for one session.
  void reset_session();

  const FeedCounters& counters() const { return counters_; }
  // For whoever frames the messages and meets what the decoder cannot see.
  FeedCounters& counters() { return counters_; }
  // ts_ns of the last message of a recording.
  Nanoseconds last_time() const { return clock_.now(); }

 private:
  struct Target {
    std::uint32_t instrument;
    DecimalScale price;
    DecimalScale quantity;
  };
  struct Visitor;

  const Target* target(const Header& header) const {
    const std::uint16_t slot = slots_[header.locate];
    return slot < first_target ? nullptr : &targets_[slot - first_target];
  }
  std::uint16_t slot_of(const Stock& stock);
  std::int64_t venue_time(const Header& header);
  template <bool Recorded>
  void decode_any(std::span<const std::byte> message, Nanoseconds received, EventBuffer& out);

  // Slots below `settled` are looked up again when a message names the stock: after a damaged
  // directory entry the first order sets it right.
  static constexpr std::uint16_t not_learned = 0;
  static constexpr std::uint16_t not_configured_says_directory = 1;
  static constexpr std::uint16_t settled = 2;
  static constexpr std::uint16_t not_configured = 2;
  static constexpr std::uint16_t first_target = 3;

  SymbolMap symbols_;
  DecoderOptions options_;
  std::array<std::uint16_t, 65'536> slots_{};  // locate -> what to do with it
  std::vector<Target> targets_;
  FeedClock clock_;
  FeedCounters counters_;
};

}  // namespace zomma::itch
