// itch_source.h: NASDAQ ITCH 5.0 bytes straight into an L3Market, without an event in between, for replays of whole days
// and for measuring. An instrument's number is its stock locate. Framing is BinaryFILE's: [u16 length][message].
//
// Hot path: everything comes from a table by message type; no branch depends on which order message it is.
#pragma once

#include <array>

#include "base/bytes.h"
#include "market/book/l3_market.h"

namespace zomma {

namespace detail {

// Where the fields lie. A field that a message does not have points at its reference: read, and never used.
struct ItchLayout {
  std::uint16_t kind;
  std::uint8_t size, side, new_ref, price, quantity;
};
constexpr std::array<ItchLayout, 256> make_itch_layouts() {
  std::array<ItchLayout, 256> table{};
  table['A'] = {ZM_EVENT_ORDER_ADD, 36, 19, 11, 32, 20};
  table['F'] = {ZM_EVENT_ORDER_ADD, 40, 19, 11, 32, 20};
  table['E'] = {ZM_EVENT_ORDER_EXECUTE, 31, 11, 11, 11, 19};
  table['C'] = {ZM_EVENT_ORDER_EXECUTE, 36, 11, 11, 32, 19};
  table['X'] = {ZM_EVENT_ORDER_REDUCE, 23, 11, 11, 11, 19};
  table['D'] = {ZM_EVENT_ORDER_DELETE, 19, 11, 11, 11, 11};
  table['U'] = {ZM_EVENT_ORDER_REPLACE, 35, 11, 19, 31, 27};
  return table;
}
inline constexpr std::array<ItchLayout, 256> itch_layouts = make_itch_layouts();

}  // namespace detail

class ItchSource {
 public:
  using Message = const std::byte*;

  // `frames` ends after a whole message; what is left otherwise is in rest().
  explicit ItchSource(std::span<const std::byte> frames) : at_(frames.data()), end_(at_ + frames.size()) {}

  std::size_t fill(Message* out, std::size_t n) {
    std::size_t count = 0;
    const std::byte* at = at_;
    while (count < n && end_ - at >= 3) {
      const std::size_t length = load_be16(at);
      if (static_cast<std::size_t>(end_ - at) < 2 + length) [[unlikely]] break;
      const detail::ItchLayout layout = detail::itch_layouts[static_cast<unsigned char>(at[2])];
      out[count] = at + 2;
      at += 2 + length;
      ++messages_;
      if (layout.size == length) [[likely]] {
        ++count;
      } else if (layout.size != 0) {
        ++malformed_;
      }
    }
    at_ = at;
    return count;
  }

  static std::uint32_t instrument(Message message) { return load_be16(message + 1); }
  static L3Market::Operation operation(Message message) {
    const detail::ItchLayout layout = detail::itch_layouts[static_cast<unsigned char>(message[0])];
    return {layout.kind,
            true,
            message[layout.side] == std::byte{'S'} ? Side::sell : Side::buy,
            instrument(message),
            load_be64(message + 11),
            load_be64(message + layout.new_ref),
            load_be32(message + layout.price),
            load_be32(message + layout.quantity)};
  }

  std::span<const std::byte> rest() const { return {at_, end_}; }
  // All messages passed, those that concern no book included.
  std::uint64_t messages() const { return messages_; }
  // Order messages whose length does not fit their type; not applied.
  std::uint64_t malformed() const { return malformed_; }

 private:
  const std::byte* at_;
  const std::byte* end_;
  std::uint64_t messages_ = 0;
  std::uint64_t malformed_ = 0;
};

}  // namespace zomma
