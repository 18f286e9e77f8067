#include "market/feeds/lean/universe.h"

#include "market/options/calendar.h"

namespace zomma::lean {
namespace {

bool whole_number(std::string_view text, std::int64_t& out) {
  std::int64_t scaled = 0;
  if (!parse_price(text, scaled)) return false;
  out = scaled / 10'000;
  return true;
}

bool parse_row(std::string_view line, UniverseRow& row) {
  const std::string_view expiry = next_field(line), strike = next_field(line),
                         right = next_field(line);
  const bool underlying = expiry.empty() && strike.empty() && right.empty();
  if (!underlying) {
    std::uint64_t date = 0;
    if (!parse_unsigned(expiry, date) || !options::valid_date(static_cast<std::uint32_t>(date)) ||
        date > 99'999'999)
      return false;
    if (!parse_price(strike, row.strike) || row.strike == 0 || (right != "C" && right != "P"))
      return false;
    row.expiry = static_cast<std::uint32_t>(date);
    row.put = right == "P";
  }
  for (int skipped = 0; skipped < 3; ++skipped) next_field(line);  // open, high, low
  if (!parse_price(next_field(line), row.close)) return false;
  const std::string_view volume = next_field(line), open_interest = next_field(line);
  if (!volume.empty() && !whole_number(volume, row.volume)) return false;
  return open_interest.empty() || whole_number(open_interest, row.open_interest);
}

}  // namespace

void for_universe_rows(std::string_view text, std::string_view file, Rows& out,
                       const std::function<void(const UniverseRow&)>& body) {
  std::string_view line;
  for (std::uint64_t number = 1; next_line(text, line); ++number) {
    if (line.empty() || line.front() == '#') continue;
    ++out.counters.rows;
    UniverseRow row;
    row.line = number;
    if (parse_row(line, row)) {
      body(row);
      continue;
    }
    ++out.counters.malformed;
    out.problem(file, number,
                "expected expiry, strike, C or P, open, high, low, close, volume, open interest");
  }
}

void read_universe(std::string_view text, std::int64_t ts, const ContractTable::Root& contracts,
                   const RowContext& options, const RowContext& underlying,
                   const SpreadModel& spread, Rows& out) {
  const std::size_t before = out.events.size();
  std::size_t seen = 0, priced = 0;
  RowCounters counted = out.counters;
  for_universe_rows(text, options.file, out, [&](const UniverseRow& row) {
    RowContext context = row.expiry == 0 ? underlying : options;
    if (row.expiry != 0) {
      context.instrument = ContractTable::find(contracts, row.expiry, row.strike, row.put);
      ++seen;
      priced += row.close != 0;
      if (!context.instrument.valid()) {
        ++out.counters.unknown;
        return out.problem(options.file, row.line, "a contract that the run does not have");
      }
    } else if (!context.instrument.valid() || row.close == 0) {
      return;
    }
    if (row.volume != 0 && row.close != 0) push_trade(context, ts, row.close, row.volume, out);
    if (row.open_interest >= 0 && row.expiry != 0)
      push_open_interest(context, ts, row.open_interest, out);
    std::int64_t bid = 0, ask = 0;
    if (row.close != 0) spread_around(spread, row.close, bid, ask);
    push_quote(context, ts, bid, ask, spread.quantity, spread.quantity, row.line, out);
  });
  if (seen == 0 || priced != 0) return;
  out.events.resize(before);
  counted.rows = out.counters.rows;
  counted.malformed = out.counters.malformed;
  ++counted.zero_sessions;
  out.counters = counted;
  out.problem(
      options.file, 1,
      "all " + std::to_string(seen) + " contracts have a price of zero: the session is refused");
}

}  // namespace zomma::lean
