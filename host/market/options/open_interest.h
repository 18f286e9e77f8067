// open_interest.h: the host's own event for a contract's open interest. No strategy hears it: it is
// a column of the chain.
#pragma once

#include <cstdint>
#include <cstring>

#include <zomma/event.h>

namespace zomma {

constexpr std::uint16_t event_open_interest = 257;  // a kind of the host, as every one from 256 on

inline void set_open_interest(zm_event& event, std::int64_t contracts) {
  std::memcpy(event.u.raw, &contracts, sizeof contracts);
}
inline std::int64_t open_interest_of(const zm_event& event) {
  std::int64_t contracts = 0;
  std::memcpy(&contracts, event.u.raw, sizeof contracts);
  return contracts;
}

}  // namespace zomma
