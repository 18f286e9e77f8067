// itch_source.h: NASDAQ ITCH 5.0 bytes straight into an L3Market, without an event in between, for
// replays of whole days and for measuring. An instrument's number is its stock locate. Framing is
// BinaryFILE's: [u16 length][message].
//
// Hot path: everything comes from a table by message type; no branch depends on which order message
// it is.
#pragma once

#include <array>

#include "base/bytes.h"
#include "market/book/l3_market.h"

namespace zomma {

namespace detail {

// Where the fields lie. A field that a message does not have points at its reference: read, and
// never used.
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
  // `frames` ends after a whole message; what is left otherwise is in rest().
  explicit ItchSource(std::span<const std::byte> frames)
      : at_(frames.data()), end_(at_ + frames.size()) {}

  bool next(L3Market::Operation& to) {
    while (end_ - at_ >= 3) [[likely]] {
        const std::byte* const message = at_ + 2;
        const std::size_t length = load_be16(at_);
        if (static_cast<std::size_t>(end_ - message) < length) [[unlikely]]
          return false;
        at_ = message + length;
        ++messages_;
        const detail::ItchLayout layout =
            detail::itch_layouts[static_cast<unsigned char>(*message)];
        if (layout.size == length) [[likely]] {
          read(message, layout, to);
          return true;
        }
        if (layout.size != 0) ++malformed_;
      }
    return false;
  }

  std::span<const std::byte> rest() const { return {at_, end_}; }
  // All messages passed, those that concern no book included.
  std::uint64_t messages() const { return messages_; }
  // Order messages whose length does not fit their type; not applied.
  std::uint64_t malformed() const { return malformed_; }

 private:
  static void read(const std::byte* message, detail::ItchLayout layout, L3Market::Operation& to) {
    to.kind = layout.kind;
    to.last = true;
    to.side = static_cast<Side>(static_cast<unsigned>(message[layout.side]) &
                                1u);  // 'B' is even, 'S' is odd
    to.instrument = load_be16(message + 1);
    to.ref = load_be64(message + 11);
    to.new_ref = load_be64(message + layout.new_ref);
    to.price = load_be32(message + layout.price);
    to.quantity = load_be32(message + layout.quantity);
  }

  const std::byte* at_;
  const std::byte* end_;
  std::uint64_t messages_ = 0;
  std::uint64_t malformed_ = 0;
};

}  // namespace zomma
