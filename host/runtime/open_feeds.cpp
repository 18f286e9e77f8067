// open_feeds.cpp: a configured feed as a source, recorded or live.
#include <arpa/inet.h>
#include <fmt/core.h>

#include <filesystem>

#include "market/feeds/chain_csv/source.h"
#include "market/feeds/file/recorded.h"
#include "market/feeds/itch/capture_source.h"
#include "market/feeds/itch/multicast_source.h"
#include "market/feeds/lean/source.h"
#include "market/options/calendar.h"
#include "runtime/assembly.h"
#include "runtime/discover.h"
#include "runtime/source_chain.h"

namespace zomma {
namespace {

Result<SymbolMap> symbols_of(const Config& config, const FeedConfig& feed) {
  SymbolMap symbols;
  for (const FeedSymbol& symbol : feed.symbols)
    if (const auto added =
            symbols.add(symbol.venue_symbol, config.instruments[symbol.instrument.value]);
        !added)
      return added.error();
  return symbols;
}

itch::DecoderOptions itch_options(const FeedConfig& feed) {
  itch::DecoderOptions options;
  options.midnight = options::new_york(number_of(feed.session_date, 0), 0, 0);
  // Before 2014-07-14 Nasdaq wrote the real side into non-cross trades.
  const CalendarDate& date = feed.session_date;
  options.trade_side_is_real =
      date.year < 2014 ||
      (date.year == 2014 && (date.month < 7 || (date.month == 7 && date.day < 14)));
  return options;
}

Result<std::unique_ptr<FeedSource>> open_one(const FeedConfig& feed, const std::string& path,
                                             SymbolMap symbols) {
  std::error_code code;
  if (!std::filesystem::exists(path, code)) return Error{Errc::not_found, path + " does not exist"};
  if (feed.source == FeedTransport::pcap) {
    if (feed.format != FeedFormat::itch)
      return Error{Errc::unsupported, "packet captures are read for format = \"itch\" only"};
    itch::CaptureOptions options;
    options.decoder = itch_options(feed);
    for (const Endpoint& group : {feed.group_a, feed.group_b}) {
      if (!group.given()) continue;
      in_addr address{};
      inet_pton(AF_INET, group.address.c_str(), &address);
      options.lines.push_back({ntohl(address.s_addr), group.port});
    }
    auto capture = itch::CaptureSource::open(path, std::move(symbols), options);
    if (!capture) return capture.error();
    return std::unique_ptr<FeedSource>(std::move(*capture));
  }
  RecordedFeedOptions options;
  const itch::DecoderOptions decoder = itch_options(feed);
  options.symbols = std::move(symbols);
  options.midnight = decoder.midnight;
  options.itch_trade_side_is_real = decoder.trade_side_is_real;
  options.orderbook_path = feed.orderbook_path;
  if (feed.symbols.size() == 1) options.symbol = feed.symbols.front().venue_symbol;
  return open_recorded_feed(to_text(feed.format), path, std::move(options));
}

}  // namespace

Result<std::unique_ptr<FeedSource>> open_feed(const Config& config, const FeedConfig& feed) {
  if (feed.format == FeedFormat::lean) {
    auto source = lean::Source::open(lean_options(feed), config.instruments);
    if (!source) return source.error();
    return std::unique_ptr<FeedSource>(std::move(*source));
  }
  if (feed.format == FeedFormat::chain_csv) {
    auto source = chain_csv::Source::open(chain_csv_options(feed), config.instruments);
    if (!source) return source.error();
    return std::unique_ptr<FeedSource>(std::move(*source));
  }
  if (feed.format == FeedFormat::modelled) {
    auto source = modelled::Source::open(modelled_options(config, feed), config.instruments);
    if (!source) return source.error();
    return std::unique_ptr<FeedSource>(std::move(*source));
  }
  std::vector<std::unique_ptr<FeedSource>> parts;
  for (const std::string& path : feed.paths) {
    auto symbols = symbols_of(config, feed);
    if (!symbols) return symbols.error();
    auto part = open_one(feed, path, std::move(*symbols));
    if (!part) return part.error();
    parts.push_back(std::move(*part));
  }
  if (parts.size() == 1) return std::move(parts.front());
  return std::unique_ptr<FeedSource>(std::make_unique<SourceChain>(std::move(parts)));
}

Result<std::unique_ptr<LiveSource>> open_live_feed(const Config& config, const FeedConfig& feed) {
  if (feed.format != FeedFormat::itch || feed.source != FeedTransport::udp)
    return Error{Errc::unsupported,
                 "live feeds are format = \"itch\" over source = \"udp\" (MoldUDP64 multicast)"};
  auto symbols = symbols_of(config, feed);
  if (!symbols) return symbols.error();
  itch::MulticastOptions options;
  options.decoder = itch_options(feed);
  for (const Endpoint& group : {feed.group_a, feed.group_b}) {
    if (!group.given()) continue;
    udp::ReceiverOptions line;
    line.group = group.address;
    line.port = group.port;
    line.interface = feed.interface;
    options.lines.push_back(line);
  }
  options.rewinder_address = feed.rewinder.address;
  options.rewinder_port = feed.rewinder.port;
  auto source = itch::MulticastSource::open(std::move(*symbols), options);
  if (!source) return source.error();
  return std::unique_ptr<LiveSource>(std::move(*source));
}

}  // namespace zomma
