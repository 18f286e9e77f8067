#include "market/feeds/binance/message.h"

#include <zomma/event.h>

namespace zomma::binance {
namespace {

constexpr std::uint64_t ns_per_ms = 1'000'000;
constexpr std::uint64_t max_ms = static_cast<std::uint64_t>(INT64_MAX) / ns_per_ms;

// The field readers of one message: the first fault stays, and which fields were there is
// remembered as bits.
class Fields {
 public:
  explicit Fields(Scanner& scanner) : scanner_(scanner) {}

  bool integer(std::uint64_t& out, unsigned bit) {
    return read_unsigned(scanner_.cursor(), scanner_.end(), out) ? have(bit)
                                                                 : refuse(Fault::bad_number);
  }
  bool milliseconds(std::int64_t& out_ns, unsigned bit) {
    std::uint64_t ms = 0;
    if (!integer(ms, bit) || ms > max_ms) return refuse(Fault::bad_number);
    out_ns = static_cast<std::int64_t>(ms * ns_per_ms);
    return true;
  }
  bool decimal(const DecimalReader& reader, std::int64_t& out, bool& inexact, unsigned bit) {
    if (!scanner_.take('"')) return refuse(Fault::syntax);
    const Digits digits = reader.read(scanner_.cursor(), scanner_.end(), out);
    if (digits == Digits::bad) return refuse(Fault::bad_number);
    inexact |= digits == Digits::inexact;
    return have(bit);
  }
  bool boolean(bool& out, unsigned bit) {
    out = scanner_.take("true");
    return out || scanner_.take("false") ? have(bit) : refuse(Fault::syntax);
  }
  bool symbol(std::string_view wanted) {
    std::string_view found;
    if (!scanner_.string(found)) return refuse(Fault::syntax);
    return found == wanted ? true : refuse(Fault::other_symbol);
  }
  bool levels(const Scales& scales, std::uint16_t side, LevelList& out, unsigned bit);
  bool text(std::string_view& out) { return scanner_.string(out) ? true : refuse(Fault::syntax); }
  bool skip() { return scanner_.skip_value() ? true : refuse(Fault::syntax); }

  bool refuse(Fault fault) {
    if (fault_ == Fault::none) fault_ = fault;
    return false;
  }
  bool has(unsigned bits) const { return (seen_ & bits) == bits; }
  // What became of the message: `complete` says whether its object ended as it should.
  Fault verdict(bool complete, unsigned needed) const {
    if (fault_ != Fault::none) return fault_;
    if (!complete) return Fault::syntax;
    return has(needed) ? Fault::none : Fault::missing_field;
  }

 private:
  bool have(unsigned bit) {
    seen_ |= bit;
    return true;
  }

  Scanner& scanner_;
  unsigned seen_ = 0;
  Fault fault_ = Fault::none;
};

// [["61837.63","1.5"],...]
bool Fields::levels(const Scales& scales, std::uint16_t side, LevelList& out, unsigned bit) {
  if (has(bit) || !scanner_.take('[')) return refuse(Fault::syntax);
  if (scanner_.take(']')) return have(bit);
  do {
    if (out.full()) return refuse(Fault::too_many_levels);
    if (!scanner_.take("[\"")) return refuse(Fault::syntax);
    Level level{0, 0, side};
    const Digits price = scales.price.read(scanner_.cursor(), scanner_.end(), level.price);
    if (price == Digits::bad) return refuse(Fault::bad_number);
    if (!scanner_.take(",\"")) return refuse(Fault::syntax);
    const Digits quantity = scales.quantity.read(scanner_.cursor(), scanner_.end(), level.quantity);
    if (quantity == Digits::bad) return refuse(Fault::bad_number);
    if (!scanner_.take(']')) return refuse(Fault::syntax);
    if (price == Digits::inexact || quantity == Digits::inexact) level.flags |= ZM_FLAG_SUSPECT;
    out.push(level);
  } while (scanner_.take(','));
  return scanner_.take(']') ? have(bit) : refuse(Fault::syntax);
}

Stream stream_of(std::string_view name) {
  if (name == "bookTicker") return Stream::book_ticker;
  if (name == "trade") return Stream::trade;
  // "depth" and "depth@100ms"; "depth20" is another message.
  if (name == "depth" || name.substr(0, 6) == "depth@") return Stream::depth;
  return Stream::other;
}

char only(std::string_view key) { return key.size() == 1 ? key[0] : '\0'; }

}  // namespace

const char* name_of(Fault fault) {
  switch (fault) {
    case Fault::none:
      return "none";
    case Fault::no_receive_time:
      return "the receive time in nanoseconds and a space were expected";
    case Fault::syntax:
      return "this is not the JSON of a Binance stream";
    case Fault::bad_number:
      return "a number was expected, of at most 63 bits and without sign or exponent";
    case Fault::missing_field:
      return "a field is missing that this kind of message must have";
    case Fault::other_symbol:
      return "the message names another symbol than its stream";
    case Fault::bad_range:
      return "the last update id lies before the first, or too far behind it";
    case Fault::too_many_levels:
      return "the message has more levels than an order book update can have";
  }
  return "?";
}

Fault parse_envelope(Scanner& scanner, Envelope& out) {
  if (scanner.take("{\"lastUpdateId\":")) {
    scanner.go_to(0);
    out = {Stream::snapshot, {}, 0, true};
    return Fault::none;
  }
  std::string_view name;
  if (!scanner.take("{\"stream\":")) {
    // The message may come before its stream's name.
    if (!scanner.take("{\"data\":")) return Fault::syntax;
    out.data_offset = scanner.offset();
    if (!scanner.skip_value() || !scanner.take(",\"stream\":") || !scanner.string(name))
      return Fault::syntax;
    if (!scanner.take('}') || !scanner.at_end()) return Fault::syntax;
    out.data_is_last = false;
  } else {
    if (!scanner.string(name) || !scanner.take(",\"data\":")) return Fault::syntax;
    out.data_offset = scanner.offset();
  }
  const std::size_t at = name.find('@');
  if (at == std::string_view::npos) return Fault::syntax;
  out.symbol = name.substr(0, at);
  out.stream = stream_of(name.substr(at + 1));
  return Fault::none;
}

Fault parse_book_ticker(Scanner& scanner, const Scales& scales, std::string_view symbol,
                        BookTicker& out) {
  Fields fields(scanner);
  std::int64_t event_ns = 0;
  const bool complete = for_each_member(scanner, [&](std::string_view key) {
    switch (only(key)) {
      case 'u':
        return fields.integer(out.update_id, 1);
      case 'b':
        return fields.decimal(scales.price, out.bid_price, out.inexact, 2);
      case 'B':
        return fields.decimal(scales.quantity, out.bid_quantity, out.inexact, 4);
      case 'a':
        return fields.decimal(scales.price, out.ask_price, out.inexact, 8);
      case 'A':
        return fields.decimal(scales.quantity, out.ask_quantity, out.inexact, 16);
      case 'T':
        return fields.milliseconds(out.exchange_ns, 32);
      case 'E':
        return fields.milliseconds(event_ns, 64);
      case 's':
        return fields.symbol(symbol);
      default:
        return fields.skip();
    }
  });
  if (!fields.has(32)) out.exchange_ns = event_ns;
  return fields.verdict(complete, 1 | 2 | 4 | 8 | 16);
}

Fault parse_trade(Scanner& scanner, const Scales& scales, std::string_view symbol, Trade& out) {
  Fields fields(scanner);
  std::int64_t event_ns = 0;
  const bool complete = for_each_member(scanner, [&](std::string_view key) {
    switch (only(key)) {
      case 't':
        return fields.integer(out.id, 1);
      case 'p':
        return fields.decimal(scales.price, out.price, out.inexact, 2);
      case 'q':
        return fields.decimal(scales.quantity, out.quantity, out.inexact, 4);
      case 'm':
        return fields.boolean(out.buyer_is_maker, 8);
      case 'T':
        return fields.milliseconds(out.exchange_ns, 16);
      case 'E':
        return fields.milliseconds(event_ns, 32);
      case 's':
        return fields.symbol(symbol);
      case 'X': {
        std::string_view origin;
        if (!fields.text(origin)) return false;
        out.on_book = origin == "MARKET";
        return true;
      }
      default:
        return fields.skip();
    }
  });
  if (!fields.has(16)) out.exchange_ns = event_ns;
  return fields.verdict(complete, 1 | 2 | 4 | 8);
}

Fault parse_depth(Scanner& scanner, const Scales& scales, std::string_view symbol, Depth& out,
                  LevelList& levels) {
  constexpr std::uint64_t max_ids = 1'000'000'000;  // in one update; hours of a busy market
  Fields fields(scanner);
  std::int64_t event_ns = 0;
  levels.clear();
  const bool complete = for_each_member(scanner, [&](std::string_view key) {
    switch (only(key)) {
      case 'U':
        return fields.integer(out.first_id, 1);
      case 'u':
        return fields.integer(out.last_id, 2);
      case 'b':
        return fields.levels(scales, 0, levels, 4);
      case 'a':
        return fields.levels(scales, ZM_FLAG_SELL, levels, 8);
      case 'T':
        return fields.milliseconds(out.exchange_ns, 16);
      case 'E':
        return fields.milliseconds(event_ns, 32);
      case 's':
        return fields.symbol(symbol);
      default:
        break;
    }
    if (key == "pu") return fields.integer(out.previous_id, 64);
    return fields.skip();
  });
  out.has_previous_id = fields.has(64);
  if (!fields.has(16)) out.exchange_ns = event_ns;
  const Fault fault = fields.verdict(complete, 1 | 2 | 4 | 8);
  if (fault != Fault::none) return fault;
  const bool in_order =
      out.first_id != 0 && out.first_id <= out.last_id && out.last_id - out.first_id <= max_ids;
  return in_order && (!out.has_previous_id || out.previous_id < out.last_id) ? Fault::none
                                                                             : Fault::bad_range;
}

Fault parse_snapshot(Scanner& scanner, const Scales& scales, Depth& out, LevelList& levels) {
  Fields fields(scanner);
  std::int64_t event_ns = 0;
  levels.clear();
  const bool complete = for_each_member(scanner, [&](std::string_view key) {
    if (key == "lastUpdateId") return fields.integer(out.last_id, 1);
    if (key == "bids") return fields.levels(scales, 0, levels, 2);
    if (key == "asks") return fields.levels(scales, ZM_FLAG_SELL, levels, 4);
    if (key == "T") return fields.milliseconds(out.exchange_ns, 8);
    if (key == "E") return fields.milliseconds(event_ns, 16);
    return fields.skip();
  });
  if (!fields.has(8)) out.exchange_ns = event_ns;
  return fields.verdict(complete, 1 | 2 | 4);
}

}  // namespace zomma::binance
