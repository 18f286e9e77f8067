// names.h: what the names of Lean's files and entries say: which contract, which day, which kind of
// bar.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace zomma::lean {

// One listed contract. Strikes in units of 1/10,000 of the currency, as the files write them.
struct ContractKey {
  std::string root;      // upper case: "GOOG", "SPXW"
  std::uint32_t expiry;  // yyyymmdd
  std::int64_t strike;
  bool put;
  auto operator<=>(const ContractKey&) const = default;
};

enum class TickType : std::uint8_t { trade, quote, open_interest };

struct OptionEntry {
  ContractKey contract;
  TickType type;
  bool american;
};

// "20151224_goog_minute_quote_american_call_7500000_20160115.csv" (minute, `dated`) or
// "goog_quote_american_call_7500000_20160115.csv" (daily). Nothing if it is neither.
std::optional<OptionEntry> parse_entry_name(std::string_view name);

struct ZipName {
  std::uint32_t period;  // yyyymmdd of a minute file, yyyy of a daily one
  TickType type;
  bool american;
};
// "20151224_quote_american.zip", "goog_2015_quote_american.zip" (its symbol, lower case, must be
// `symbol`).
std::optional<ZipName> parse_minute_zip(std::string_view name);
std::optional<ZipName> parse_daily_zip(std::string_view name, std::string_view symbol);

// "GOOG  151224C00750000": six characters of root, date, right, strike in thousandths. Nothing
// where the strike is no whole number of thousandths or beyond 99,999.999.
std::optional<std::string> occ_symbol(const ContractKey& contract);

std::string lower(std::string_view text);
std::string upper(std::string_view text);
bool parse_unsigned(std::string_view text, std::uint64_t& out);

}  // namespace zomma::lean
