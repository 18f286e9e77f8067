#include "market/feeds/lobster/message.h"

namespace zomma::lobster {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t max_size = 1'000'000'000'000;  // more shares than exist of anything
constexpr std::uint64_t max_id = std::uint64_t{1}
                                 << 63;  // the highest bit is kept for synthetic orders

// A walk over the columns of one line. Every take returns false where the line is not as it should
// be.
class Columns {
 public:
  explicit Columns(std::string_view line)
      : begin_(line.data()), at_(begin_), end_(begin_ + line.size()) {}

  bool at_end() const { return at_ == end_; }
  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool digits(std::uint64_t& value) {
    value = 0;
    const char* start = at_;
    for (; at_ != end_ && *at_ >= '0' && *at_ <= '9'; ++at_) {
      const auto digit = static_cast<std::uint64_t>(*at_ - '0');
      if (value > (UINT64_MAX - digit) / 10) return false;
      value = value * 10 + digit;
    }
    return at_ != start;
  }
  bool integer(std::int64_t& value) {
    const bool negative = take('-');
    std::uint64_t magnitude = 0;
    if (!digits(magnitude) || magnitude > static_cast<std::uint64_t>(INT64_MAX)) return false;
    value = negative ? -static_cast<std::int64_t>(magnitude) : static_cast<std::int64_t>(magnitude);
    return true;
  }
  // Seconds as nanoseconds. Some files have more than nine decimals, left over from floating point;
  // they are cut off.
  bool seconds(std::int64_t& ns) {
    std::uint64_t whole = 0;
    if (!digits(whole) || whole >= static_cast<std::uint64_t>(day_s)) return false;
    ns = static_cast<std::int64_t>(whole) * second_ns;
    if (!take('.')) return true;
    const char* start = at_;
    for (std::int64_t unit = second_ns / 10; at_ != end_ && *at_ >= '0' && *at_ <= '9';
         ++at_, unit /= 10)
      ns += unit * (*at_ - '0');
    return at_ != start;
  }
  std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  const char* begin_;
  const char* at_;
  const char* end_;
};

Fault columns_of(Columns& line, Message& out) {
  // What stopped a column: the line's end, or something in it.
  const auto because = [&](Fault fault) { return line.at_end() ? Fault::too_few_columns : fault; };
  if (!line.seconds(out.time_ns)) return because(Fault::bad_time);
  std::uint64_t type = 0;
  if (!line.take(',') || !line.digits(type) || type < 1 || type > 7)
    return because(Fault::bad_type);
  out.type = static_cast<MessageType>(type);
  if (!line.take(',') || !line.digits(out.order_id) || out.order_id >= max_id)
    return because(Fault::bad_number);
  if (!line.take(',') || !line.integer(out.size) || out.size < 0 || out.size > max_size)
    return because(Fault::bad_number);
  if (!line.take(',') || !line.integer(out.price)) return because(Fault::bad_number);
  std::int64_t direction = 0;
  if (!line.take(',') || !line.integer(direction)) return because(Fault::bad_direction);
  if (direction != 1 && direction != -1) return Fault::bad_direction;
  out.sell = direction == -1;
  if (out.type != MessageType::halt && (out.size == 0 || out.price <= 0)) return Fault::bad_number;
  return line.at_end() ? Fault::none : Fault::too_many_columns;
}

Fault levels_of(Columns& line, std::span<BookRowLevel> out, std::size_t& count) {
  bool sell = true;
  bool first = true;
  do {
    BookRowLevel level{0, 0, sell};
    if (!first && !line.take(',')) return Fault::bad_number;
    if (!line.integer(level.price)) return Fault::bad_number;
    if (!line.take(',')) return Fault::too_few_columns;
    if (!line.integer(level.size) || level.size < 0 || level.size > max_size)
      return Fault::bad_number;
    if (level.size != 0) {
      if (count == out.size()) return Fault::too_many_columns;
      out[count++] = level;
    }
    first = false;
    sell = !sell;
  } while (!line.at_end());
  return sell ? Fault::none : Fault::too_few_columns;
}

}  // namespace

const char* name_of(Fault fault) {
  switch (fault) {
    case Fault::none:
      return "none";
    case Fault::bad_time:
      return "seconds after midnight were expected, as in 34200.004241176";
    case Fault::bad_type:
      return "a message type from 1 to 7 was expected";
    case Fault::bad_number:
      return "an integer was expected";
    case Fault::bad_direction:
      return "the direction 1 (buy) or -1 (sell) was expected";
    case Fault::too_few_columns:
      return "the line ends too early";
    case Fault::too_many_columns:
      return "the line has more columns than it should";
  }
  return "?";
}

Fault parse_message(std::string_view line, Message& out, std::size_t& offset) {
  Columns columns(line);
  const Fault fault = columns_of(columns, out);
  offset = columns.offset();
  return fault;
}

Fault parse_book_row(std::string_view line, std::span<BookRowLevel> out, std::size_t& count,
                     std::size_t& offset) {
  Columns columns(line);
  count = 0;
  const Fault fault = levels_of(columns, out, count);
  offset = columns.offset();
  return fault;
}

}  // namespace zomma::lobster
