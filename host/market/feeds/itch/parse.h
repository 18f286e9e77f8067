// parse.h: one ITCH 5.0 message from bytes to a typed struct, inlined into the visitor that wants
// it.
//
// Hot path: no allocation, no copy of the message, no virtual call; fields the visitor does not
// read are never loaded.
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>

#include "market/feeds/itch/messages.h"

namespace zomma::itch {

enum class Parsed : std::uint8_t { ok, unknown_type, truncated };

namespace detail {

using Bytes = const std::byte*;

inline std::uint16_t u16(Bytes at) { return load_be16(at); }
inline std::uint32_t u32(Bytes at) { return load_be32(at); }
inline std::uint64_t u64(Bytes at) { return load_be64(at); }
inline char alpha(Bytes at) { return static_cast<char>(*at); }
template <std::size_t N>
inline Text<N> text(Bytes at) {
  Text<N> result;
  std::memcpy(result.chars, at, N);
  return result;
}

inline Header header(Bytes m) {
  // One eight-byte load ends where the timestamp ends: its low six bytes, and the tracking number
  // above them.
  return {alpha(m), u16(m + 1), u16(m + 3), u64(m + 3) & 0xffff'ffff'ffffULL};
}

inline void read(Bytes m, SystemEvent& to) { to = {header(m), alpha(m + 11)}; }
inline void read(Bytes m, StockDirectory& to) {
  to = {header(m),     text<8>(m + 11), alpha(m + 19),   alpha(m + 20), u32(m + 21),
        alpha(m + 25), alpha(m + 26),   text<2>(m + 27), alpha(m + 29), alpha(m + 30),
        alpha(m + 31), alpha(m + 32),   alpha(m + 33),   u32(m + 34),   alpha(m + 38)};
}
inline void read(Bytes m, TradingAction& to) {
  to = {header(m), text<8>(m + 11), alpha(m + 19), alpha(m + 20), text<4>(m + 21)};
}
inline void read(Bytes m, RegSho& to) { to = {header(m), text<8>(m + 11), alpha(m + 19)}; }
inline void read(Bytes m, ParticipantPosition& to) {
  to = {header(m), text<4>(m + 11), text<8>(m + 15), alpha(m + 23), alpha(m + 24), alpha(m + 25)};
}
inline void read(Bytes m, MwcbLevels& to) {
  to = {header(m), u64(m + 11), u64(m + 19), u64(m + 27)};
}
inline void read(Bytes m, MwcbStatus& to) { to = {header(m), alpha(m + 11)}; }
inline void read(Bytes m, IpoQuoting& to) {
  to = {header(m), text<8>(m + 11), u32(m + 19), alpha(m + 23), u32(m + 24)};
}
inline void read(Bytes m, LuldCollar& to) {
  to = {header(m), text<8>(m + 11), u32(m + 19), u32(m + 23), u32(m + 27), u32(m + 31)};
}
inline void read(Bytes m, OperationalHalt& to) {
  to = {header(m), text<8>(m + 11), alpha(m + 19), alpha(m + 20)};
}
inline void read(Bytes m, AddOrder& to) {
  to = {header(m), u64(m + 11), alpha(m + 19), u32(m + 20), text<8>(m + 24), u32(m + 32)};
}
inline void read(Bytes m, AddOrderMpid& to) {
  read(m, static_cast<AddOrder&>(to));
  to.mpid = text<4>(m + 36);
}
inline void read(Bytes m, OrderExecuted& to) {
  to = {header(m), u64(m + 11), u32(m + 19), u64(m + 23)};
}
inline void read(Bytes m, OrderExecutedPrice& to) {
  read(m, static_cast<OrderExecuted&>(to));
  to.printable = alpha(m + 31);
  to.price = u32(m + 32);
}
inline void read(Bytes m, OrderCancel& to) { to = {header(m), u64(m + 11), u32(m + 19)}; }
inline void read(Bytes m, OrderDelete& to) { to = {header(m), u64(m + 11)}; }
inline void read(Bytes m, OrderReplace& to) {
  to = {header(m), u64(m + 11), u64(m + 19), u32(m + 27), u32(m + 31)};
}
inline void read(Bytes m, Trade& to) {
  to = {header(m),       u64(m + 11), alpha(m + 19), u32(m + 20),
        text<8>(m + 24), u32(m + 32), u64(m + 36)};
}
inline void read(Bytes m, CrossTrade& to) {
  to = {header(m), u64(m + 11), text<8>(m + 19), u32(m + 27), u64(m + 31), alpha(m + 39)};
}
inline void read(Bytes m, BrokenTrade& to) { to = {header(m), u64(m + 11)}; }
inline void read(Bytes m, Imbalance& to) {
  to = {header(m),   u64(m + 11), u64(m + 19), alpha(m + 27), text<8>(m + 28),
        u32(m + 36), u32(m + 40), u32(m + 44), alpha(m + 48), alpha(m + 49)};
}
inline void read(Bytes m, RetailInterest& to) { to = {header(m), text<8>(m + 11), alpha(m + 19)}; }
inline void read(Bytes m, PriceDiscovery& to) {
  to = {header(m),   text<8>(m + 11), alpha(m + 19), u32(m + 20), u32(m + 24),
        u32(m + 28), u64(m + 32),     u32(m + 40),   u32(m + 44)};
}

template <class Message, std::size_t Size, class Visitor>
[[gnu::always_inline]] inline Parsed deliver(Bytes m, std::size_t size, Visitor& visitor) {
  if (size < Size) [[unlikely]]
    return Parsed::truncated;
  if constexpr (std::is_invocable_v<Visitor&, const Message&>) {
    Message message;
    read(m, message);
    visitor(static_cast<const Message&>(message));
  }
  return Parsed::ok;
}

}  // namespace detail

// Calls visitor(const AddOrder&), visitor(const OrderDelete&), ... for the message in `size` bytes
// at `m`. A visitor takes the types it wants; a message it does not take costs nothing. A longer
// message than its type's is read like a shorter one, so that a field appended by the venue does no
// harm.
template <class Visitor>
[[gnu::always_inline]] inline Parsed parse(const std::byte* m, std::size_t size,
                                           Visitor&& visitor) {
  using namespace detail;
  if (size == 0) [[unlikely]]
    return Parsed::truncated;
  switch (alpha(m)) {
    case 'A':
      return deliver<AddOrder, 36>(m, size, visitor);
    case 'D':
      return deliver<OrderDelete, 19>(m, size, visitor);
    case 'E':
      return deliver<OrderExecuted, 31>(m, size, visitor);
    case 'X':
      return deliver<OrderCancel, 23>(m, size, visitor);
    case 'U':
      return deliver<OrderReplace, 35>(m, size, visitor);
    case 'P':
      return deliver<Trade, 44>(m, size, visitor);
    case 'F':
      return deliver<AddOrderMpid, 40>(m, size, visitor);
    case 'C':
      return deliver<OrderExecutedPrice, 36>(m, size, visitor);
    case 'I':
      return deliver<Imbalance, 50>(m, size, visitor);
    case 'Q':
      return deliver<CrossTrade, 40>(m, size, visitor);
    case 'S':
      return deliver<SystemEvent, 12>(m, size, visitor);
    case 'R':
      return deliver<StockDirectory, 39>(m, size, visitor);
    case 'H':
      return deliver<TradingAction, 25>(m, size, visitor);
    case 'Y':
      return deliver<RegSho, 20>(m, size, visitor);
    case 'L':
      return deliver<ParticipantPosition, 26>(m, size, visitor);
    case 'V':
      return deliver<MwcbLevels, 35>(m, size, visitor);
    case 'W':
      return deliver<MwcbStatus, 12>(m, size, visitor);
    case 'K':
      return deliver<IpoQuoting, 28>(m, size, visitor);
    case 'J':
      return deliver<LuldCollar, 35>(m, size, visitor);
    case 'h':
      return deliver<OperationalHalt, 21>(m, size, visitor);
    case 'B':
      return deliver<BrokenTrade, 19>(m, size, visitor);
    case 'N':
      return deliver<RetailInterest, 20>(m, size, visitor);
    case 'O':
      return deliver<PriceDiscovery, 48>(m, size, visitor);
    default:
      return Parsed::unknown_type;
  }
}

template <class Visitor>
[[gnu::always_inline]] inline Parsed parse(std::span<const std::byte> message, Visitor&& visitor) {
  return parse(message.data(), message.size(), visitor);
}

}  // namespace zomma::itch
