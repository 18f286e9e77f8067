#include "market/feeds/file/recorded.h"

#include "market/feeds/binance/source.h"
#include "market/feeds/dbn/source.h"
#include "market/feeds/itch/file_source.h"
#include "market/feeds/lobster/source.h"

namespace zomma {
namespace {

template <class Source>
Result<std::unique_ptr<FeedSource>> as_source(Result<std::unique_ptr<Source>> opened) {
  if (!opened) return opened.error();
  return std::unique_ptr<FeedSource>(std::move(*opened));
}

}  // namespace

Result<std::unique_ptr<FeedSource>> open_recorded_feed(std::string_view format,
                                                       const std::string& path,
                                                       RecordedFeedOptions options) {
  if (format == "itch") {
    itch::DecoderOptions itch_options;
    itch_options.midnight = options.midnight;
    itch_options.trade_side_is_real = options.itch_trade_side_is_real;
    itch_options.feed = options.feed;
    return as_source(itch::FileSource::open(path, std::move(options.symbols), itch_options));
  }
  if (format == "lobster")
    return as_source(lobster::FileSource::open(
        path, options.symbols, {options.symbol, options.orderbook_path, options.midnight}));
  if (format == "dbn") return as_source(dbn::FileSource::open(path, options.symbols));
  if (format == "binance")
    return as_source(
        binance::CaptureSource::open(path, std::move(options.symbols),
                                     {options.require_snapshot, options.symbol, options.feed}));
  return Error{Errc::invalid_argument,
               "there is no recording format '" + std::string(format) +
                   "'; there are \"itch\", \"lobster\", \"dbn\" and \"binance\""};
}

}  // namespace zomma
