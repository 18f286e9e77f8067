#include "market/feeds/dbn/decoder.h"

#include <algorithm>
#include <string>

#include "base/bytes.h"

namespace zomma::dbn {
namespace {

constexpr std::size_t header_size = 16;
constexpr std::size_t length_unit = 4;
constexpr int price_decimals = 9;
constexpr std::int64_t undefined_price = INT64_MAX;
constexpr std::uint64_t undefined_time = UINT64_MAX;

enum RecordType : std::uint8_t {
  trade_record = 0x00,
  top_record = 0x01,
  error_record = 0x15,
  symbol_record = 0x16,
  system_record = 0x17,
  mbo_record = 0xA0
};
constexpr std::size_t mbo_size = 56;
constexpr std::size_t trade_size = 48;
constexpr std::size_t top_size = 80;

// Where the fields of a record lie. Header: length, type, publisher, instrument, venue's time.
constexpr std::size_t at_instrument = 4;
constexpr std::size_t at_event_time = 8;
namespace mbo_at {
constexpr std::size_t order_id = 16, price = 24, size = 32, flags = 36, action = 38, side = 39,
                      received = 40, sequence = 52;
}
namespace trade_at {
constexpr std::size_t price = 16, size = 24, action = 28, side = 29, flags = 30, received = 32,
                      sequence = 44, level = 48;
}
namespace level_at {
constexpr std::size_t bid_price = 0, ask_price = 8, bid_size = 16, ask_size = 20;
}

std::uint16_t flags_of(std::uint8_t venue) {
  std::uint16_t flags = 0;
  if ((venue & 0x80) != 0) flags |= ZM_FLAG_LAST;
  if ((venue & 0x20) != 0) flags |= ZM_FLAG_SNAPSHOT;
  if ((venue & 0x04) != 0)
    flags |= ZM_FLAG_SUSPECT;  // packets were lost on the way to the recorder
  return flags;
}

char character(const std::byte* at) { return std::to_integer<char>(*at); }

std::int64_t venue_time(const std::byte* record) {
  const auto time = load_le<std::uint64_t>(record + at_event_time);
  return time > static_cast<std::uint64_t>(INT64_MAX) ? 0 : static_cast<std::int64_t>(time);
}

}  // namespace

Decoder::Decoder(const Metadata& metadata, const SymbolMap& symbols)
    : trailer_(metadata.has_ts_out ? 8 : 0), quote_first_(metadata.schema == Schema::tbbo) {
  const auto add = [&](std::string_view number, const FeedInstrument* instrument) {
    const bool digits =
        !number.empty() && number.size() < 10 &&
        std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (instrument == nullptr || !digits) return;
    const auto value = static_cast<std::uint32_t>(std::stoul(std::string(number)));
    for (const Target& target : targets_)
      if (target.number == value) return;
    targets_.push_back({value, instrument->id.value,
                        DecimalScale(price_decimals, instrument->price_digits),
                        DecimalScale(0, instrument->quantity_digits)});
  };
  for (const Mapping& mapping : metadata.mappings) {
    const FeedInstrument* by_symbol = symbols.find(mapping.raw_symbol);
    add(mapping.mapped_symbol,
        by_symbol != nullptr ? by_symbol : symbols.find(mapping.mapped_symbol));
    add(mapping.raw_symbol, symbols.find(mapping.raw_symbol));  // asked for by number
  }
  std::sort(targets_.begin(), targets_.end(),
            [](const Target& a, const Target& b) { return a.number < b.number; });
}

const Decoder::Target* Decoder::find(std::uint32_t number) {
  if (last_ != nullptr && last_->number == number) [[likely]]
    return last_;
  const auto place =
      std::lower_bound(targets_.begin(), targets_.end(), number,
                       [](const Target& target, std::uint32_t at) { return target.number < at; });
  if (place == targets_.end() || place->number != number) return nullptr;
  last_ = &*place;
  return last_;
}

std::size_t Decoder::decode(std::span<const std::byte> bytes, EventBuffer& out) {
  std::size_t used = 0;
  while (bytes.size() - used >= header_size && !framing_lost_) {
    const std::size_t size = std::to_integer<std::size_t>(bytes[used]) * length_unit;
    if (size < header_size) {
      framing_lost_ = true;
      ++counters_.malformed;
      break;
    }
    if (size > bytes.size() - used || out.room() < 2) break;
    decode_record(bytes.subspan(used, size), out);
    used += size;
  }
  return used;
}

void Decoder::decode_record(std::span<const std::byte> record, EventBuffer& out) {
  ++counters_.messages;
  const auto type = std::to_integer<std::uint8_t>(record[1]);
  std::size_t wanted = 0;
  switch (type) {
    case mbo_record:
      wanted = mbo_size;
      break;
    case trade_record:
      wanted = trade_size;
      break;
    case top_record:
      wanted = top_size;
      break;
    case error_record:
    case symbol_record:
    case system_record:
      ++counters_.ignored;
      return;
    default:
      ++counters_.unknown_type;
      return;
  }
  if (record.size() < wanted + trailer_) [[unlikely]] {
    ++counters_.truncated;
    return;
  }
  const Target* target = find(load_le<std::uint32_t>(record.data() + at_instrument));
  if (target == nullptr) {
    ++counters_.unknown_symbol;
    return;
  }
  if (type == mbo_record)
    mbo(record.data(), *target, out);
  else
    top(record.data(), *target, type == top_record, quote_first_, out);
}

// False when the record's time is none; it is then taken at the time of the one before.
bool Decoder::advance(std::uint64_t received) {
  if (received == undefined_time || received > static_cast<std::uint64_t>(INT64_MAX)) return false;
  return clock_.advance(static_cast<std::int64_t>(received)) == itch::FeedClock::Step::ahead;
}

std::int64_t Decoder::scaled(const DecimalScale& scale, std::int64_t value, std::uint16_t& flags) {
  std::int64_t result = 0;
  if (!scale.apply(value, result)) [[unlikely]] {
    flags |= ZM_FLAG_SUSPECT;
    ++counters_.inexact;
  }
  return result;
}

zm_event& Decoder::append(std::uint16_t kind, const Target& target, std::uint16_t flags,
                          std::int64_t exchange_ns, EventBuffer& out) {
  ++counters_.events;
  return out.append(kind, target.instrument, clock_.now(), exchange_ns, flags);
}

void Decoder::mbo(const std::byte* record, const Target& target, EventBuffer& out) {
  if (!advance(load_le<std::uint64_t>(record + mbo_at::received))) ++counters_.clock_back;
  std::uint16_t flags = flags_of(std::to_integer<std::uint8_t>(record[mbo_at::flags]));
  const char side = character(record + mbo_at::side);
  const char action = character(record + mbo_at::action);
  if (side == 'A') flags |= ZM_FLAG_SELL;
  const std::int64_t exchange_ns = venue_time(record);
  std::uint16_t kind = ZM_EVENT_NONE;
  switch (action) {
    case 'A':
      kind = ZM_EVENT_ORDER_ADD;
      break;
    case 'C':
      kind = ZM_EVENT_ORDER_REDUCE;
      break;
    case 'M':
      kind = ZM_EVENT_ORDER_MODIFY;
      break;
    case 'T':
      kind = ZM_EVENT_TRADE;
      break;
    case 'R':
      append(ZM_EVENT_BOOK_CLEAR, target, flags, exchange_ns, out);
      return;
    case 'F':
    case 'N':
      ++counters_.ignored;
      return;
    default:
      ++counters_.malformed;
      return;
  }
  const auto raw_price = load_le<std::int64_t>(record + mbo_at::price);
  const bool sided = side == 'A' || side == 'B';
  // A cancel need not say its price; what rests must.
  const bool needs_price = kind != ZM_EVENT_ORDER_REDUCE;
  if ((needs_price && raw_price == undefined_price) || (kind != ZM_EVENT_TRADE && !sided)) {
    ++counters_.malformed;
    return;
  }
  const auto ref = load_le<std::uint64_t>(record + mbo_at::order_id);
  const std::int64_t price =
      raw_price == undefined_price ? ZM_NO_PRICE : scaled(target.price, raw_price, flags);
  const std::int64_t quantity =
      scaled(target.quantity, load_le<std::uint32_t>(record + mbo_at::size), flags);
  if (kind == ZM_EVENT_TRADE) {
    if (sided) flags |= ZM_FLAG_AGGRESSOR;
    const std::uint64_t number = load_le<std::uint32_t>(record + mbo_at::sequence);
    append(kind, target, flags, exchange_ns, out).u.trade = {price, quantity, number, ref};
    return;
  }
  append(kind, target, flags, exchange_ns, out).u.order = {ref, price, quantity, 0};
}

void Decoder::top(const std::byte* record, const Target& target, bool has_level, bool quote_first,
                  EventBuffer& out) {
  if (!advance(load_le<std::uint64_t>(record + trade_at::received))) ++counters_.clock_back;
  const std::uint16_t flags = flags_of(std::to_integer<std::uint8_t>(record[trade_at::flags]));
  const auto inner = static_cast<std::uint16_t>(flags & ~ZM_FLAG_LAST);
  const auto last = static_cast<std::uint16_t>(flags | ZM_FLAG_LAST);
  const std::int64_t exchange_ns = venue_time(record);
  const std::byte* level = record + trade_at::level;
  const bool is_trade = character(record + trade_at::action) == 'T';
  if (has_level && quote_first) quote(level, target, is_trade ? inner : last, exchange_ns, out);
  const bool traded =
      is_trade && trade(record, target, has_level && !quote_first ? inner : last, exchange_ns, out);
  if (has_level && !quote_first) quote(level, target, last, exchange_ns, out);
  if (!has_level && !traded) ++counters_.malformed;
}

bool Decoder::trade(const std::byte* record, const Target& target, std::uint16_t flags,
                    std::int64_t exchange_ns, EventBuffer& out) {
  const auto raw_price = load_le<std::int64_t>(record + trade_at::price);
  if (raw_price == undefined_price) return false;
  const char side = character(record + trade_at::side);
  if (side == 'A' || side == 'B') flags |= ZM_FLAG_AGGRESSOR;
  if (side == 'A') flags |= ZM_FLAG_SELL;
  const std::int64_t price = scaled(target.price, raw_price, flags);
  const std::int64_t quantity =
      scaled(target.quantity, load_le<std::uint32_t>(record + trade_at::size), flags);
  const std::uint64_t number = load_le<std::uint32_t>(record + trade_at::sequence);
  append(ZM_EVENT_TRADE, target, flags, exchange_ns, out).u.trade = {price, quantity, number, 0};
  return true;
}

void Decoder::quote(const std::byte* level, const Target& target, std::uint16_t flags,
                    std::int64_t exchange_ns, EventBuffer& out) {
  const auto price = [&](std::size_t at) {
    const auto raw = load_le<std::int64_t>(level + at);
    return raw == undefined_price ? ZM_NO_PRICE : scaled(target.price, raw, flags);
  };
  const std::int64_t bid = price(level_at::bid_price);
  const std::int64_t ask = price(level_at::ask_price);
  const std::int64_t bid_size =
      scaled(target.quantity, load_le<std::uint32_t>(level + level_at::bid_size), flags);
  const std::int64_t ask_size =
      scaled(target.quantity, load_le<std::uint32_t>(level + level_at::ask_size), flags);
  append(ZM_EVENT_QUOTE, target, flags, exchange_ns, out).u.quote = {bid, ask, bid_size, ask_size};
}

}  // namespace zomma::dbn
