#include "runtime/discover.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "market/feeds/lean/source.h"
#include "market/options/index_roots.h"

namespace zomma {
namespace {

constexpr int option_digits = 4;
constexpr std::int64_t cent = 100, nickel = 500;  // in 1/10,000

Instrument instrument_of(const lean::Discovery::Contract& contract, const Instrument& underlying,
                         Money fee) {
  Instrument option;
  option.symbol = *lean::occ_symbol(contract.key);
  option.venue = "opra";
  option.currency = underlying.currency;
  option.kind = InstrumentKind::option;
  option.price_digits = option_digits;
  option.tick = {cent};
  option.multiplier = 100;
  option.fee_per_unit = fee;
  const bool index = options::is_index(contract.underlying);
  option.option = OptionTerms{contract.underlying,
                              contract.key.expiry,
                              {contract.key.strike},
                              contract.key.put,
                              contract.american,
                              options::settles_on_opening(contract.key.root),
                              index,
                              index ? 0 : 100};
  if (index) option.tick = {nickel};
  return option;
}

Result<void> discover_feed(Config& config, FeedConfig& feed,
                           const std::function<void(const std::string&)>& say) {
  const auto found =
      feed.format == FeedFormat::modelled    ? modelled::discover(modelled_options(config, feed))
      : feed.format == FeedFormat::chain_csv ? chain_csv::discover(chain_csv_options(feed))
                                             : lean::discover(lean_options(feed));
  if (!found) return found.error();
  std::map<std::string, InstrumentId> known;
  for (const Instrument& one : config.instruments) known.emplace(one.symbol, one.id);
  std::set<std::uint32_t> fed;
  for (const FeedSymbol& symbol : feed.symbols) fed.insert(symbol.instrument.value);
  std::size_t added = 0;
  for (const lean::Discovery::Contract& contract : found->contracts) {
    Instrument option =
        instrument_of(contract, config.instruments[known.at(contract.underlying).value],
                      feed.chains.fee_per_contract);
    if (known.contains(option.symbol)) continue;
    option.id = {static_cast<std::uint32_t>(config.instruments.size())};
    known.emplace(option.symbol, option.id);
    feed.symbols.push_back({option.symbol, option.id});
    config.instruments.push_back(std::move(option));
    ++added;
  }
  if (added != 0)
    say(fmt::format("feed \"{}\": {} contracts{}", feed.name, found->contracts.size(),
                    feed.format == FeedFormat::modelled
                        ? ", all of them modelled: their quotes were never a market's"
                        : ""));
  if (found->first_problem)
    say(fmt::format("feed \"{}\": {} (the first of {} rows or names refused)", feed.name,
                    found->first_problem->message,
                    found->counters.malformed + found->counters.unknown));
  return {};
}

// DATE,PERCENT: simple annual rates, taken as continuous ones of the same discount over a year.
Result<void> read_rates(ChainsConfig& chains) {
  std::ifstream file(chains.rates_path);
  if (!file) return Error{Errc::not_found, chains.rates_path + " cannot be opened"};
  std::string line;
  std::vector<RateStep> steps;
  for (std::uint64_t number = 1; std::getline(file, line); ++number) {
    int year = 0, month = 0, day = 0;
    double percent = 0;
    if (std::sscanf(line.c_str(), "%4d-%2d-%2d,%lf", &year, &month, &day, &percent) != 4) {
      if (number == 1 || line.empty()) continue;
      return Error{Errc::corrupt, fmt::format("{}: line {}: expected YYYY-MM-DD,PERCENT",
                                              chains.rates_path, number)};
    }
    const RateStep step{static_cast<std::uint32_t>(year * 10000 + month * 100 + day),
                        std::log1p(percent / 100)};
    if (!steps.empty() && step.date <= steps.back().date)
      return Error{Errc::corrupt, fmt::format("{}: line {}: a date not after the one before it",
                                              chains.rates_path, number)};
    if (steps.empty() || step.rate != steps.back().rate) steps.push_back(step);
  }
  chains.rates = std::move(steps);
  return {};
}

}  // namespace

modelled::Options modelled_options(const Config& config, const FeedConfig& feed) {
  const ChainFeedConfig& chains = feed.chains;
  const ChainModelConfig& from = chains.model;
  modelled::Options options;
  options.prices_dir = feed.paths.front();
  for (const std::string& symbol : chains.underlyings)
    options.underlyings.push_back(lean::upper(symbol));
  options.from = number_of(chains.from, options.from);
  options.to = number_of(chains.to, options.to);
  modelled::Model& model = options.model;
  model.volatility = {from.volatility_premium,
                      from.least_volatility,
                      from.reversion,
                      {from.smile_rho, from.smile_eta, from.smile_gamma}};
  model.listing = {static_cast<int>(from.weeklies), static_cast<int>(from.monthlies),
                   static_cast<int>(from.quarterlies), from.reach,
                   from.strike_step.value / power_of_ten(money_digits - option_digits)};
  model.spread = {to_double(chains.half_spread), chains.half_spread_share,
                  from.half_spread_volatility, chains.quote_quantity};
  model.dividend_notice_days = static_cast<int>(from.dividend_notice_days);
  model.warm_up_sessions = static_cast<int>(from.warm_up_sessions);
  model.open_interest = from.open_interest;
  for (const RateStep& step : config.chains.rates) model.rates.push_back({step.date, step.rate});
  return options;
}

std::uint32_t number_of(const CalendarDate& date, std::uint32_t otherwise) {
  return date.given() ? static_cast<std::uint32_t>(date.year * 10000 + date.month * 100 + date.day)
                      : otherwise;
}

chain_csv::Options chain_csv_options(const FeedConfig& feed) {
  chain_csv::Options options;
  options.paths = feed.paths;
  for (const std::string& symbol : feed.chains.underlyings)
    options.underlyings.push_back(lean::upper(symbol));
  options.from = number_of(feed.chains.from, 0);
  options.to = number_of(feed.chains.to, 99'999'999);
  return options;
}

lean::Options lean_options(const FeedConfig& feed) {
  lean::Options options;
  options.options_dir = feed.paths.front();
  options.prices_dir = feed.chains.prices_path;
  for (const std::string& symbol : feed.chains.underlyings)
    options.underlyings.push_back(lean::upper(symbol));
  options.resolution = static_cast<lean::Resolution>(feed.chains.resolution);
  options.from = number_of(feed.chains.from, 0);
  options.to = number_of(feed.chains.to, 99'999'999);
  options.option_spread.least_half =
      feed.chains.half_spread.value / power_of_ten(money_digits - option_digits);
  options.option_spread.share = feed.chains.half_spread_share;
  options.option_spread.quantity = feed.chains.quote_quantity;
  return options;
}

Result<void> discover_contracts(Config& config,
                                const std::function<void(const std::string&)>& say) {
  if (!config.chains.rates_path.empty() && config.chains.rates.empty())
    if (const auto read = read_rates(config.chains); !read) return read;
  for (FeedConfig& feed : config.feeds) {
    if (!feed.chains.given() || feed.chains.discovered) continue;
    const auto found = discover_feed(config, feed, say);
    feed.chains.discovered = static_cast<bool>(found);
    if (found) continue;
    const Error error{found.error().code,
                      fmt::format("feed \"{}\": {}", feed.name, found.error().message)};
    if (feed.required || error.code != Errc::not_found) return error;
    say(error.message);
  }
  return {};
}

}  // namespace zomma
