// recorded.h: any recording file the host can read, opened by the name of its format.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "market/feeds/decoder.h"

namespace zomma {

struct RecordedFeedOptions {
  SymbolMap symbols;
  // The venue symbol a recording is about where it does not say: lobster (empty: the file name up
  // to the first '_'), and the snapshots of binance (empty: the symbol of the line before).
  std::string symbol;
  Nanoseconds midnight{};  // itch, lobster: 00:00 US/Eastern of the session's date, as UTC
  bool itch_trade_side_is_real{false};  // itch::DecoderOptions::trade_side_is_real
  std::string orderbook_path;    // lobster: seeds the book with this file's first row; empty: the
                                 // book starts empty
  bool require_snapshot{false};  // binance: no QUOTE and no LEVEL before the first snapshot
  std::uint32_t feed{0};         // zm_gap.feed
};

// `format`: "itch" (BinaryFILE), "lobster", "dbn" or "binance". Errc::not_found, refused, io for
// the file, invalid_argument for the format, and what the format's source says of its beginning.
Result<std::unique_ptr<FeedSource>> open_recorded_feed(std::string_view format,
                                                       const std::string& path,
                                                       RecordedFeedOptions options);

}  // namespace zomma
