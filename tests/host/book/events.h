// events.h: short names for book events, for tests.
#pragma once

#include "base/types.h"

namespace zomma::test {

inline zm_event event(std::uint16_t kind, std::uint32_t instrument, Side side = Side::buy) {
  zm_event made{};
  made.kind = kind;
  made.instrument = instrument;
  made.flags = static_cast<std::uint16_t>(ZM_FLAG_LAST | (side == Side::sell ? ZM_FLAG_SELL : 0));
  return made;
}
inline zm_event order(std::uint16_t kind, std::uint32_t instrument, Side side, std::uint64_t ref,
                      std::int64_t price, std::int64_t quantity) {
  zm_event made = event(kind, instrument, side);
  made.u.order = {ref, price, quantity, 0};
  return made;
}
inline zm_event add(Side side, std::uint64_t ref, std::int64_t price, std::int64_t quantity,
                    std::uint32_t instrument = 1) {
  return order(ZM_EVENT_ORDER_ADD, instrument, side, ref, price, quantity);
}
inline zm_event reduce(std::uint64_t ref, std::int64_t quantity, std::uint32_t instrument = 1) {
  return order(ZM_EVENT_ORDER_REDUCE, instrument, Side::buy, ref, ZM_NO_PRICE, quantity);
}
inline zm_event execute(std::uint64_t ref, std::int64_t quantity, std::uint32_t instrument = 1) {
  return order(ZM_EVENT_ORDER_EXECUTE, instrument, Side::buy, ref, ZM_NO_PRICE, quantity);
}
inline zm_event remove(std::uint64_t ref, std::uint32_t instrument = 1) {
  return order(ZM_EVENT_ORDER_DELETE, instrument, Side::buy, ref, ZM_NO_PRICE, 0);
}
inline zm_event modify(std::uint64_t ref, std::int64_t price, std::int64_t quantity,
                       std::uint32_t instrument = 1) {
  return order(ZM_EVENT_ORDER_MODIFY, instrument, Side::buy, ref, price, quantity);
}
inline zm_event replace(std::uint64_t ref, std::uint64_t new_ref, std::int64_t price,
                        std::int64_t quantity, std::uint32_t instrument = 1) {
  zm_event made = event(ZM_EVENT_ORDER_REPLACE, instrument);
  made.u.replace = {ref, new_ref, price, quantity};
  return made;
}
inline zm_event level(Side side, std::int64_t price, std::int64_t quantity) {
  zm_event made = event(ZM_EVENT_LEVEL, 1, side);
  made.u.level.price = price;
  made.u.level.quantity = quantity;
  return made;
}
inline zm_event quote(std::int64_t bid, std::int64_t bid_quantity, std::int64_t ask,
                      std::int64_t ask_quantity) {
  zm_event made = event(ZM_EVENT_QUOTE, 1);
  made.u.quote = {bid, ask, bid_quantity, ask_quantity};
  return made;
}

}  // namespace zomma::test
