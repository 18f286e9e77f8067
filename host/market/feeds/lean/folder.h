// folder.h: what a folder of Lean's has for some underlyings and days. Both of its layouts are
// understood: the whole tree
// ("option/usa/minute/goog/...", "equity/usa/daily/spy.zip") and its parts alone
// ("minute/goog/...", "daily/spy.zip"); universes as folders of days or packed as tar.xz.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "market/feeds/lean/factors.h"
#include "market/feeds/lean/names.h"
#include "market/feeds/lean/rows.h"

namespace zomma::lean {

enum class Resolution : std::uint8_t { universe, daily, minute };

struct Options {
  std::string options_dir;               // chains
  std::string prices_dir;                // underlyings, factor and map files; empty: options_dir
  std::vector<std::string> underlyings;  // upper case
  Resolution resolution{Resolution::universe};
  std::uint32_t from{}, to{99'999'999};           // days, yyyymmdd, both included
  SpreadModel option_spread{};                    // of universes, which have closes only
  SpreadModel underlying_spread{100, 0.0, 1000};  // of trade bars without quotes
};

// One file, or one entry of a packed folder.
struct Piece {
  std::uint32_t date{};  // 0: it holds many days
  std::string path;      // of the file, for messages as well
  std::string text;      // packed universes: unpacked
  std::string root;      // upper case
  TickType type{TickType::quote};
  bool american{true};
};

struct UnderlyingData {
  std::string symbol;         // upper case
  std::vector<Piece> chains;  // universes, or zips of contracts
  std::vector<Piece> prices;  // zips of bars; quotes and trades, minutes or days
  std::vector<Piece> closes;  // universes, where prices is empty: their row of the underlying
  std::vector<CorporateAction> actions;
};

// Everything there is, by date, root and type. Errc::not_found: an underlying without any chain,
// with the places where one was looked for. Missing prices are no error: `prices` is empty then.
Result<std::vector<UnderlyingData>> find_data(const Options& options);

}  // namespace zomma::lean
