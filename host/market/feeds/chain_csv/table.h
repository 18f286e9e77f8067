// table.h: the columns of a CSV of option quotes, and its rows read by them. What the columns mean
// is in docs/reference/chains.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/types.h"
#include "market/feeds/lean/names.h"

namespace zomma::chain_csv {

enum class Column : std::uint8_t {
  time,
  symbol,
  root,
  expiry,
  strike,
  right,
  style,
  bid,
  ask,
  bid_size,
  ask_size,
  last,
  last_size,
  open_interest,
  underlying,
  underlying_bid,
  underlying_ask,
};
constexpr std::size_t column_count = 17;

struct Row {
  std::int64_t ts_ns{};
  // Of an option; without one the row is the underlying's own.
  std::optional<lean::ContractKey> contract;
  std::string underlying;  // upper case
  bool american{true};
  std::int64_t bid{}, ask{}, last{};  // in 1/10,000; 0: none
  std::int64_t bid_size{}, ask_size{}, last_size{};
  std::int64_t open_interest{-1};                   // -1: not said
  std::int64_t underlying_bid{}, underlying_ask{};  // 0: not said
};

class Header {
 public:
  // The first line. Errc::corrupt with what is missing, unknown or there twice.
  static Result<Header> read(std::string_view line, const std::string& file);
  // Errc::corrupt with the field, what it holds and what was expected; no file and line.
  Result<Row> row(std::string_view line) const;

 private:
  bool has(Column column) const { return place_[static_cast<std::size_t>(column)] >= 0; }

  std::array<int, column_count> place_{};  // of the column in a line; -1: not there
  int fields_ = 0;
};

// "2017-01-27T16:00:00.250Z", with "+01:00" instead of Z, or without a zone, which is New York;
// "2017-01-27" alone is the close of that day's session; a whole number is nanoseconds UTC.
std::optional<std::int64_t> parse_time(std::string_view text);

}  // namespace zomma::chain_csv
