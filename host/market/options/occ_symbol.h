// occ_symbol.h: the 21 characters of the Options Symbology Initiative: root padded to six, yymmdd,
// C or P, strike in thousandths with eight digits. "GOOG1 140118C00585000".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "market/options/contract.h"

namespace zomma::options {

struct OccSymbol {
  std::string root;             // "GOOG1"; a digit at the end marks adjusted terms
  std::uint32_t expiry_date{};  // yyyymmdd; two-digit years from 80 on are of 19xx
  Right right{Right::call};
  Money strike{};

  bool operator==(const OccSymbol&) const = default;
  // The root without its trailing digits: "GOOG". A root of digits at its front ("2SPX") keeps
  // them.
  std::string_view base_root() const;
  // A trailing digit: the deliverable is not 100 of the root's stock (or it is a mini: "7").
  bool adjusted_root() const { return base_root().size() != root.size(); }
};

// Reads the padded form, or the compact one without the blanks. Refuses, saying where: another
// length, a root outside A-Z 0-9, blanks inside, no such date, another right, no strike.
Result<OccSymbol> parse_occ(std::string_view text);
// Always 21 characters. Refuses what the form cannot carry: a longer root, a strike above 99999.999
// or finer than a thousandth.
Result<std::string> format_occ(const OccSymbol& symbol);

}  // namespace zomma::options
