// universe.h: Lean's end-of-day chains: one row a contract with its mid prices, volume and open
// interest. The vendor's volatilities and Greeks are not taken: their rates are not stated.
#pragma once

#include <functional>

#include "market/feeds/lean/contract_table.h"
#include "market/feeds/lean/rows.h"

namespace zomma::lean {

struct UniverseRow {
  std::uint64_t line{};
  std::uint32_t expiry{};          // 0: the underlying's row
  std::int64_t strike{}, close{};  // in 1/10,000
  bool put{false};
  std::int64_t volume{}, open_interest{-1};  // -1: not said
};

// Calls `body` with every good row; bad ones are counted in `out`.
void for_universe_rows(std::string_view text, std::string_view file, Rows& out,
                       const std::function<void(const UniverseRow&)>& body);

// Events of one day's file, heard at `ts`. A session whose prices are all zero is refused as a
// whole. Options are quoted around the close by `spread`; the underlying too, unless its context
// has no instrument.
void read_universe(std::string_view text, std::int64_t ts, const ContractTable::Root& contracts,
                   const RowContext& options, const RowContext& underlying,
                   const SpreadModel& spread, Rows& out);

}  // namespace zomma::lean
