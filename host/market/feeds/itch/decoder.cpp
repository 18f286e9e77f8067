#include "market/feeds/itch/decoder.h"

#include "market/feeds/itch/parse.h"

namespace zomma::itch {
namespace {

// The longest day has 25 hours, on the night the clocks go back.
constexpr std::uint64_t day_ns = 25ull * 3'600'000'000'000ull;

std::uint32_t four_characters(const Text<4>& text) { return load_be32(text.chars); }

std::uint32_t state_of(char trading_state) {
  switch (trading_state) {
    case 'T':
      return ZM_MARKET_OPEN;
    case 'Q':
      return ZM_MARKET_QUOTE_ONLY;
    case 'H':
    case 'P':
      return ZM_MARKET_HALT;
    default:
      return ZM_MARKET_UNKNOWN;
  }
}

std::uint32_t state_of_system(char event) {
  switch (event) {
    case 'O':
    case 'S':
      return ZM_MARKET_PRE_OPEN;
    case 'Q':
      return ZM_MARKET_OPEN;
    case 'M':
    case 'E':
    case 'C':
      return ZM_MARKET_CLOSED;
    default:
      return ZM_MARKET_UNKNOWN;
  }
}

}  // namespace

// Turns typed messages into events; lives for one message and is inlined away.
struct Decoder::Visitor {
  Decoder& decoder;
  EventBuffer& out;
  Nanoseconds time;
  std::int64_t exchange_ns;
  std::uint16_t flags;

  zm_event& append(std::uint16_t kind, std::uint32_t instrument, unsigned more_flags = 0) {
    ++decoder.counters_.events;
    return out.append(kind, instrument, time, exchange_ns,
                      static_cast<std::uint16_t>(flags | more_flags));
  }
  const Target* target(const Header& header) {
    const Target* found = decoder.target(header);
    if (found == nullptr) ++decoder.counters_.unknown_symbol;
    return found;
  }
  const Target* target(const Header& header, const Stock& stock) {
    std::uint16_t& slot = decoder.slots_[header.locate];
    if (slot < settled) [[unlikely]]
      slot = decoder.slot_of(stock);
    return target(header);
  }
  // Scales into the instrument's decimals; an inexact value marks the event.
  std::int64_t scaled(const DecimalScale& scale, std::uint64_t value) {
    std::int64_t result = 0;
    const auto wide = value > static_cast<std::uint64_t>(INT64_MAX)
                          ? INT64_MAX
                          : static_cast<std::int64_t>(value);
    if (!scale.apply(wide, result)) [[unlikely]] {
      ++decoder.counters_.inexact;
      flags |= ZM_FLAG_SUSPECT;
    }
    return result;
  }
  // ZM_FLAG_SELL or 0; false if the wire's character is neither.
  bool side(char wire, unsigned& flag) {
    flag = wire == 'S' ? static_cast<unsigned>(ZM_FLAG_SELL) : 0u;
    if (wire == 'B' || wire == 'S') [[likely]]
      return true;
    ++decoder.counters_.malformed;
    return false;
  }

  void operator()(const AddOrder& m) {
    unsigned sell = 0;
    const Target* to = target(m, m.stock);
    if (to == nullptr || !side(m.side, sell)) return;
    const std::int64_t price = scaled(to->price, m.price);
    const std::int64_t quantity = scaled(to->quantity, m.shares);
    append(ZM_EVENT_ORDER_ADD, to->instrument, sell).u.order = {m.ref, price, quantity, 0};
  }
  void operator()(const OrderExecuted& m) {
    const Target* to = target(m);
    if (to == nullptr) return;
    const std::int64_t quantity = scaled(to->quantity, m.shares);
    append(ZM_EVENT_ORDER_EXECUTE, to->instrument).u.execute = {m.ref, ZM_NO_PRICE, quantity,
                                                                m.match};
  }
  void operator()(const OrderExecutedPrice& m) {
    const Target* to = target(m);
    if (to == nullptr) return;
    const std::int64_t price = scaled(to->price, m.price);
    const std::int64_t quantity = scaled(to->quantity, m.shares);
    const unsigned print = m.printable == 'N' ? static_cast<unsigned>(ZM_FLAG_NO_PRINT) : 0u;
    append(ZM_EVENT_ORDER_EXECUTE, to->instrument, print).u.execute = {m.ref, price, quantity,
                                                                       m.match};
  }
  void operator()(const OrderCancel& m) {
    const Target* to = target(m);
    if (to == nullptr) return;
    const std::int64_t quantity = scaled(to->quantity, m.shares);
    append(ZM_EVENT_ORDER_REDUCE, to->instrument).u.order = {m.ref, ZM_NO_PRICE, quantity, 0};
  }
  void operator()(const OrderDelete& m) {
    const Target* to = target(m);
    if (to == nullptr) return;
    append(ZM_EVENT_ORDER_DELETE, to->instrument).u.order = {m.ref, ZM_NO_PRICE, 0, 0};
  }
  void operator()(const OrderReplace& m) {
    const Target* to = target(m);
    if (to == nullptr) return;
    const std::int64_t price = scaled(to->price, m.price);
    const std::int64_t quantity = scaled(to->quantity, m.shares);
    append(ZM_EVENT_ORDER_REPLACE, to->instrument).u.replace = {m.ref, m.new_ref, price, quantity};
  }
  void operator()(const Trade& m) {
    unsigned sell = 0;
    const Target* to = target(m, m.stock);
    if (to == nullptr || !side(m.side, sell)) return;
    unsigned how = sell | ZM_FLAG_HIDDEN;
    // The field is the resting order's side; whoever traded against it was on the other.
    if (decoder.options_.trade_side_is_real) how = (how ^ ZM_FLAG_SELL) | ZM_FLAG_AGGRESSOR;
    const std::int64_t price = scaled(to->price, m.price);
    const std::int64_t quantity = scaled(to->quantity, m.shares);
    append(ZM_EVENT_TRADE, to->instrument, how).u.trade = {price, quantity, m.match, m.ref};
  }
  void operator()(const CrossTrade& m) {
    const Target* to = target(m, m.stock);
    if (to == nullptr) return;
    if (m.shares == 0) {  // an auction in which nothing traded
      ++decoder.counters_.ignored;
      return;
    }
    const std::int64_t price = scaled(to->price, m.price);
    const std::int64_t quantity = scaled(to->quantity, m.shares);
    append(ZM_EVENT_TRADE, to->instrument, ZM_FLAG_CROSS).u.trade = {price, quantity, m.match, 0};
  }
  void operator()(const TradingAction& m) {
    const Target* to = target(m, m.stock);
    if (to == nullptr) return;
    const std::uint32_t state = state_of(m.state);
    if (state == ZM_MARKET_UNKNOWN) ++decoder.counters_.malformed;
    append(ZM_EVENT_MARKET_STATE, to->instrument).u.state = {state, four_characters(m.reason), {}};
  }
  void operator()(const OperationalHalt& m) {
    const Target* to = target(m, m.stock);
    if (to == nullptr) return;
    if (m.market != decoder.options_.market) {
      ++decoder.counters_.ignored;
      return;
    }
    const std::uint32_t state = state_of(m.action == 'H' || m.action == 'T' ? m.action : ' ');
    if (state == ZM_MARKET_UNKNOWN) ++decoder.counters_.malformed;
    const auto reason = static_cast<std::uint32_t>(static_cast<unsigned char>(m.market));
    append(ZM_EVENT_MARKET_STATE, to->instrument).u.state = {state, reason, {}};
  }
  void operator()(const SystemEvent& m) {
    const std::uint32_t state = state_of_system(m.event);
    if (state == ZM_MARKET_UNKNOWN) {
      ++decoder.counters_.malformed;
      return;
    }
    const auto reason = static_cast<std::uint32_t>(static_cast<unsigned char>(m.event));
    append(ZM_EVENT_MARKET_STATE, ZM_NO_INSTRUMENT).u.state = {state, reason, {}};
  }
  void operator()(const StockDirectory& m) {
    const std::uint16_t slot = decoder.slot_of(m.stock);
    decoder.slots_[m.locate] = slot == not_configured ? not_configured_says_directory : slot;
    ++decoder.counters_.ignored;
  }
  void operator()(const Header&) { ++decoder.counters_.ignored; }
};

Decoder::Decoder(SymbolMap symbols, const DecoderOptions& options)
    : symbols_(std::move(symbols)), options_(options) {
  targets_.reserve(symbols_.size());
}

void Decoder::decode(std::span<const std::byte> message, Nanoseconds received, EventBuffer& out) {
  decode_any<false>(message, received, out);
}

void Decoder::decode_recorded(std::span<const std::byte> message, EventBuffer& out) {
  decode_any<true>(message, {}, out);
}

template <bool Recorded>
void Decoder::decode_any(std::span<const std::byte> message, Nanoseconds received,
                         EventBuffer& out) {
  ++counters_.messages;
  if (message.size() < header_size) [[unlikely]] {
    ++counters_.truncated;
    return;
  }
  if (message_size(message[0]) == 0) [[unlikely]] {
    ++counters_.unknown_type;
    return;
  }
  const std::int64_t exchange_ns = venue_time(detail::header(message.data()));
  if constexpr (Recorded) received = clock_.now();
  if (parse(message, Visitor{*this, out, received, exchange_ns, ZM_FLAG_LAST}) == Parsed::truncated)
    ++counters_.truncated;
}

// When the venue says it happened; 0 for a time that no day has. What cannot be believed does not
// move the clock.
std::int64_t Decoder::venue_time(const Header& header) {
  if (header.timestamp >= day_ns) [[unlikely]] {
    ++counters_.clock_back;
    return 0;
  }
  const std::int64_t time = options_.midnight.value + static_cast<std::int64_t>(header.timestamp);
  if (clock_.advance(time, header.type == 'S') != FeedClock::Step::ahead) [[unlikely]]
    ++counters_.clock_back;
  return time;
}

void Decoder::gap(std::uint64_t first, std::uint64_t last, Nanoseconds received, EventBuffer& out) {
  ++counters_.gaps;
  counters_.lost += last - first + 1;
  ++counters_.events;
  out.append(ZM_EVENT_GAP, ZM_NO_INSTRUMENT, received, 0, ZM_FLAG_LAST).u.gap = {
      first, last, options_.feed, 0, 0};
}

void Decoder::reset_session() {
  slots_.fill(not_learned);
  targets_.clear();
}

std::uint16_t Decoder::slot_of(const Stock& stock) {
  const FeedInstrument* instrument = symbols_.find(stock.trimmed());
  if (instrument == nullptr) return not_configured;
  std::size_t i = 0;
  while (i < targets_.size() && targets_[i].instrument != instrument->id.value) ++i;
  if (i == targets_.size())
    targets_.push_back({instrument->id.value, DecimalScale(price_digits, instrument->price_digits),
                        DecimalScale(0, instrument->quantity_digits)});
  return static_cast<std::uint16_t>(first_target + i);
}

}  // namespace zomma::itch
