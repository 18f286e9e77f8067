// position.h: what the options trader keeps for one underlying, and how it is saved. Members are 8
// bytes each.
#pragma once

#include <zomma/order.h>

#include <array>
#include <cstdint>

#include "../options/history.h"

namespace options {

enum class Reason : std::int64_t { value = 0, scalp = 1, vega = 2, tail = 3, exit = 4, stress = 5 };
constexpr const char* reason_names[] = {"relative value", "gamma", "vega",
                                        "tail",           "exit",  "stress"};

struct Lot {
  std::int64_t instrument = 0, quantity = 0;  // contracts, signed; 0: an empty place
  std::int64_t reason = 0, opened_ns = 0;
};

struct Pending {  // an order of ours at the venue
  std::uint64_t order_id = 0;
  std::int64_t instrument = 0, side = 0, reason = 0;
};

struct Position {
  static constexpr std::size_t capacity = 64;

  std::int64_t id = ZM_NO_INSTRUMENT;
  std::array<Lot, capacity> lots{};
  Pending option, hedge;
  History history;
  std::int64_t halted = 0, adopted = 0, decided_ns = 0, not_before_ns = 0, told_day = 0,
               told_why = 0;
  double worst = 0;  // of the last stress
  double delta = 0, gamma = 0, vega = 0, theta = 0, band = 0;

  Lot* find(std::int64_t instrument) {
    for (Lot& lot : lots) {
      if (lot.quantity != 0 && lot.instrument == instrument) return &lot;
    }
    return nullptr;
  }
  // False where there is no place for one more contract.
  bool change(std::int64_t instrument, std::int64_t contracts, Reason reason, std::int64_t now_ns) {
    Lot* lot = find(instrument);
    for (std::size_t i = 0; i < capacity && lot == nullptr; ++i) {
      if (lots[i].quantity == 0)
        lots[i] = {instrument, 0, static_cast<std::int64_t>(reason), now_ns}, lot = &lots[i];
    }
    if (lot == nullptr) return false;
    lot->quantity += contracts;
    if (lot->quantity == 0) *lot = Lot{};
    return true;
  }
  std::int64_t count() const {
    std::int64_t held = 0;
    for (const Lot& lot : lots) held += lot.quantity != 0 ? 1 : 0;
    return held;
  }
  bool sane() const {
    bool good = history.sane();
    for (const Lot& lot : lots)
      good = good && lot.reason >= 0 && lot.reason <= static_cast<std::int64_t>(Reason::stress);
    for (const Pending* p : {&option, &hedge})
      good = good && p->side >= 0 && p->side <= 1 && p->reason >= 0 && p->reason <= 5;
    return good;
  }
};

}  // namespace options
