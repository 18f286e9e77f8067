// underlying.h: everything the wheel keeps for one underlying, and how it is saved. Members are 8 bytes each.
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
  std::int64_t halted = 0;       // the market says so
  std::int64_t adopted = 0;      // positions that were there before us have been looked for
  std::int64_t fresh = 0;        // a chain was heard since the last order went out
  std::int64_t rejects = 0;      // in a row
  std::int64_t not_before_ns = 0;// no orders until then, after rejects
  std::int64_t decided_ns = 0, told_day = 0, told_why = -1;
  double spot = 0, volatility = 0, exposure = 0;
};
static_assert(std::is_trivially_copyable_v<Underlying>);

}  // namespace wheels
