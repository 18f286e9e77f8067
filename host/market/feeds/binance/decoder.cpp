#include "market/feeds/binance/decoder.h"

#include <algorithm>
#include <array>

namespace zomma::binance {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; }

void add_to(StreamCounters& sum, const StreamCounters& more) {
  sum.book_tickers += more.book_tickers;
  sum.stale_book_tickers += more.stale_book_tickers;
  sum.depth_updates += more.depth_updates;
  sum.stale_depth_updates += more.stale_depth_updates;
  sum.depth_levels += more.depth_levels;
  sum.chain_links += more.chain_links;
  sum.chain_breaks += more.chain_breaks;
  sum.snapshots += more.snapshots;
  sum.stale_snapshots += more.stale_snapshots;
  sum.replayed_updates += more.replayed_updates;
  sum.repeated_quotes += more.repeated_quotes;
  sum.trades += more.trades;
  sum.duplicate_trades += more.duplicate_trades;
  sum.lost_trades += more.lost_trades;
  sum.off_book_trades += more.off_book_trades;
}

}  // namespace

Decoder::Decoder(SymbolMap symbols, DecoderOptions options)
    : symbol_map_(std::move(symbols)),
      options_(std::move(options)),
      snapshot_stream_(options_.snapshot_symbol) {
  std::transform(snapshot_stream_.begin(), snapshot_stream_.end(), snapshot_stream_.begin(), lower);
  symbols_.reserve(symbol_map_.size());
}

Fault Decoder::decode(std::span<const std::byte> json, Nanoseconds received, EventBuffer& out) {
  ++counters_.packets;
  const std::string_view text(reinterpret_cast<const char*>(json.data()), json.size());
  return decode_text(text, received, out, fault_offset_);
}

Fault Decoder::decode_line(std::string_view line, EventBuffer& out) {
  ++counters_.packets;
  const char* at = line.data();
  const char* end = at + line.size();
  std::uint64_t received = 0;
  const bool timed = read_unsigned(at, end, received) && at != end && *at == ' ';
  const auto start = static_cast<std::size_t>(at - line.data());
  if (!timed) {
    fault_offset_ = start;
    ++counters_.malformed;
    return Fault::no_receive_time;
  }
  using Step = itch::FeedClock::Step;
  if (clock_.advance(static_cast<std::int64_t>(received)) != Step::ahead) ++counters_.clock_back;
  const Fault fault = decode_text(line.substr(start + 1), clock_.now(), out, fault_offset_);
  fault_offset_ += start + 1;
  return fault;
}

Fault Decoder::decode_text(std::string_view json, Nanoseconds received, EventBuffer& out,
                           std::size_t& offset) {
  Scanner scanner(json);
  Envelope envelope;
  Fault fault = parse_envelope(scanner, envelope);
  if (fault == Fault::none) {
    ++counters_.messages;
    if (envelope.stream == Stream::other) {
      ++counters_.unknown_type;
    } else if (Symbol* symbol = symbol_of(envelope); symbol == nullptr) {
      ++counters_.unknown_symbol;
    } else {
      fault = decode_message(scanner, envelope, *symbol, received, out);
    }
  }
  if (fault != Fault::none) ++counters_.malformed;
  offset = scanner.offset();
  return fault;
}

Fault Decoder::decode_message(Scanner& scanner, const Envelope& envelope, Symbol& symbol,
                              Nanoseconds received, EventBuffer& out) {
  scanner.go_to(envelope.data_offset);
  const Scales& scales = symbol.sync.scales();
  const auto ended = [&] {
    if (!envelope.data_is_last) return true;
    return (envelope.stream == Stream::snapshot || scanner.take('}')) && scanner.at_end();
  };
  // Nothing is told before the whole text has been found sound.
  const auto whole = [&](Fault fault) {
    return fault == Fault::none && !ended() ? Fault::syntax : fault;
  };
  Fault fault = Fault::none;
  switch (envelope.stream) {
    case Stream::book_ticker: {
      BookTicker quote;
      fault = whole(parse_book_ticker(scanner, scales, symbol.venue_name, quote));
      if (fault == Fault::none) symbol.sync.on_book_ticker(quote, received, out);
      break;
    }
    case Stream::trade: {
      Trade trade;
      fault = whole(parse_trade(scanner, scales, symbol.venue_name, trade));
      if (fault == Fault::none) symbol.sync.on_trade(trade, received, out);
      break;
    }
    case Stream::depth: {
      Depth update;
      fault = whole(parse_depth(scanner, scales, symbol.venue_name, update, levels_));
      if (fault == Fault::none) symbol.sync.on_depth(update, levels_, received, out);
      break;
    }
    case Stream::snapshot: {
      Depth snapshot;
      fault = whole(parse_snapshot(scanner, scales, snapshot, levels_));
      if (fault == Fault::none) symbol.sync.on_snapshot(snapshot, levels_, received, out);
      break;
    }
    case Stream::other:
      break;
  }
  return fault;
}

Decoder::Symbol* Decoder::symbol_of(const Envelope& envelope) {
  std::string_view name = envelope.symbol;
  if (envelope.stream == Stream::snapshot) {
    if (snapshot_stream_.empty()) return current_;
    name = snapshot_stream_;
  }
  if (current_ != nullptr && current_->stream_name == name) return current_;
  Symbol* symbol = find(name);
  if (symbol == nullptr) symbol = add(name);
  if (symbol != nullptr) current_ = symbol;
  return symbol;
}

Decoder::Symbol* Decoder::find(std::string_view stream_name) {
  for (const auto& symbol : symbols_)
    if (symbol->stream_name == stream_name) return symbol.get();
  return nullptr;
}

Decoder::Symbol* Decoder::add(std::string_view stream_name) {
  std::array<char, 32> buffer;
  if (stream_name.empty() || stream_name.size() > buffer.size()) return nullptr;
  std::transform(stream_name.begin(), stream_name.end(), buffer.begin(), upper);
  const std::string_view venue_name(buffer.data(), stream_name.size());
  const FeedInstrument* instrument = symbol_map_.find(venue_name);
  if (instrument == nullptr) return nullptr;
  symbols_.push_back(std::make_unique<Symbol>(
      Symbol{std::string(stream_name), std::string(venue_name),
             BookSync(*instrument, options_.require_snapshot, options_.feed, counters_)}));
  return symbols_.back().get();
}

StreamCounters Decoder::streams() const {
  StreamCounters sum;
  for (const auto& symbol : symbols_) add_to(sum, symbol->sync.streams());
  return sum;
}

}  // namespace zomma::binance
