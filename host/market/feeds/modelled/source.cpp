#include "market/feeds/modelled/source.h"

#include <algorithm>
#include <cstdlib>

#include "market/feeds/lean/contract_table.h"
#include "market/options/announcement.h"
#include "market/options/open_interest.h"

namespace zomma::modelled {
namespace {

constexpr int model_digits = 4;  // prices in 1/10,000
constexpr std::int64_t underlying_half_spread = 100, underlying_quantity = 100'000;
constexpr std::int64_t interest_steps = 8;  // told again when it moved by more than 1/8

zm_price scaled(std::int64_t price, int digits) {
  if (price == 0) return ZM_NO_PRICE;
  std::int64_t out = 0;
  (void)DecimalScale(model_digits, digits).apply(price, out);
  return out;
}

}  // namespace

Result<lean::Discovery> discover(const Options& options) {
  lean::Discovery found;
  for (const std::string& symbol : options.underlyings) {
    const auto market =
        Market::open(options.prices_dir, symbol, options.from, options.to, options.model);
    if (!market) return market.error();
    const std::vector<Session>& sessions = market->history().sessions;
    const options::Date first = sessions[market->begin()].date, last = sessions.back().date;
    found.first_date = found.first_date == 0 ? first : std::min(found.first_date, first);
    found.last_date = std::max(found.last_date, last);
    for (const Market::Expiry& expiry : market->expiries())
      for (std::size_t i = 0; i < expiry.grid.size(); ++i)
        for (const bool put : {false, true}) {
          const lean::ContractKey key{symbol, expiry.date, expiry.grid.strike(i), put};
          if (lean::occ_symbol(key))
            found.contracts.push_back({key, symbol, market->american()});
          else
            ++found.counters.unknown;
        }
    found.counters += market->history().counters;
    if (!found.first_problem) found.first_problem = market->history().first_problem;
  }
  std::stable_sort(found.contracts.begin(), found.contracts.end(),
                   [](const auto& a, const auto& b) { return a.key < b.key; });
  return found;
}

Result<std::unique_ptr<Source>> Source::open(const Options& options,
                                             std::span<const Instrument> instruments) {
  std::unique_ptr<Source> source(new Source);
  for (const Instrument& one : instruments) source->price_digits_.push_back(one.price_digits);
  for (const std::string& symbol : options.underlyings) {
    const auto same =
        std::find_if(instruments.begin(), instruments.end(),
                     [&](const Instrument& one) { return one.symbol == symbol && !one.option; });
    if (same == instruments.end())
      return Error{Errc::not_found, "the underlying " + symbol + " is no instrument of the run"};
    auto market = Market::open(options.prices_dir, symbol, options.from, options.to, options.model);
    if (!market) return market.error();
    const std::size_t begin = market->begin();
    Underlying underlying{std::move(*market),
                          {same->id, same->price_digits, same->quantity_digits},
                          {},
                          begin,
                          0,
                          0,
                          0};
    source->bind(underlying, instruments);
    const History& history = underlying.market.history();
    source->counters_.malformed += history.counters.malformed;
    source->counters_.out_of_order += history.counters.backward;
    source->counters_.lost += history.counters.holes;
    if (!source->first_problem_) source->first_problem_ = history.first_problem;
    source->underlyings_.push_back(std::move(underlying));
  }
  return source;
}

void Source::bind(Underlying& underlying, std::span<const Instrument> instruments) {
  const Market& market = underlying.market;
  const std::string& symbol = market.history().symbol;
  lean::ContractTable table;
  for (const Instrument& one : instruments) {
    if (!one.option || one.option->underlying != symbol) continue;
    std::int64_t strike = 0;
    if (DecimalScale(one.price_digits, model_digits).apply(one.option->strike.value, strike))
      table.add({symbol, one.option->expiry, strike, one.option->put}, one.id);
  }
  static const lean::ContractTable::Root none;
  const lean::ContractTable::Root* found = table.root(symbol);
  const lean::ContractTable::Root& root = found == nullptr ? none : *found;
  for (const Market::Expiry& expiry : market.expiries()) {
    Listed& listed = underlying.listed.emplace_back();
    for (const bool put : {false, true}) {
      for (std::size_t i = 0; i < expiry.grid.size(); ++i) {
        listed.ids[put].push_back(
            lean::ContractTable::find(root, expiry.date, expiry.grid.strike(i), put));
        counters_.unknown_symbol += listed.ids[put].back().valid() ? 0 : 1;
      }
      listed.interest[put].assign(expiry.grid.size(), -1);
    }
  }
  // Dividends before the first chain are history.
  const auto& dividends = market.history().dividends;
  const options::Date first = market.history().sessions[market.begin()].date;
  while (underlying.next_dividend < dividends.size() &&
         dividends[underlying.next_dividend].ex_date <= first)
    ++underlying.next_dividend;
  underlying.next_announced = underlying.next_dividend;
}

// What was announced before the first chain is told with it.
std::int64_t Source::announced_at(const Underlying& underlying, std::size_t dividend) {
  const History& history = underlying.market.history();
  const options::Date first = history.sessions[underlying.market.begin()].date;
  const options::Date told = options::add_days(history.dividends[dividend].ex_date,
                                               -underlying.market.model().dividend_notice_days);
  return options::new_york(std::max(told, first), 0, 0).value;
}

std::optional<Source::Moment> Source::next(const Underlying& underlying) {
  const History& history = underlying.market.history();
  if (underlying.next_session == underlying.market.end()) return std::nullopt;
  const std::int64_t close = history.sessions[underlying.next_session].close_ns;
  Moment moment{close, Moment::What::close};
  if (underlying.next_dividend < history.dividends.size()) {
    const std::int64_t ex =
        options::new_york(history.dividends[underlying.next_dividend].ex_date, 0, 0).value;
    if (ex < moment.ts) moment = {ex, Moment::What::dividend};
  }
  if (underlying.next_announced < history.dividends.size()) {
    const std::int64_t told = announced_at(underlying, underlying.next_announced);
    if (told <= moment.ts) moment = {told, Moment::What::announcement};
  }
  return moment;
}

void Source::tell_dividend(Underlying& underlying, std::int64_t at, bool announced,
                           EventBuffer& out) {
  std::size_t& number = announced ? underlying.next_announced : underlying.next_dividend;
  const Dividend& paid = underlying.market.history().dividends[number++];
  const Nanoseconds ts{at};
  zm_event& event = out.append(announced ? options::event_announcement : ZM_EVENT_CORPORATE,
                               underlying.instrument.id.value, ts, ts.value, 0);
  event.u.corporate.type = ZM_CORPORATE_DIVIDEND;
  event.u.corporate.ex_date = paid.ex_date;
  event.u.corporate.cash = std::llround(paid.amount * 1e8);
}

void Source::tell_close(const Underlying& underlying, EventBuffer& out) {
  const Session& session = underlying.market.history().sessions[underlying.next_session];
  const Nanoseconds ts{session.close_ns};
  const FeedInstrument& to = underlying.instrument;
  out.append(ZM_EVENT_TRADE, to.id.value, ts, ts.value, 0).u.trade = {
      scaled(session.close, to.price_digits),
      std::max<std::int64_t>(session.volume, 1) * power_of_ten(to.quantity_digits), 0, 0};
  out.append(ZM_EVENT_QUOTE, to.id.value, ts, ts.value, 0).u.quote = {
      scaled(std::max(session.close - underlying_half_spread, std::int64_t{1}), to.price_digits),
      scaled(session.close + underlying_half_spread, to.price_digits),
      underlying_quantity * power_of_ten(to.quantity_digits),
      underlying_quantity * power_of_ten(to.quantity_digits)};
}

void Source::tell_options(Underlying& underlying, EventBuffer& out) {
  Market& market = underlying.market;
  const std::size_t session = underlying.next_session;
  const Nanoseconds ts{market.history().sessions[session].close_ns};
  const std::int64_t quantity = market.model().spread.quantity;
  const auto& expiries = market.expiries();
  while (underlying.first_alive < expiries.size() &&
         expiries[underlying.first_alive].expiry_ns <= ts.value)
    ++underlying.first_alive;
  for (std::size_t e = underlying.first_alive; e < expiries.size(); ++e) {
    Listed& listed = underlying.listed[e];
    market.quotes(session, expiries[e], [&](std::size_t at, bool put, const Quote& quote) {
      const InstrumentId id = listed.ids[put][at];
      if (!id.valid()) return;
      std::int64_t& told = listed.interest[put][at];
      if (told < 0 || std::llabs(quote.open_interest - told) * interest_steps > told) {
        told = quote.open_interest;
        set_open_interest(out.append(event_open_interest, id.value, ts, ts.value, 0), told);
      }
      const int digits = price_digits_[id.value];
      out.append(ZM_EVENT_QUOTE, id.value, ts, ts.value, 0).u.quote = {
          scaled(quote.bid, digits), scaled(quote.ask, digits), quote.bid == 0 ? 0 : quantity,
          quantity};
    });
  }
}

// One instant a call: dividends before closes, underlyings in the order of the configuration.
Result<std::size_t> Source::fill(EventBuffer& out) {
  const std::size_t before = out.size();
  std::optional<Moment> first;
  for (const Underlying& one : underlyings_)
    if (const auto moment = next(one); moment && (!first || moment->ts < first->ts)) first = moment;
  if (!first) return std::size_t{0};
  std::vector<Underlying*> closing;
  for (Underlying& one : underlyings_)
    for (auto moment = next(one); moment && moment->ts == first->ts; moment = next(one)) {
      if (moment->what == Moment::What::close) {
        closing.push_back(&one);
        break;
      }
      tell_dividend(one, moment->ts, moment->what == Moment::What::announcement, out);
    }
  for (const Underlying* one : closing) tell_close(*one, out);
  for (Underlying* one : closing) {
    tell_options(*one, out);
    ++one->next_session;
    ++counters_.messages;
  }
  out.events().back().flags |= ZM_FLAG_LAST;
  ++counters_.packets;
  counters_.events += out.size() - before;
  return out.size() - before;
}

}  // namespace zomma::modelled
