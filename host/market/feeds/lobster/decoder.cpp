#include "market/feeds/lobster/decoder.h"

#include <algorithm>
#include <tuple>

namespace zomma::lobster {
namespace {

std::uint16_t side_flag(bool sell) { return sell ? ZM_FLAG_SELL : 0; }

}  // namespace

Decoder::Decoder(const FeedInstrument& instrument, Nanoseconds midnight)
    : instrument_(instrument.id.value),
      midnight_(midnight),
      price_(price_decimals, instrument.price_digits),
      quantity_(0, instrument.quantity_digits) {}

zm_event& Decoder::append(std::uint16_t kind, std::uint16_t flags, std::int64_t time_ns,
                          Nanoseconds now, EventBuffer& out) {
  ++counters_.events;
  return out.append(kind, instrument_, now, midnight_.value + time_ns, flags);
}

std::int64_t Decoder::price_of(std::int64_t price, std::uint16_t& flags) {
  std::int64_t scaled = 0;
  if (!price_.apply(price, scaled)) {
    flags |= ZM_FLAG_SUSPECT;
    ++counters_.inexact;
  }
  return scaled;
}
std::int64_t Decoder::quantity_of(std::int64_t size, std::uint16_t& flags) {
  std::int64_t scaled = 0;
  if (!quantity_.apply(size, scaled)) {
    flags |= ZM_FLAG_SUSPECT;
    ++counters_.inexact;
  }
  return scaled;
}

Nanoseconds Decoder::advance(std::int64_t time_ns) {
  if (clock_.advance(midnight_.value + time_ns) != itch::FeedClock::Step::ahead)
    ++counters_.clock_back;
  return clock_.now();
}

Decoder::Synthetic* Decoder::synthetic_at(bool sell, std::int64_t price) {
  const auto key = std::make_tuple(sell, price);
  const auto place = std::lower_bound(synthetic_.begin(), synthetic_.end(), key,
                                      [](const Synthetic& order, const auto& at) {
                                        return std::make_tuple(order.sell, order.price) < at;
                                      });
  const bool found = place != synthetic_.end() && place->sell == sell && place->price == price;
  return found ? &*place : nullptr;
}

void Decoder::seed(std::span<const BookRowLevel> row, const Message& first, EventBuffer& out) {
  seeded_ = true;
  synthetic_.clear();
  for (const BookRowLevel& level : row)
    synthetic_.push_back({level.price, level.size, 0, level.sell});
  // The row already shows what the first message did; undone here, because the message itself is
  // still to come.
  const bool adds = first.type == MessageType::add;
  const bool takes = first.type == MessageType::reduce || first.type == MessageType::remove ||
                     first.type == MessageType::execute;
  if (takes) synthetic_.push_back({first.price, first.size, 0, first.sell});
  std::sort(synthetic_.begin(), synthetic_.end(), [](const Synthetic& a, const Synthetic& b) {
    return std::make_tuple(a.sell, a.price) < std::make_tuple(b.sell, b.price);
  });
  // Equal prices become one.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < synthetic_.size(); ++i) {
    const Synthetic order = synthetic_[i];
    Synthetic* last = kept != 0 ? &synthetic_[kept - 1] : nullptr;
    if (last != nullptr && last->sell == order.sell && last->price == order.price)
      last->left += order.left;
    else
      synthetic_[kept++] = order;
  }
  synthetic_.resize(kept);
  if (Synthetic* order = synthetic_at(first.sell, first.price); adds && order != nullptr)
    order->left = std::max<std::int64_t>(order->left - first.size, 0);

  const Nanoseconds now = advance(first.time_ns);
  append(ZM_EVENT_BOOK_CLEAR, ZM_FLAG_SNAPSHOT, first.time_ns, now, out);
  std::uint64_t number = 0;
  for (Synthetic& order : synthetic_) {
    order.ref = synthetic_order | ++number;
    if (order.left == 0) continue;
    std::uint16_t flags = static_cast<std::uint16_t>(ZM_FLAG_SNAPSHOT | side_flag(order.sell));
    const std::int64_t price = price_of(order.price, flags);
    const std::int64_t quantity = quantity_of(order.left, flags);
    append(ZM_EVENT_ORDER_ADD, flags, first.time_ns, now, out).u.order = {order.ref, price,
                                                                          quantity, 0};
  }
  out.events().back().flags |= ZM_FLAG_LAST;
}

Fault Decoder::decode(std::string_view line, EventBuffer& out) {
  ++counters_.packets;
  Message message;
  const Fault fault = parse_message(line, message, fault_offset_);
  if (fault != Fault::none) {
    ++counters_.malformed;
    return fault;
  }
  ++counters_.messages;
  decode_message(message, out);
  return Fault::none;
}

void Decoder::decode_message(const Message& message, EventBuffer& out) {
  const Nanoseconds now = advance(message.time_ns);
  switch (message.type) {
    case MessageType::add: {
      if (seeded_ && !live_.add(message.order_id, message.size)) ++counters_.duplicates;
      append_change(ZM_EVENT_ORDER_ADD, message.order_id, message, message.size, 0, now, out);
      return;
    }
    case MessageType::reduce:
    case MessageType::remove:
    case MessageType::execute:
      return change_order(message, now, out);
    case MessageType::hidden:
    case MessageType::cross:
      return trade(message, now, out);
    case MessageType::halt:
      return halt(message, now, out);
  }
}

// A reduction, deletion or execution of a resting order.
void Decoder::change_order(const Message& message, Nanoseconds now, EventBuffer& out) {
  if (seeded_ && !live_.contains(message.order_id)) return take_from_seed(message, now, out);
  std::uint16_t kind = ZM_EVENT_ORDER_DELETE;
  if (message.type == MessageType::reduce) kind = ZM_EVENT_ORDER_REDUCE;
  if (message.type == MessageType::execute) kind = ZM_EVENT_ORDER_EXECUTE;
  append_change(kind, message.order_id, message, message.size, 0, now, out);
  if (!seeded_) return;
  if (kind == ZM_EVENT_ORDER_DELETE)
    live_.remove(message.order_id);
  else
    live_.reduce(message.order_id, message.size);
}

void Decoder::take_from_seed(const Message& message, Nanoseconds now, EventBuffer& out) {
  ++older_.references;
  const bool executes = message.type == MessageType::execute;
  Synthetic* order = synthetic_at(message.sell, message.price);
  if (order == nullptr || order->left < message.size) ++older_.unexplained;
  if (order == nullptr || order->left == 0) {
    std::uint16_t kind =
        message.type == MessageType::remove ? ZM_EVENT_ORDER_DELETE : ZM_EVENT_ORDER_REDUCE;
    if (executes) kind = ZM_EVENT_ORDER_EXECUTE;
    append_change(kind, message.order_id, message, message.size, ZM_FLAG_SUSPECT, now, out);
    return;
  }
  const std::int64_t taken = std::min(order->left, message.size);
  order->left -= taken;
  const std::uint16_t flags = taken < message.size ? ZM_FLAG_SUSPECT : 0;
  // What is deleted of an old order is only part of what the synthetic one holds.
  append_change(executes ? ZM_EVENT_ORDER_EXECUTE : ZM_EVENT_ORDER_REDUCE, order->ref, message,
                taken, flags, now, out);
}

void Decoder::append_change(std::uint16_t kind, std::uint64_t ref, const Message& message,
                            std::int64_t size, std::uint16_t flags, Nanoseconds now,
                            EventBuffer& out) {
  flags |= ZM_FLAG_LAST | side_flag(message.sell);
  const std::int64_t price = price_of(message.price, flags);
  const std::int64_t quantity = quantity_of(size, flags);
  zm_event& event = append(kind, flags, message.time_ns, now, out);
  if (kind == ZM_EVENT_ORDER_EXECUTE)
    event.u.execute = {ref, price, quantity, 0};
  else
    event.u.order = {ref, price, quantity, 0};
}

void Decoder::trade(const Message& message, Nanoseconds now, EventBuffer& out) {
  std::uint16_t flags = ZM_FLAG_LAST;
  if (message.type == MessageType::hidden)
    // The direction is the hidden order's: whoever hit a hidden buy order sold.
    flags |= ZM_FLAG_HIDDEN | ZM_FLAG_AGGRESSOR | side_flag(!message.sell);
  else
    flags |= ZM_FLAG_CROSS;
  const std::int64_t price = price_of(message.price, flags);
  const std::int64_t quantity = quantity_of(message.size, flags);
  append(ZM_EVENT_TRADE, flags, message.time_ns, now, out).u.trade = {price, quantity, 0,
                                                                      message.order_id};
}

void Decoder::halt(const Message& message, Nanoseconds now, EventBuffer& out) {
  std::uint32_t state = ZM_MARKET_UNKNOWN;
  if (message.price == -1) state = ZM_MARKET_HALT;
  if (message.price == 0) state = ZM_MARKET_QUOTE_ONLY;
  if (message.price == 1) state = ZM_MARKET_OPEN;
  if (state == ZM_MARKET_UNKNOWN) ++counters_.malformed;
  append(ZM_EVENT_MARKET_STATE, ZM_FLAG_LAST, message.time_ns, now, out).u.state.state = state;
}

}  // namespace zomma::lobster
