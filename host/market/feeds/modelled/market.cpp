#include "market/feeds/modelled/market.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "market/options/index_roots.h"

namespace zomma::modelled {
namespace {

using options::Date;

constexpr double per_unit = 1e-4;   // of a price in 1/10,000
constexpr std::int64_t tick = 100;  // a cent
constexpr double year_ns = 365.0 * 86'400e9;
constexpr int dividend_year_days = 364;  // 52 weeks: ex-dates keep their weekday
constexpr int same_dividend_days = 15;
constexpr double far_years = 0.5;  // beyond, strikes are wider apart
constexpr double shortest_reach_years = 10.0 / 365.0;
constexpr double widest_reach = 0.7;  // of ln(strike / price)

std::int64_t expiry_time(const std::string& root, Date date) {
  options::Contract contract;
  contract.expiry_date = date;
  contract.settlement =
      options::settles_on_opening(root) ? options::Settlement::am : options::Settlement::pm;
  if (!options::set_times(contract)) return options::new_york(date, 16, 0).value;
  return contract.expiry.value;
}

Error refused(const std::string& symbol, const Error& error) {
  return {error.code, "the model of " + symbol + ": " + error.message};
}

// Daily log returns, dividends added back.
double log_return(const History& history, std::size_t i) {
  const Session &before = history.sessions[i - 1], &now = history.sessions[i];
  double close = static_cast<double>(now.close) * per_unit;
  for (const Dividend& paid : history.dividends)
    if (paid.ex_date > before.date && paid.ex_date <= now.date) close += paid.amount;
  return std::log(close / (static_cast<double>(before.close) * per_unit));
}

}  // namespace

Result<void> check(const Model& model) {
  const auto wrong = [](const char* what) { return Error{Errc::invalid_argument, what}; };
  if (const auto good = check(model.volatility); !good) return good;
  if (const auto good = check(model.listing); !good) return good;
  if (model.warm_up_sessions < static_cast<int>(VolatilityForecast::fewest))
    return wrong("warm_up_sessions must be at least 66, the longest window of the forecast");
  const SpreadRule& spread = model.spread;
  if (!(spread.least >= 0 && spread.share >= 0 && spread.volatility >= 0) || spread.quantity < 1)
    return wrong("half spreads must not be negative, quote_quantity at least 1");
  return {};
}

Result<Market> Market::open(const std::string& dir, const std::string& symbol, Date from, Date to,
                            const Model& model) {
  if (const auto good = check(model); !good) return refused(symbol, good.error());
  auto history = read_history(dir, symbol, to);
  if (!history) return history.error();
  Market market;
  market.model_ = model;
  market.history_ = std::move(*history);
  market.american_ = !options::is_index(market.history_.symbol);
  const std::vector<Session>& sessions = market.history_.sessions;
  VolatilityForecast forecast(model.volatility);
  market.begin_ = sessions.size();
  for (std::size_t i = 1; i < sessions.size(); ++i) {
    forecast.add(log_return(market.history_, i));
    if (static_cast<int>(forecast.days()) < model.warm_up_sessions || sessions[i].date < from)
      continue;
    market.begin_ = std::min(market.begin_, i);
    market.levels_.push_back(forecast.level());
  }
  if (market.levels_.empty())
    return Error{Errc::not_found, "the prices of " + symbol + " have " +
                                      std::to_string(sessions.size()) + " sessions up to " +
                                      std::to_string(to) + ", none from " + std::to_string(from) +
                                      " on with " + std::to_string(model.warm_up_sessions) +
                                      " before it"};
  market.list_all();
  return market;
}

void Market::list_all() {
  std::map<Date, Expiry> known;
  for (std::size_t s = begin_; s < end(); ++s) {
    const Session& session = history_.sessions[s];
    const auto close = static_cast<double>(session.close);
    for (const Date date : listed_expiries(model_.listing, session.date)) {
      const std::int64_t expiry_ns = expiry_time(history_.symbol, date);
      const double years = static_cast<double>(expiry_ns - session.close_ns) / year_ns;
      const auto found = known.find(date);
      Expiry& expiry =
          found != known.end()
              ? found->second
              : known
                    .emplace(
                        date,
                        Expiry{date, expiry_ns,
                               StrikeGrid(model_.listing.step != 0
                                              ? model_.listing.step
                                              : strike_step(session.close, years > far_years))})
                    .first->second;
      const double variance = total_variance(level(s), model_.volatility.reversion,
                                             std::max(years, shortest_reach_years));
      const double reach = std::min(model_.listing.reach * std::sqrt(variance), widest_reach);
      expiry.grid.reach(static_cast<std::int64_t>(close * std::exp(-reach)),
                        static_cast<std::int64_t>(close * std::exp(reach)),
                        static_cast<std::uint32_t>(s));
    }
  }
  for (auto& [date, expiry] : known) expiries_.push_back(std::move(expiry));
}

double Market::rate_on(Date date) const {
  double rate = 0;
  for (const RateStep& step : model_.rates)
    if (step.from <= date) rate = step.rate;
  return rate;
}

std::vector<Dividend> Market::expected_dividends(std::size_t session, Date until) const {
  const Date today = history_.sessions[session].date;
  const Date told = options::add_days(today, model_.dividend_notice_days);
  const Date year_ago = options::add_days(today, -dividend_year_days);
  std::vector<Dividend> expected, past;
  Date last = 0;  // declared or paid
  for (const Dividend& one : history_.dividends) {
    if (one.ex_date > told) break;
    last = one.ex_date;
    if (one.ex_date > today && one.ex_date <= until) expected.push_back(one);
    if (one.ex_date > year_ago && one.ex_date <= today) past.push_back(one);
  }
  const Date from = last == 0 ? told : std::max(told, options::add_days(last, same_dividend_days));
  for (const Dividend& one : past)
    for (Date next = options::add_days(one.ex_date, dividend_year_days); next <= until;
         next = options::add_days(next, dividend_year_days))
      if (next > from) expected.push_back({next, one.amount});
  std::sort(expected.begin(), expected.end(),
            [](const Dividend& a, const Dividend& b) { return a.ex_date < b.ex_date; });
  return expected;
}

ExpiryTerms Market::terms(std::size_t session, const Expiry& expiry) const {
  const Session& today = history_.sessions[session];
  ExpiryTerms terms;
  terms.spot = static_cast<double>(today.close) * per_unit;
  terms.years = static_cast<double>(expiry.expiry_ns - today.close_ns) / year_ns;
  terms.rate = rate_on(today.date);
  terms.smile = model_.volatility.smile;
  terms.american = american_;
  terms.total_variance = total_variance(level(session), model_.volatility.reversion, terms.years);
  const auto days = [](Date date) { return static_cast<double>(options::day_number(date)); };
  for (const Dividend& one : expected_dividends(session, options::settlement_day(expiry.date)))
    terms.dividends +=
        one.amount * std::exp(-terms.rate * (days(one.ex_date) - days(today.date)) / 365);
  return terms;
}

bool Market::price(std::size_t session, const Expiry& expiry) {
  places_.clear(), strikes_.clear();
  if (expiry.expiry_ns <= history_.sessions[session].close_ns) return false;
  for (std::size_t i = 0; i < expiry.grid.size(); ++i) {
    if (expiry.grid.listed(i) > session) continue;
    places_.push_back(i);
    strikes_.push_back(static_cast<double>(expiry.grid.strike(i)) * per_unit);
  }
  if (places_.empty()) return false;
  terms_ = terms(session, expiry);
  price_expiry(terms_, strikes_, values_);
  return true;
}

Quote Market::quote(std::size_t i, bool put) const {
  const SpreadRule& rule = model_.spread;
  const double mid = put ? values_.put[i] : values_.call[i];
  const double half = std::max({rule.least, rule.share * mid, rule.volatility * values_.vega[i]});
  const auto ticks = [](double price) { return price / (per_unit * static_cast<double>(tick)); };
  Quote quote{};
  quote.bid = static_cast<std::int64_t>(std::max(0.0, std::floor(ticks(mid - half)))) * tick;
  quote.ask = static_cast<std::int64_t>(std::max(1.0, std::ceil(ticks(mid + half)))) * tick;
  // Interest is at the money and near: a bell in deviations, halved every quarter of a year.
  const double deviations = std::log(strikes_[i] / terms_.spot) / std::sqrt(terms_.total_variance);
  quote.open_interest =
      std::llround(model_.open_interest * std::exp(-0.5 * deviations * deviations) *
                   std::exp2(-4 * terms_.years));
  return quote;
}

}  // namespace zomma::modelled
