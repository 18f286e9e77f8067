// message.h: the messages of Binance's public streams (spot and USD-M futures) as plain structs,
// and their strict parsers. A message is taken whole or not at all. Fields may come in any order,
// unknown ones are passed over. Hot path: no allocation once LevelList has its room.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "market/feeds/binance/decimal.h"
#include "market/feeds/binance/scanner.h"

namespace zomma::binance {

// Why a message was refused.
enum class Fault : std::uint8_t {
  none,
  no_receive_time,  // the line does not start with nanoseconds and a space
  syntax,           // not the JSON that was expected at this place
  bad_number,       // a price, quantity, id or time is none, or too large
  missing_field,    // a field without which the message means nothing
  other_symbol,     // the stream's name and the message's symbol disagree
  bad_range,        // the last update id lies before the first
  too_many_levels
};
const char* name_of(Fault fault);

enum class Stream : std::uint8_t { book_ticker, depth, trade, snapshot, other };

// What stands around a message: {"stream":"btcusdt@trade","data":{...}}, or a REST snapshot, which
// stands alone.
struct Envelope {
  Stream stream{Stream::other};
  std::string_view symbol;    // as in the stream's name, lower case; empty for a snapshot
  std::size_t data_offset{};  // of the message's object
  bool data_is_last{true};    // a closing brace follows it, otherwise what follows has been checked
};

// Prices and quantities are in the instrument's units; `inexact`: the venue sent more decimals than
// they hold.
struct BookTicker {
  std::uint64_t update_id{};
  std::int64_t bid_price{}, bid_quantity{}, ask_price{}, ask_quantity{};
  std::int64_t exchange_ns{};  // 0 on spot
  bool inexact{};
};

struct Trade {
  std::uint64_t id{};
  std::int64_t price{}, quantity{};
  std::int64_t exchange_ns{};
  bool buyer_is_maker{};
  bool on_book{
      true};  // false: a transfer outside the order book (insurance fund, auto-deleveraging)
  bool inexact{};
};

// A depth update, or a snapshot (whose first_id and previous_id are 0). The levels lie in a
// LevelList.
struct Depth {
  std::uint64_t first_id{}, last_id{};
  std::uint64_t previous_id{};  // last_id of the update before; futures only
  bool has_previous_id{};
  std::int64_t exchange_ns{};
};

struct Level {
  std::int64_t price, quantity;
  std::uint16_t flags;  // ZM_FLAG_SELL, ZM_FLAG_SUSPECT (inexact)
};

// Room for the levels of one message, made once and touched as far as it is needed.
class LevelList {
 public:
  static constexpr std::size_t capacity = 20'000;  // the venue's own limit is 5,000 a side

  LevelList() : levels_(new Level[capacity]) {}
  void clear() { size_ = 0; }
  bool full() const { return size_ == capacity; }
  void push(const Level& level) { levels_[size_++] = level; }
  std::size_t size() const { return size_; }
  const Level* begin() const { return levels_.get(); }
  const Level* end() const { return levels_.get() + size_; }

 private:
  std::unique_ptr<Level[]> levels_;
  std::size_t size_ = 0;
};

// How an instrument's numbers are read.
struct Scales {
  DecimalReader price;
  DecimalReader quantity;
};

// Each leaves the scanner where the fault was found. `symbol` is the one the message must name, if
// it names one.
Fault parse_envelope(Scanner& scanner, Envelope& out);
Fault parse_book_ticker(Scanner& scanner, const Scales& scales, std::string_view symbol,
                        BookTicker& out);
Fault parse_trade(Scanner& scanner, const Scales& scales, std::string_view symbol, Trade& out);
Fault parse_depth(Scanner& scanner, const Scales& scales, std::string_view symbol, Depth& out,
                  LevelList& levels);
Fault parse_snapshot(Scanner& scanner, const Scales& scales, Depth& out, LevelList& levels);

}  // namespace zomma::binance
