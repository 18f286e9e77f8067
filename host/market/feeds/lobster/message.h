// message.h: the two CSV lines of LOBSTER (lobsterdata.com): a message and a row of the order book.
// Strict parsers on text. Hot path: no allocation.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace zomma::lobster {

enum class Fault : std::uint8_t {
  none,
  bad_time,
  bad_type,
  bad_number,
  bad_direction,
  too_few_columns,
  too_many_columns
};
const char* name_of(Fault fault);

enum class MessageType : std::uint8_t {
  add = 1,
  reduce = 2,
  remove = 3,
  execute = 4,
  hidden = 5,
  cross = 6,
  halt = 7
};

struct Message {
  std::int64_t time_ns{};  // since midnight
  MessageType type{};
  std::uint64_t order_id{};
  std::int64_t size{};
  std::int64_t price{};  // dollars times 10,000; of `halt`: -1 halted, 0 quoting only, 1 trading
  bool sell{};           // the side of the resting order
};

constexpr int price_decimals = 4;

// time,type,order id,size,price,direction and nothing more. `offset` is where a fault was found.
Fault parse_message(std::string_view line, Message& out, std::size_t& offset);

struct BookRowLevel {
  std::int64_t price{}, size{};
  bool sell{};
};

// ask price,ask size,bid price,bid size per level. Empty places (size 0) are left out. Returns how
// many levels were written, at most out.size(); more than that are too_many_columns.
Fault parse_book_row(std::string_view line, std::span<BookRowLevel> out, std::size_t& count,
                     std::size_t& offset);

}  // namespace zomma::lobster
