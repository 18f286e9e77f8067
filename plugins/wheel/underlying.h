// underlying.h: everything the wheel keeps for one underlying, and how it is saved. Members are 8
// bytes each.
#pragma once

#include <zomma/zomma.hpp>

#include <cstdint>

#include "book.h"
#include "plan.h"
#include "rules.h"

namespace wheels {

struct Underlying {
  std::int64_t id = ZM_NO_INSTRUMENT;
  History history;
  Book book;
  Plan plan;
  std::int64_t halted = 0;         // the market says so
  std::int64_t adopted = 0;        // positions that were there before us have been looked for
  std::int64_t fresh = 0;          // a chain was heard since the last order went out
  std::int64_t rejects = 0;        // in a row
  std::int64_t not_before_ns = 0;  // no orders until then, after rejects
  std::int64_t opens_after_ns =
      0;  // nothing new until then, after a structure that could not be completed
  std::int64_t decided_ns = 0, told_day = 0, told_why = -1;
  std::int64_t dividend_day = 0, dividend_every = 0;  // days since 1970; days between the last two
  double dividend_cash = 0;
  double spot = 0, volatility = 0, exposure = 0;

  // Whether every index points somewhere; asked of what was read from a file.
  bool sane() const {
    const auto kind = [](std::int64_t value) {
      return value >= 0 && value <= static_cast<std::int64_t>(Kind::collar);
    };
    bool good = kind(plan.kind) && plan.sane() && history.sane();
    for (const Holding& held : book.holdings) good = good && kind(held.kind);
    return good;
  }
};
static_assert(std::is_trivially_copyable_v<Underlying>);

}  // namespace wheels
