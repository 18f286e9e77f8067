// tape.h: market data made from a seed: the same events on every machine. An honest market for most
// tests, and a hostile one (every number the ABI allows) for fuzzing.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <zomma/event.h>
#include <zomma/ext/market.h>

#include "base/random.h"

namespace zomma::check {

constexpr std::uint32_t instrument_count = 2;
constexpr std::int64_t tape_begin_ns = 1'700'000'000'000'000'000;

// What a book of the tape shows: the best quote; deeper levels lie tick by tick behind it.
struct TapeBook {
  zm_quote best{ZM_NO_PRICE, ZM_NO_PRICE, 0, 0};
};

class Tape {
 public:
  enum class Mood { honest, hostile };
  Tape(std::uint64_t seed, Mood mood);

  // The next venue update: one to three events, `seq` 0, the last with ZM_FLAG_LAST.
  const std::vector<zm_event>& next();
  const TapeBook& book(std::uint32_t instrument) const { return books_[instrument]; }
  std::int64_t now() const { return now_; }

 private:
  zm_event& add(std::uint16_t kind, std::uint32_t instrument);
  void move(std::uint32_t instrument);
  void honest_update();
  void hostile_update();
  std::int64_t any_number();

  Random random_;
  Mood mood_;
  std::int64_t now_ = tape_begin_ns;
  std::uint64_t ordinal_ = 0;
  std::array<zm_price, instrument_count> mid_{};
  std::array<TapeBook, instrument_count> books_{};
  std::vector<zm_event> events_;
};

// Fills `out` for one of the tape's instruments. ZM_E_NOT_FOUND for another id.
zm_status tape_instrument(std::uint32_t id, zm_instrument& out);

}  // namespace zomma::check
