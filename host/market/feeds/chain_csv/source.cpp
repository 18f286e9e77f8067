#include "market/feeds/chain_csv/source.h"

#include <algorithm>

#include "market/options/calendar.h"
#include "market/options/occ_symbol.h"

namespace zomma::chain_csv {
namespace {

constexpr int file_digits = 4;  // prices in 1/10,000
// So many options of one instant without a price among them are no market.
constexpr std::uint64_t zero_session = 10;

struct Opened {
  std::unique_ptr<LineReader> reader;
  Header header;
};

Result<Opened> open_file(const std::string& path) {
  auto bytes = open_byte_source(path);
  if (!bytes) return bytes.error();
  auto reader = std::make_unique<LineReader>(path, std::move(*bytes));
  Line line;
  if (!reader->next(line)) {
    if (reader->failure()) return *reader->failure();
    return Error{Errc::corrupt, path + ": empty, expected a line of column names"};
  }
  auto header = Header::read(line.text, path);
  if (!header) return header.error();
  return Opened{std::move(reader), std::move(*header)};
}

bool listed(const std::vector<std::string>& underlyings, const std::string& symbol) {
  return std::find(underlyings.begin(), underlyings.end(), symbol) != underlyings.end();
}

bool adjusted(const std::string& root) {
  return options::OccSymbol{root, {}, {}, {}}.adjusted_root();
}

bool in_range(const Options& options, std::int64_t ts) {
  const std::uint32_t date = options::new_york_date({ts});
  return date >= options.from && date <= options.to;
}

}  // namespace

Result<lean::Discovery> discover(const Options& options) {
  lean::Discovery found;
  std::map<lean::ContractKey, lean::Discovery::Contract> known;
  lean::Rows rows;
  for (const std::string& path : options.paths) {
    auto file = open_file(path);
    if (!file) return file.error();
    for (Line line; file->reader->next(line);) {
      if (line.text.empty()) continue;
      const auto row = file->header.row(line.text);
      if (!row) {
        ++rows.counters.malformed;
        rows.problem(path, line.number, row.error().message);
        continue;
      }
      if (!row->contract || !listed(options.underlyings, row->underlying) ||
          !in_range(options, row->ts_ns))
        continue;
      const std::uint32_t date = options::new_york_date({row->ts_ns});
      found.first_date = found.first_date == 0 ? date : std::min(found.first_date, date);
      found.last_date = std::max(found.last_date, date);
      if (adjusted(row->contract->root) || !lean::occ_symbol(*row->contract)) {
        ++rows.counters.unknown;
        rows.problem(path, line.number,
                     row->contract->root +
                         ": adjusted terms, or a strike that no OCC symbol carries; a contract of "
                         "its own, with its deliverable, needs an [[instrument]]");
        continue;
      }
      known.try_emplace(*row->contract,
                        lean::Discovery::Contract{*row->contract, row->underlying, row->american});
    }
    if (file->reader->failure()) return *file->reader->failure();
  }
  for (const auto& [key, contract] : known) found.contracts.push_back(contract);
  if (found.contracts.empty())
    return Error{Errc::not_found,
                 options.paths.front() + " has no option of the underlyings and days asked for" +
                     (rows.first_problem ? "; " + rows.first_problem->message : "")};
  found.counters = rows.counters;
  found.first_problem = rows.first_problem;
  return found;
}

Result<std::unique_ptr<Source>> Source::open(const Options& options,
                                             std::span<const Instrument> instruments) {
  std::unique_ptr<Source> source(new Source(options));
  for (const std::string& symbol : options.underlyings) {
    const auto same =
        std::find_if(instruments.begin(), instruments.end(),
                     [&](const Instrument& one) { return one.symbol == symbol && !one.option; });
    if (same == instruments.end())
      return Error{Errc::not_found, "the underlying " + symbol + " is no instrument of the run"};
    source->underlyings_[symbol].id = same->id;
  }
  source->scales_.resize(instruments.size());
  for (const Instrument& one : instruments) {
    source->scales_[one.id.value] = {file_digits, one.price_digits};
    if (one.option) source->contracts_.add(one);
  }
  const auto opened = source->open_next();
  if (!opened) return opened.error();
  return source;
}

Result<bool> Source::open_next() {
  if (next_path_ == options_.paths.size()) return false;
  auto file = open_file(options_.paths[next_path_]);
  if (!file) return file.error();
  where_ = options_.paths[next_path_++];
  reader_ = std::move(file->reader);
  header_ = std::move(file->header);
  return true;
}

void Source::refuse(const std::string& what, std::uint64_t& counter) {
  ++counter;
  if (!first_problem_)
    first_problem_ =
        Error{Errc::corrupt, where_ + ": line " + std::to_string(line_.number) + ": " + what};
}

// The next row that may become events: of an underlying of ours, in the days asked for, not earlier
// than the one before it.
Result<bool> Source::next_row(Row& row) {
  for (;;) {
    if (!reader_->next(line_)) {
      if (reader_->failure()) return *reader_->failure();
      const auto more = open_next();
      if (!more) return more.error();
      if (!*more) return false;
      continue;
    }
    if (line_.text.empty()) continue;
    ++rows_.rows;
    auto read = header_->row(line_.text);
    if (!read) {
      refuse(read.error().message, rows_.malformed);
      continue;
    }
    if (!listed(options_.underlyings, read->underlying) || !in_range(options_, read->ts_ns)) {
      ++counters_.ignored;
      continue;
    }
    if (read->ts_ns < before_ns_) {
      refuse("the row is earlier than the one before it", rows_.backward);
      continue;
    }
    before_ns_ = read->ts_ns;
    row = std::move(*read);
    return true;
  }
}

void Source::quote_underlying(const std::string& symbol, const Row& row, std::int64_t bid,
                              std::int64_t ask, lean::Rows& out) {
  Underlying& underlying = underlyings_.at(symbol);
  if (bid == underlying.bid && ask == underlying.ask) return;
  underlying.bid = bid, underlying.ask = ask;
  lean::RowContext context;
  context.file = where_;
  context.instrument = underlying.id;
  context.scale = scales_[underlying.id.value];
  lean::push_quote(context, row.ts_ns, bid, ask, 1, 1, line_.number, out);
}

void Source::take(const Row& row, lean::Rows& underlyings, lean::Rows& contracts) {
  if (row.underlying_bid != 0 || row.underlying_ask != 0)
    quote_underlying(row.underlying, row, row.underlying_bid, row.underlying_ask, underlyings);
  lean::RowContext context;
  context.file = where_;
  if (!row.contract) {
    context.instrument = underlyings_.at(row.underlying).id;
  } else {
    const lean::ContractTable::Root* root = contracts_.root(row.contract->root);
    if (root != nullptr)
      context.instrument = lean::ContractTable::find(*root, row.contract->expiry,
                                                     row.contract->strike, row.contract->put);
    if (!context.instrument.valid()) {
      refuse("a contract that the run does not have", rows_.unknown);
      return;
    }
  }
  context.scale = scales_[context.instrument.value];
  lean::Rows& out = row.contract ? contracts : underlyings;
  if (row.last != 0) lean::push_trade(context, row.ts_ns, row.last, row.last_size, out);
  if (row.open_interest >= 0 && row.contract)
    lean::push_open_interest(context, row.ts_ns, row.open_interest, out);
  lean::push_quote(context, row.ts_ns, row.bid, row.ask, row.bid_size, row.ask_size, line_.number,
                   out);
}

void Source::absorb(lean::Rows& rows) {
  rows_ += rows.counters;
  if (!first_problem_) first_problem_ = rows.first_problem;
  counters_.messages = rows_.rows;
  counters_.unknown_symbol = rows_.unknown;
  counters_.malformed = rows_.malformed + rows_.crossed + rows_.zero_sessions;
  counters_.out_of_order = rows_.backward;
}

// All rows of one instant.
Result<std::size_t> Source::fill(EventBuffer& out) {
  const std::size_t before = out.size();
  while (out.size() == before) {
    Row row;
    if (ahead_) {
      row = std::move(*ahead_);
      ahead_.reset();
    } else {
      const auto more = next_row(row);
      if (!more) return more.error();
      if (!*more) break;
    }
    const std::int64_t instant = row.ts_ns;
    const std::uint64_t first_line = line_.number;
    std::uint64_t options = 0, priced = 0;
    lean::Rows underlyings, contracts;
    for (;;) {
      options += row.contract.has_value();
      priced += row.contract && (row.bid != 0 || row.ask != 0 || row.last != 0);
      take(row, underlyings, contracts);
      const auto more = next_row(row);
      if (!more || !*more) break;  // an error is met again, when these rows have been handed out
      if (row.ts_ns != instant) {
        ahead_ = std::move(row);
        break;
      }
    }
    if (options >= zero_session && priced == 0) {
      ++rows_.zero_sessions;
      if (!first_problem_)
        first_problem_ = Error{Errc::corrupt, where_ + ": line " + std::to_string(first_line) +
                                                  ": all " + std::to_string(options) +
                                                  " contracts of the instant have no price: "
                                                  "refused"};
      contracts = {};
    }
    for (lean::Rows* rows : {&underlyings, &contracts}) {
      for (const zm_event& event : rows->events) out.push(event);
      absorb(*rows);
    }
  }
  if (out.size() != before) out.events()[out.size() - 1].flags |= ZM_FLAG_LAST, ++counters_.packets;
  counters_.events += out.size() - before;
  return out.size() - before;
}

}  // namespace zomma::chain_csv
