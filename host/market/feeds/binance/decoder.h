// decoder.h: Binance's public streams (bookTicker, depth, trade; spot and USD-M futures) and REST
// depth snapshots -> events. Hot path: no allocation after the first message and the first depth
// update of each symbol.
//     bookTicker   QUOTE                    snapshot  BOOK_CLEAR, LEVEL ..., all SNAPSHOT; depth
//     kept meanwhile; QUOTE depth        LEVEL ..., maybe QUOTE   trade     TRADE, AGGRESSOR
// ZM_FLAG_LAST ends each message's events. Nothing assumes that the receiver's clock is right:
// exchange_ns may lie after ts_ns.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "market/feeds/binance/book_sync.h"
#include "market/feeds/binance/message.h"
#include "market/feeds/decoder.h"
#include "market/feeds/feed_clock.h"

namespace zomma::binance {

struct DecoderOptions {
  bool require_snapshot = false;  // no QUOTE and no LEVEL of a symbol before its first snapshot
  // The venue symbol that snapshots belong to, which do not say it; when empty, the symbol of the
  // message before.
  std::string snapshot_symbol;
  std::uint32_t feed = 0;  // zm_gap.feed of the gaps reported through this decoder
};

class Decoder {
 public:
  explicit Decoder(SymbolMap symbols, DecoderOptions options = {});
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // One JSON text. A faulty one gives no event, is counted as malformed, and is told; the next is
  // not affected.
  Fault decode(std::span<const std::byte> json, Nanoseconds received, EventBuffer& out);
  // One line of a capture: receive time in nanoseconds UTC, a space, the JSON. A time that falls is
  // held back.
  Fault decode_line(std::string_view line, EventBuffer& out);
  // Where in the last text or line a fault was found, bytes from its beginning.
  std::size_t fault_offset() const { return fault_offset_; }

  const FeedCounters& counters() const { return counters_; }
  FeedCounters& counters() { return counters_; }
  // Of all symbols together.
  StreamCounters streams() const;

 private:
  struct Symbol {
    std::string stream_name;  // "btcusdt"
    std::string venue_name;   // "BTCUSDT"
    BookSync sync;
  };

  Fault decode_text(std::string_view json, Nanoseconds received, EventBuffer& out,
                    std::size_t& offset);
  Fault decode_message(Scanner& scanner, const Envelope& envelope, Symbol& symbol,
                       Nanoseconds received, EventBuffer& out);
  Symbol* symbol_of(const Envelope& envelope);
  Symbol* find(std::string_view stream_name);
  Symbol* add(std::string_view stream_name);

  SymbolMap symbol_map_;
  DecoderOptions options_;
  std::string snapshot_stream_;  // options_.snapshot_symbol as stream names have it
  std::vector<std::unique_ptr<Symbol>> symbols_;
  Symbol* current_ = nullptr;  // of the last message
  LevelList levels_;
  itch::FeedClock clock_;
  FeedCounters counters_;
  std::size_t fault_offset_ = 0;
};

}  // namespace zomma::binance
