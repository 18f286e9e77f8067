// rows.h: rows of Lean's tables as events. A row that cannot be believed becomes no quote at all:
// it is counted, the first one is kept with its file and line, and the contract loses the quote it
// had.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "market/feeds/decoder.h"

namespace zomma::lean {

// What was met besides good rows. Each number only rises.
struct RowCounters {
  std::uint64_t rows{};           // read, whatever became of them
  std::uint64_t crossed{};        // bid above ask: refused
  std::uint64_t one_sided{};      // without a side; of minutes: it stands as it was, if it ever was
  std::uint64_t empty{};          // neither side: the contract has no quote
  std::uint64_t zero_sessions{};  // files in which every price is zero: refused
  std::uint64_t malformed{};      // not a row of its table: refused
  std::uint64_t unknown{};        // of contracts that are not in the run: refused
  std::uint64_t backward{};       // earlier than the row before it: refused
  std::uint64_t
      holes{};  // minutes without a row between two of one contract, and days without a chain
  RowCounters& operator+=(const RowCounters& other);
};

// The events of some files, unsorted, with what was wrong in them.
struct Rows {
  std::vector<zm_event> events;
  RowCounters counters;
  std::optional<Error> first_problem;  // "file: line 12: ..."
  void problem(std::string_view file, std::uint64_t line, const std::string& what);
};

// How a quote is made of a table that has none: half the spread, as a share of the price and at
// least so much.
struct SpreadModel {
  std::int64_t least_half{200};  // in 1/10,000
  double share{0.01};
  std::int64_t quantity{10};
};

// Whose rows these are and when they are heard.
struct RowContext {
  std::string_view file;
  InstrumentId instrument;
  DecimalScale scale{};        // from 1/10,000 to the instrument's price digits
  std::int64_t midnight_ns{};  // of the file's day in New York; 0: every row says its own day
                               // and is heard at the close of its session
  std::int64_t bar_ns{};       // how long a bar lasts: it is heard when it closes
  bool whole_prices{false};    // prices as written ("3764.61"), not in 1/10,000
  bool carry{true};            // of minutes: a side that is missing stands as it was
};

// time,open,high,low,close,volume: a trade of the bar's volume at its close. With `spread`, a quote
// around it as well.
void read_trade_bars(std::string_view text, const RowContext& context, Rows& out,
                     const SpreadModel* spread = nullptr);
// time, bid open/high/low/close, bid size, ask open/high/low/close, ask size: the quote at the
// bar's close. In minutes, a side that did not move is missing and stands as it was.
void read_quote_bars(std::string_view text, const RowContext& context, Rows& out);
// time,open interest
void read_open_interest(std::string_view text, const RowContext& context, Rows& out);

// --- pieces that other tables need, too ---
// The next line without its end; false at the end of the text.
bool next_line(std::string_view& text, std::string_view& line);
// The next comma-separated field.
std::string_view next_field(std::string_view& line);
// "138.3250" in 1/10,000; false for anything else, or more than four decimals that are not zero
// (rounded to the nearest).
bool parse_price(std::string_view text, std::int64_t& out);
// A quote at `ts`, sides of 0 missing; counts and drops what cannot be. Prices in 1/10,000.
void push_quote(const RowContext& context, std::int64_t ts, std::int64_t bid, std::int64_t ask,
                std::int64_t bid_quantity, std::int64_t ask_quantity, std::uint64_t line,
                Rows& out);
void push_trade(const RowContext& context, std::int64_t ts, std::int64_t price,
                std::int64_t quantity, Rows& out);
void push_open_interest(const RowContext& context, std::int64_t ts, std::int64_t contracts,
                        Rows& out);
// bid and ask around `mid` by the model; bid 0 where nothing is left of it.
void spread_around(const SpreadModel& model, std::int64_t mid, std::int64_t& bid,
                   std::int64_t& ask);

}  // namespace zomma::lean
