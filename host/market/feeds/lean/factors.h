// factors.h: Lean's factor and map files: dividends, splits, renames and delistings with the day
// they take effect.
//
// A factor row holds until its date; the next row's factors hold from the next trading day on.
// Price factors carry the dividends: p_old / p_new = 1 - dividend / reference close. Split factors
// carry the splits: s_new / s_old.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <zomma/event.h>

#include "base/result.h"

namespace zomma::lean {

struct CorporateAction {
  std::uint32_t ex_date{};  // yyyymmdd
  zm_corporate_action action{};
  std::string symbol;  // of a rename: from now on, upper case
};

// Ascending by ex-date. `file` appears in errors: Errc::corrupt with the line.
Result<std::vector<CorporateAction>> read_factor_file(std::string_view text,
                                                      const std::string& file);

struct MapRow {
  std::uint32_t until;
  std::string ticker;
};  // the symbol up to and with that day
Result<std::vector<MapRow>> read_map_file(std::string_view text, const std::string& file);
// Renames, and the delisting where the file ends before 2050.
std::vector<CorporateAction> renames_of(const std::vector<MapRow>& map);
// The symbol on a date, upper case; empty where the map does not reach.
std::string ticker_on(const std::vector<MapRow>& map, std::uint32_t date);

}  // namespace zomma::lean
