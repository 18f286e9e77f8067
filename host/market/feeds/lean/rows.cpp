#include "market/feeds/lean/rows.h"

#include <algorithm>
#include <charconv>

#include "market/feeds/lean/names.h"
#include "market/options/calendar.h"
#include "market/options/open_interest.h"

namespace zomma::lean {
namespace {

constexpr std::int64_t ns_per_ms = 1'000'000;

bool parse_integer(std::string_view text, std::int64_t& out) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
  return code == std::errc{} && end == text.data() + text.size() && !text.empty();
}

// Empty is a missing number: 0.
bool parse_field(std::string_view text, bool whole_prices, std::int64_t& out) {
  if (text.empty()) {
    out = 0;
    return true;
  }
  if (whole_prices) return parse_price(text, out);
  return parse_integer(text, out) && out >= 0;
}

bool parse_quantity(std::string_view text, std::int64_t& out) {
  out = 0;
  if (text.empty() || parse_integer(text, out)) return out >= 0;
  double value = 0;  // some tables write volumes as 3197.0
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size() || !(value >= 0) || value > 9e15)
    return false;
  out = static_cast<std::int64_t>(value);
  return true;
}

// When a row is heard: at the close of its bar. `start` is what the row says.
bool heard_at(std::string_view time, const RowContext& context, std::int64_t& out) {
  if (context.midnight_ns != 0) {
    std::int64_t ms = 0;
    if (!parse_integer(time, ms) || ms < 0 || ms >= 86'400'000) return false;
    out = context.midnight_ns + ms * ns_per_ms + context.bar_ns;
    return true;
  }
  std::uint64_t date = 0;
  if (time.size() < 8 || !parse_unsigned(time.substr(0, 8), date) ||
      !options::valid_date(static_cast<std::uint32_t>(date)))
    return false;
  out = options::session_close(static_cast<std::uint32_t>(date)).value;
  return true;
}

// Calls body(line number, ts, rest of the row) for every row in order of time; the others are
// counted.
template <class Body>
void for_rows(std::string_view text, const RowContext& context, Rows& out, Body body) {
  std::string_view line;
  std::int64_t before = INT64_MIN;
  for (std::uint64_t number = 1; next_line(text, line); ++number) {
    if (line.empty()) continue;
    ++out.counters.rows;
    std::int64_t ts = 0;
    if (!heard_at(next_field(line), context, ts)) {
      ++out.counters.malformed;
      out.problem(context.file, number, "the first field is no time of day, or no date");
      continue;
    }
    if (ts < before) {
      ++out.counters.backward;
      out.problem(context.file, number, "the row is earlier than the one before it");
      continue;
    }
    if (context.bar_ns != 0 && before != INT64_MIN && ts - before > context.bar_ns)
      out.counters.holes += static_cast<std::uint64_t>((ts - before) / context.bar_ns - 1);
    before = ts;
    body(number, ts, line);
  }
}

zm_event& append(const RowContext& context, std::int64_t ts, std::uint16_t kind, Rows& out) {
  zm_event& event = out.events.emplace_back();
  event.ts_ns = event.exchange_ns = ts;
  event.instrument = context.instrument.value;
  event.kind = kind;
  return event;
}

zm_price scaled(const RowContext& context, std::int64_t price, std::uint16_t& flags) {
  if (price == 0) return ZM_NO_PRICE;
  std::int64_t value = 0;
  if (!context.scale.apply(price, value)) flags |= ZM_FLAG_SUSPECT;
  return value;
}

}  // namespace

RowCounters& RowCounters::operator+=(const RowCounters& other) {
  rows += other.rows;
  crossed += other.crossed;
  one_sided += other.one_sided;
  empty += other.empty;
  zero_sessions += other.zero_sessions;
  malformed += other.malformed;
  unknown += other.unknown;
  backward += other.backward;
  holes += other.holes;
  return *this;
}

void Rows::problem(std::string_view file, std::uint64_t line, const std::string& what) {
  if (!first_problem)
    first_problem =
        Error{Errc::corrupt, std::string(file) + ": line " + std::to_string(line) + ": " + what};
}

bool next_line(std::string_view& text, std::string_view& line) {
  if (text.empty()) return false;
  const std::size_t end = text.find('\n');
  line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return true;
}

std::string_view next_field(std::string_view& line) {
  const std::size_t end = line.find(',');
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return field;
}

bool parse_price(std::string_view text, std::int64_t& out) {
  const std::size_t point = text.find('.');
  std::int64_t whole = 0, part = 0;
  if (!parse_integer(text.substr(0, point), whole) || whole < 0 || whole > 100'000'000'000)
    return false;
  if (point != std::string_view::npos) {
    std::string_view decimals = text.substr(point + 1);
    const bool up = decimals.size() > 4 && decimals[4] >= '5' && decimals[4] <= '9';
    for (const char c : decimals)
      if (c < '0' || c > '9') return false;
    decimals = decimals.substr(0, 4);
    if (!decimals.empty() && !parse_integer(decimals, part)) return false;
    for (std::size_t i = decimals.size(); i < 4; ++i) part *= 10;
    part += up ? 1 : 0;
  }
  out = whole * 10'000 + part;
  return true;
}

void push_trade(const RowContext& context, std::int64_t ts, std::int64_t price,
                std::int64_t quantity, Rows& out) {
  zm_event& event = append(context, ts, ZM_EVENT_TRADE, out);
  event.u.trade = {scaled(context, price, event.flags), quantity, 0, 0};
}

void push_open_interest(const RowContext& context, std::int64_t ts, std::int64_t contracts,
                        Rows& out) {
  set_open_interest(append(context, ts, event_open_interest, out), contracts);
}

void push_quote(const RowContext& context, std::int64_t ts, std::int64_t bid, std::int64_t ask,
                std::int64_t bid_quantity, std::int64_t ask_quantity, std::uint64_t line,
                Rows& out) {
  zm_event& event = append(context, ts, ZM_EVENT_QUOTE, out);
  event.u.quote = {ZM_NO_PRICE, ZM_NO_PRICE, 0, 0};
  if (bid > ask && ask != 0) {
    ++out.counters.crossed;
    out.problem(context.file, line,
                "a bid of " + std::to_string(bid) + " above an ask of " + std::to_string(ask) +
                    " (in 1/10,000)");
    event.flags |= ZM_FLAG_SUSPECT;
    return;
  }
  out.counters.empty += bid == 0 && ask == 0;
  out.counters.one_sided += (bid == 0) != (ask == 0);
  if (bid != 0) {
    event.u.quote.bid_price = scaled(context, bid, event.flags);
    event.u.quote.bid_quantity = std::max<std::int64_t>(bid_quantity, 1);
  }
  if (ask != 0) {
    event.u.quote.ask_price = scaled(context, ask, event.flags);
    event.u.quote.ask_quantity = std::max<std::int64_t>(ask_quantity, 1);
  }
}

void spread_around(const SpreadModel& model, std::int64_t mid, std::int64_t& bid,
                   std::int64_t& ask) {
  const auto half = std::max(
      model.least_half, static_cast<std::int64_t>(static_cast<double>(mid) * model.share + 0.5));
  bid = mid > half ? mid - half : 0;
  ask = mid + half;
}

void read_trade_bars(std::string_view text, const RowContext& context, Rows& out,
                     const SpreadModel* spread) {
  for_rows(text, context, out, [&](std::uint64_t number, std::int64_t ts, std::string_view rest) {
    std::int64_t open = 0, high = 0, low = 0, close = 0, volume = 0;
    const bool good = parse_field(next_field(rest), context.whole_prices, open) &&
                      parse_field(next_field(rest), context.whole_prices, high) &&
                      parse_field(next_field(rest), context.whole_prices, low) &&
                      parse_field(next_field(rest), context.whole_prices, close) &&
                      parse_quantity(next_field(rest), volume);
    if (!good || low > high || close < low || close > high) {
      ++out.counters.malformed;
      out.problem(context.file, number,
                  "expected open, high, low, close, volume with low <= close <= high");
      return;
    }
    if (close == 0) {
      ++out.counters.empty;
      out.problem(context.file, number, "a bar without a price");
      return;
    }
    push_trade(context, ts, close, volume, out);
    if (spread == nullptr) return;
    std::int64_t bid = 0, ask = 0;
    spread_around(*spread, close, bid, ask);
    push_quote(context, ts, bid, ask, spread->quantity, spread->quantity, number, out);
  });
}

void read_quote_bars(std::string_view text, const RowContext& context, Rows& out) {
  std::int64_t last[2] = {0, 0}, last_quantities[2] = {0, 0};
  for_rows(text, context, out, [&](std::uint64_t number, std::int64_t ts, std::string_view rest) {
    std::int64_t values[2] = {0, 0}, quantities[2] = {0, 0};
    bool good = true;
    for (int side = 0; side < 2; ++side) {
      for (int skipped = 0; skipped < 3; ++skipped) next_field(rest);  // open, high, low
      good = good && parse_field(next_field(rest), context.whole_prices, values[side]) &&
             parse_quantity(next_field(rest), quantities[side]);
    }
    if (!good) {
      ++out.counters.malformed;
      out.problem(context.file, number, "expected four prices and a size for bid and ask");
      push_quote(context, ts, 0, 0, 0, 0, number, out);
      return;
    }
    if (context.carry && context.bar_ns != 0 && (values[0] == 0) != (values[1] == 0)) {
      // A bar tells the sides that moved in it; the other stands, unless the one that moved went
      // through it.
      const int missing = values[0] == 0 ? 0 : 1;
      values[missing] = last[missing];
      quantities[missing] = last_quantities[missing];
      ++out.counters.one_sided;
      if (values[0] > values[1] && values[1] != 0) values[missing] = 0;
      out.counters.one_sided -= values[missing] == 0;  // counted again below
    }
    for (int side = 0; side < 2; ++side)
      last[side] = values[side], last_quantities[side] = quantities[side];
    push_quote(context, ts, values[0], values[1], quantities[0], quantities[1], number, out);
  });
}

void read_open_interest(std::string_view text, const RowContext& context, Rows& out) {
  for_rows(text, context, out, [&](std::uint64_t number, std::int64_t ts, std::string_view rest) {
    std::int64_t contracts = 0;
    if (!parse_quantity(next_field(rest), contracts)) {
      ++out.counters.malformed;
      out.problem(context.file, number, "expected a number of contracts");
      return;
    }
    push_open_interest(context, ts, contracts, out);
  });
}

}  // namespace zomma::lean
