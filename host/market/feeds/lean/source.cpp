#include "market/feeds/lean/source.h"

#include <algorithm>
#include <fstream>
#include <tuple>

#include "market/feeds/file/zip_archive.h"
#include "market/feeds/lean/universe.h"
#include "market/options/announcement.h"
#include "market/options/calendar.h"
#include "market/options/open_interest.h"

namespace zomma::lean {
namespace {

constexpr int file_digits = 4;  // prices in 1/10,000
constexpr std::int64_t minute_ns = 60'000'000'000;

// Within one instant: what changes the world, then the underlying, then its options; the state of a
// quote last.
int rank(const zm_event& event, const std::vector<bool>& is_option) {
  if (event.kind == ZM_EVENT_CORPORATE || event.kind == options::event_announcement) return 0;
  const int base = event.instrument < is_option.size() && is_option[event.instrument] ? 4 : 1;
  return base + (event.kind == ZM_EVENT_QUOTE ? 2 : event.kind == event_open_interest ? 1 : 0);
}

std::int64_t midnight(std::uint32_t date) { return options::new_york(date, 0, 0).value; }

// Sessions between the first and the last day of some pieces that have none.
std::uint64_t missing_days(const std::vector<Piece>& pieces) {
  std::uint64_t missing = 0;
  std::uint32_t before = 0;
  for (const Piece& piece : pieces) {  // by date
    if (piece.date == 0) continue;
    for (std::uint32_t day = before == 0 ? piece.date : options::session_after(before);
         day < piece.date; day = options::session_after(day))
      ++missing;
    before = piece.date;
  }
  return missing;
}

Result<std::string> text_of(const Piece& piece) {
  if (!piece.text.empty()) return piece.text;
  std::ifstream file(piece.path, std::ios::binary);
  if (!file) return Error{Errc::io, piece.path + " cannot be read"};
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

Result<std::unique_ptr<Source>> Source::open(const Options& options,
                                             std::span<const Instrument> instruments) {
  auto found = find_data(options);
  if (!found) return found.error();
  std::unique_ptr<Source> source(new Source(options));
  for (UnderlyingData& data : *found) {
    const auto same = std::find_if(
        instruments.begin(), instruments.end(),
        [&](const Instrument& one) { return one.symbol == data.symbol && !one.option; });
    if (same == instruments.end())
      return Error{Errc::not_found,
                   "the underlying " + data.symbol + " is no instrument of the run"};
    source->underlyings_.push_back({{same->id, same->price_digits, same->quantity_digits},
                                    {file_digits, same->price_digits},
                                    std::move(data)});
  }
  source->scales_.resize(instruments.size());
  for (const Instrument& one : instruments) {
    source->scales_[one.id.value] = {file_digits, one.price_digits};
    if (one.option) source->contracts_.add(one);
  }
  if (const auto planned = source->plan(); !planned) return planned.error();
  return source;
}

Result<void> Source::plan() {
  Rows many_days;
  for (const Underlying& underlying : underlyings_) {
    const auto add = [&](const std::vector<Piece>& pieces, Job::What what) -> Result<void> {
      for (const Piece& piece : pieces) {
        const Job job{piece.date, &underlying, &piece, what};
        if (piece.date != 0)
          jobs_.push_back(job);
        else if (const auto loaded = load(job, many_days); !loaded)
          return loaded;
      }
      return {};
    };
    for (const auto& [pieces, what] : {std::pair(&underlying.data.prices, Job::What::prices),
                                       std::pair(&underlying.data.closes, Job::What::close),
                                       std::pair(&underlying.data.chains, Job::What::chain)})
      if (const auto added = add(*pieces, what); !added) return added;
    add_actions(underlying, many_days);
    many_days.counters.holes += missing_days(underlying.data.chains);
  }
  std::stable_sort(jobs_.begin(), jobs_.end(),
                   [](const Job& a, const Job& b) { return a.date < b.date; });
  const std::int64_t begins = midnight(std::max<std::uint32_t>(options_.from, 19'700'102));
  const std::int64_t ends =
      !options::valid_date(options_.to) ? INT64_MAX : midnight(options_.to) + 24 * 60 * minute_ns;
  std::erase_if(many_days.events,
                [&](const zm_event& event) { return event.ts_ns < begins || event.ts_ns >= ends; });
  std::stable_sort(many_days.events.begin(), many_days.events.end(),
                   [](const zm_event& a, const zm_event& b) { return a.ts_ns < b.ts_ns; });
  absorb(many_days);
  ahead_ = std::move(many_days.events);
  return {};
}

void Source::add_actions(const Underlying& underlying, Rows& out) const {
  for (const CorporateAction& change : underlying.data.actions) {
    zm_event event{};
    event.ts_ns = event.exchange_ns = midnight(change.ex_date);
    event.instrument = underlying.instrument.id.value;
    event.kind = ZM_EVENT_CORPORATE;
    event.u.corporate = change.action;
    out.events.push_back(event);
    if (change.action.type != ZM_CORPORATE_DIVIDEND) continue;
    const std::uint32_t told =
        std::max(options::add_days(change.ex_date, -options::assumed_notice_days), options_.from);
    event.ts_ns = event.exchange_ns = midnight(std::min(told, change.ex_date));
    event.kind = options::event_announcement;
    out.events.push_back(event);
  }
}

void Source::absorb(Rows& rows) {
  rows_ += rows.counters;
  counters_.messages = rows_.rows;
  counters_.unknown_symbol = rows_.unknown;
  counters_.malformed = rows_.malformed + rows_.crossed + rows_.zero_sessions;
  counters_.out_of_order = rows_.backward;
  counters_.ignored = rows_.empty;
  counters_.lost = rows_.holes;
  if (!first_problem_) first_problem_ = rows.first_problem;
}

Result<void> Source::load(const Job& job, Rows& out) {
  if (job.what == Job::What::prices) return load_bars(job, out);
  if (job.what == Job::What::close || options_.resolution == Resolution::universe)
    return load_universe(job, out);
  return load_contracts(job, out);
}

Result<void> Source::load_universe(const Job& job, Rows& out) {
  const Piece& piece = *job.piece;
  const auto text = text_of(piece);
  if (!text) return text.error();
  RowContext options, underlying;
  options.file = underlying.file = piece.path;
  underlying.scale = job.underlying->scale;
  const bool own_root = piece.root == job.underlying->data.symbol;
  if (job.underlying->data.prices.empty() && own_root)
    underlying.instrument = job.underlying->instrument.id;
  static const ContractTable::Root none;
  const ContractTable::Root* root = contracts_.root(piece.root);
  const bool wanted = root != nullptr && job.what == Job::What::chain;
  if (wanted && !root->empty()) options.scale = scales_[root->begin()->second.value];
  const std::int64_t ts = options::session_close(piece.date).value;
  Rows rows;
  read_universe(*text, ts, wanted ? *root : none, options, underlying, options_.option_spread,
                rows);
  if (job.what == Job::What::close) rows.counters = {};  // its chain is not what is read here
  out.counters += rows.counters;
  if (!out.first_problem && job.what == Job::What::chain) out.first_problem = rows.first_problem;
  out.events.insert(out.events.end(), rows.events.begin(), rows.events.end());
  return {};
}

Result<void> Source::load_contracts(const Job& job, Rows& out) {
  const Piece& piece = *job.piece;
  const auto archive = ZipArchive::open(piece.path);
  if (!archive) return archive.error();
  const ContractTable::Root* root = contracts_.root(piece.root);
  std::string text;
  for (const ZipEntry& entry : archive->entries()) {
    const auto name = parse_entry_name(entry.name);
    const InstrumentId id = !name || root == nullptr || name->contract.root != piece.root
                                ? InstrumentId{}
                                : ContractTable::find(*root, name->contract.expiry,
                                                      name->contract.strike, name->contract.put);
    const std::string where = piece.path + ": " + entry.name;
    if (!id.valid()) {
      ++out.counters.unknown;
      out.problem(
          where, 0,
          name ? "a contract that the run does not have" : "the name is none of a contract");
      continue;
    }
    if (const auto read = archive->read(entry, text); !read) return read.error();
    RowContext context;
    context.file = where;
    context.instrument = id;
    context.scale = scales_[id.value];
    if (piece.date != 0) {
      context.midnight_ns = midnight(piece.date);
      context.bar_ns = minute_ns;
    }
    switch (piece.type) {
      case TickType::trade:
        read_trade_bars(text, context, out);
        break;
      case TickType::quote:
        read_quote_bars(text, context, out);
        break;
      case TickType::open_interest:
        context.bar_ns = 0;
        read_open_interest(text, context, out);
        break;
    }
  }
  return {};
}

Result<void> Source::load_bars(const Job& job, Rows& out) {
  const Piece& piece = *job.piece;
  const auto archive = ZipArchive::open(piece.path);
  if (!archive) return archive.error();
  const std::vector<Piece>& all = job.underlying->data.prices;
  const bool quoted = std::any_of(all.begin(), all.end(), [&](const Piece& other) {
    return other.date == piece.date && other.type == TickType::quote;
  });
  std::string text;
  for (const ZipEntry& entry : archive->entries()) {
    if (const auto read = archive->read(entry, text); !read) return read.error();
    const std::string where = piece.path + ": " + entry.name;
    RowContext context;
    context.file = where;
    context.instrument = job.underlying->instrument.id;
    context.scale = job.underlying->scale;
    context.whole_prices =
        text.substr(0, text.find('\n')).find('.') != std::string::npos;  // indices
    if (piece.date != 0) {
      context.midnight_ns = midnight(piece.date);
      context.bar_ns = minute_ns;
    }
    if (piece.type == TickType::quote)
      read_quote_bars(text, context, out);
    else
      read_trade_bars(text, context, out, quoted ? nullptr : &options_.underlying_spread);
  }
  return {};
}

// The earliest day that anything is left of: its pieces and what was read ahead of it.
Result<bool> Source::next_day() {
  day_.clear();
  next_event_ = 0;
  while (day_.empty()) {
    const bool pieces = next_job_ < jobs_.size(), ahead = next_ahead_ < ahead_.size();
    if (!pieces && !ahead) return false;
    std::uint32_t date = pieces ? jobs_[next_job_].date : 99'999'999;
    if (ahead) date = std::min(date, options::new_york_date({ahead_[next_ahead_].ts_ns}));
    Rows rows;
    for (; next_job_ < jobs_.size() && jobs_[next_job_].date == date; ++next_job_)
      if (const auto loaded = load(jobs_[next_job_], rows); !loaded) return loaded.error();
    absorb(rows);
    const std::int64_t tomorrow = midnight(date) + 24 * 60 * minute_ns;
    while (next_ahead_ < ahead_.size() && ahead_[next_ahead_].ts_ns < tomorrow)
      rows.events.push_back(ahead_[next_ahead_++]);
    day_ = std::move(rows.events);
  }
  std::vector<bool> is_option(scales_.size(), true);
  for (const Underlying& underlying : underlyings_)
    is_option[underlying.instrument.id.value] = false;
  std::vector<std::tuple<std::int64_t, int, std::uint32_t, std::uint32_t>> order(day_.size());
  for (std::uint32_t i = 0; i < order.size(); ++i)
    order[i] = {day_[i].ts_ns, rank(day_[i], is_option), day_[i].instrument, i};
  std::sort(order.begin(), order.end());
  std::vector<zm_event> sorted(day_.size());
  for (std::size_t i = 0; i < order.size(); ++i) sorted[i] = day_[std::get<3>(order[i])];
  day_ = std::move(sorted);
  return true;
}

Result<std::size_t> Source::fill(EventBuffer& out) {
  const std::size_t before = out.size();
  for (;;) {
    if (next_event_ == day_.size()) {
      if (out.size() != before) break;  // a day is loaded only when it is asked for
      const auto more = next_day();
      if (!more) return more.error();
      if (!*more) break;
    }
    std::size_t end = next_event_ + 1;
    while (end < day_.size() && day_[end].ts_ns == day_[next_event_].ts_ns) ++end;
    day_[end - 1].flags |= ZM_FLAG_LAST;
    for (; next_event_ < end; ++next_event_) out.push(day_[next_event_]);
    ++counters_.packets;
    if (out.room() < 256) break;
  }
  counters_.events += out.size() - before;
  return out.size() - before;
}

}  // namespace zomma::lean
