#include "cli/kernels/chain.h"

#include <fmt/format.h>
#include <zomma/kernels/american.h>
#include <zomma/kernels/implied.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "cli/kernels/calendar.h"
#include "cli/kernels/csv_reader.h"
#include "cli/kernels/option_rows.h"

namespace zomma::cli {
namespace {

using Q = Quantity;
constexpr std::size_t rows_at_once = 8192;
constexpr std::size_t faults_kept = 10;
constexpr double missing_number = std::numeric_limits<double>::quiet_NaN();

enum class QuoteKind : std::uint8_t { vol_pair, price_pair, price, vol };

// Which columns the quotes are in.
struct Plan {
  QuoteKind kind = QuoteKind::vol;
  bool has_type = false, has_forward = false, has_spot = false, has_rate = false,
       has_dividend = false;
  std::vector<Wanted> wanted;
};

bool of_prices(const Plan& plan) {
  return plan.kind == QuoteKind::price_pair || plan.kind == QuoteKind::price;
}

Result<Plan> make_plan(const Origins& origins, const ChainSettings& settings) {
  Plan plan;
  if (origins.known(Q::bid_vol) && origins.known(Q::ask_vol)) {
    plan.kind = QuoteKind::vol_pair;
    plan.wanted = {{Q::bid_vol, Demand::number_or_empty}, {Q::ask_vol, Demand::number_or_empty}};
  } else if (origins.known(Q::bid) && origins.known(Q::ask)) {
    plan.kind = QuoteKind::price_pair;
    plan.wanted = {{Q::bid, Demand::number_or_empty}, {Q::ask, Demand::number_or_empty}};
  } else if (origins.known(Q::price)) {
    plan.kind = QuoteKind::price;
    plan.wanted = {{Q::price, Demand::number_or_empty}};
  } else if (origins.known(Q::vol)) {
    plan.wanted = {{Q::vol, Demand::number_or_empty}};
  } else {
    return Error{
        Errc::invalid_argument,
        "no quotes: expected columns bid and ask, or price (mid), or bid_vol and ask_vol, or "
        "vol; or --map bid=COLUMN and so on"};
  }
  plan.has_type = origins.known(Q::type);
  plan.has_forward = origins.known(Q::forward);
  plan.has_spot = origins.known(Q::spot);
  plan.has_rate = origins.known(Q::rate);
  plan.has_dividend = origins.known(Q::dividend);
  plan.wanted.push_back({Q::strike, Demand::positive});
  plan.wanted.push_back({Q::expiry, Demand::positive});
  if (of_prices(plan) || plan.has_type) plan.wanted.push_back({Q::type});
  if (plan.has_forward) plan.wanted.push_back({Q::forward, Demand::positive});
  if (plan.has_spot) plan.wanted.push_back({Q::spot, Demand::positive});
  if (plan.has_rate) plan.wanted.push_back({Q::rate});
  if (plan.has_dividend) plan.wanted.push_back({Q::dividend});
  if (settings.american && (!plan.has_rate || !plan.has_spot))
    return Error{
        Errc::invalid_argument,
        "--style american needs the spot and the rate, as columns or by --spot and --rate"};
  if (!of_prices(plan) && !plan.has_forward && !(plan.has_spot && plan.has_rate))
    return Error{
        Errc::invalid_argument,
        "volatilities alone do not tell the forward: expected a column forward, or spot and "
        "rate, or --forward, or --spot and --rate"};
  return plan;
}

// What one row says.
struct RawQuote {
  ChainQuote quote;
  double bid_vol = missing_number, ask_vol = missing_number;
  double forward = 0, spot = 0, rate = 0, dividend = 0;
};
using RawExpiries = std::map<double, std::vector<RawQuote>>;  // by years

RawQuote raw_quote(const Plan& plan, const OptionRows& rows, std::size_t row) {
  const auto value = [&](bool has, Quantity quantity) { return has ? rows[quantity][row] : 0.0; };
  RawQuote raw;
  raw.quote.strike = rows[Q::strike][row];
  raw.quote.sign = rows.sign().empty() ? std::int8_t{0} : rows.sign()[row];
  raw.quote.bid = raw.quote.ask = missing_number;
  switch (plan.kind) {
    case QuoteKind::vol_pair:
      raw.bid_vol = rows[Q::bid_vol][row], raw.ask_vol = rows[Q::ask_vol][row];
      break;
    case QuoteKind::price_pair:
      raw.quote.bid = rows[Q::bid][row], raw.quote.ask = rows[Q::ask][row];
      break;
    case QuoteKind::price:
      raw.quote.bid = raw.quote.ask = rows[Q::price][row];
      break;
    case QuoteKind::vol:
      raw.bid_vol = raw.ask_vol = rows[Q::vol][row];
  }
  raw.forward = value(plan.has_forward, Q::forward);
  raw.spot = value(plan.has_spot, Q::spot);
  raw.rate = value(plan.has_rate, Q::rate);
  raw.dividend = value(plan.has_dividend, Q::dividend);
  return raw;
}

bool two_sided(const ChainQuote& quote) { return quote.bid > 0 && quote.ask >= quote.bid; }

std::vector<ParityPair> pairs_of(const std::vector<RawQuote>& quotes) {
  std::map<double, std::array<const ChainQuote*, 2>> by_strike;
  for (const auto& raw : quotes)
    if (raw.quote.sign != 0 && two_sided(raw.quote))
      by_strike[raw.quote.strike][raw.quote.sign > 0 ? 0 : 1] = &raw.quote;
  std::vector<ParityPair> pairs;
  for (const auto& [strike, both] : by_strike) {
    if (both[0] == nullptr || both[1] == nullptr) continue;
    const ChainQuote &call = *both[0], &put = *both[1];
    const double half = 0.5 * (call.ask - call.bid + put.ask - put.bid);
    // A tick at least: locked quotes are not exact.
    pairs.push_back(
        {strike, 0.5 * (call.bid + call.ask - put.bid - put.ask), std::max(half, 1e-4 * strike)});
  }
  return pairs;
}

// The forward and discount; what is missing otherwise.
std::optional<std::string> find_forward(const Plan& plan, const std::vector<RawQuote>& quotes,
                                        ChainExpiry* out) {
  const RawQuote& first = quotes.front();
  std::optional<double> discount;
  if (plan.has_rate) discount = std::exp(-first.rate * out->years);
  if (plan.has_forward) {
    for (const auto& raw : quotes)
      if (raw.forward != first.forward)
        return fmt::format(
            "{}: rows {} and {} have different forwards, {} and {}; expected one an expiry",
            out->label, first.quote.row, raw.quote.row, first.forward, raw.forward);
    out->forward = first.forward;
    out->discount = discount.value_or(1.0);
    if (of_prices(plan) && !discount) {
      ParityForward parity;  // the forward is known, the discount is not
      if (!fit_parity(pairs_of(quotes), std::nullopt, &parity))
        return fmt::format(
            "{}: prices need a discount: give --rate, or calls and puts of three strikes",
            out->label);
      out->discount = parity.discount, out->pairs = parity.pairs, out->parity_error = parity.error;
    }
    return std::nullopt;
  }
  ParityForward parity;
  if (fit_parity(pairs_of(quotes), discount, &parity)) {
    out->forward = parity.forward, out->discount = parity.discount;
    out->pairs = parity.pairs, out->parity_error = parity.error;
    out->source = ForwardSource::parity;
    return std::nullopt;
  }
  if (plan.has_spot && discount) {
    out->forward = first.spot * std::exp((first.rate - first.dividend) * out->years);
    out->discount = *discount;
    out->source = ForwardSource::carry;
    return std::nullopt;
  }
  return fmt::format(
      "{}: no forward: expected calls and puts of three strikes with bid and ask (of one "
      "with --rate), or --forward, or --spot and --rate",
      out->label);
}

// Fills in volatilities of one side's prices; NaN where a price has none.
void imply(kernels::Backend& backend, const ChainExpiry& expiry, const RawQuote& terms,
           bool american, const std::vector<double>& price, std::vector<double>& vol) {
  const std::size_t count = price.size();
  std::vector<kernels::ElementStatus> status(count);
  std::vector<double> strike, undiscounted;
  std::vector<std::int8_t> sign;
  for (std::size_t i = 0; i < count; ++i) {
    strike.push_back(expiry.quotes[i].strike);
    sign.push_back(expiry.quotes[i].sign);
    undiscounted.push_back(price[i] > 0 ? price[i] / expiry.discount : 0.0);
  }
  vol.assign(count, 0.0);
  const std::vector<double> years(count, expiry.years);
  if (american) {
    // The yield that carries the spot to the forward of the expiry.
    const double yield = terms.rate - std::log(expiry.forward / terms.spot) / expiry.years;
    std::vector<double> known;
    for (const double p : price) known.push_back(p > 0 ? p : 0.0);
    const std::vector<double> spot(count, terms.spot), rate(count, terms.rate),
        yields(count, yield);
    (void)american_implied_volatility(backend, kernels::AmericanPreset::fast,
                                      {spot, strike, years, rate, yields, {}, sign}, known, vol,
                                      status);
  } else {
    const std::vector<double> forward(count, expiry.forward);
    (void)implied_volatility(backend, kernels::ImpliedModel::black,
                             {sign, undiscounted, forward, strike, years}, vol, status);
  }
  for (std::size_t i = 0; i < count; ++i)
    if (status[i] != kernels::ElementStatus::ok || !(price[i] > 0)) vol[i] = missing_number;
}

// The options to use, in the order of their strikes, with their volatilities.
void fill_quotes(kernels::Backend& backend, const Plan& plan, const ChainSettings& settings,
                 const std::vector<RawQuote>& raws, ChainExpiry* out) {
  std::vector<const RawQuote*> used;
  for (const auto& raw : raws) {
    const bool out_of_the_money =
        raw.quote.sign == 0 || (raw.quote.sign > 0) == (raw.quote.strike >= out->forward);
    const double moneyness = raw.quote.strike / out->forward;
    if (moneyness < settings.least_moneyness || moneyness > settings.most_moneyness) continue;
    if (out_of_the_money || settings.all_options) used.push_back(&raw);
  }
  std::stable_sort(used.begin(), used.end(), [](const RawQuote* a, const RawQuote* b) {
    return a->quote.strike < b->quote.strike;
  });
  std::vector<double> bid, ask;
  for (const RawQuote* raw : used) {
    out->quotes.push_back(raw->quote);
    out->k.push_back(std::log(raw->quote.strike / out->forward));
    bid.push_back(raw->quote.bid), ask.push_back(raw->quote.ask);
    out->bid_vol.push_back(raw->bid_vol), out->ask_vol.push_back(raw->ask_vol);
  }
  if (!of_prices(plan) || used.empty()) return;
  imply(backend, *out, *used.front(), settings.american, bid, out->bid_vol);
  imply(backend, *out, *used.front(), settings.american, ask, out->ask_vol);
}

Result<RawExpiries> read_rows(const ChainSettings& settings, const Plan& plan,
                              const Origins& origins, CsvReader& reader, Chain* chain) {
  auto rows = OptionRows::prepare(reader.header(), origins, plan.wanted, settings.expiry_time);
  if (!rows) return rows.error();
  RawExpiries expiries;
  while (rows->fill(reader, rows_at_once)) {
    for (std::size_t row = 0; row < rows->size(); ++row) {
      ++chain->rows;
      if (rows->bad(row)) {
        if (++chain->bad_rows <= faults_kept) chain->faults.push_back(rows->fault(row));
        continue;
      }
      RawQuote raw = raw_quote(plan, *rows, row);
      raw.quote.row = chain->rows;
      expiries[(*rows)[Q::expiry][row]].push_back(raw);
    }
  }
  if (reader.failure()) return *reader.failure();
  return expiries;
}

}  // namespace

Result<Chain> read_chain(const ChainSettings& settings, kernels::Backend& backend) {
  auto reader = CsvReader::open(settings.input);
  if (!reader) return reader.error();
  const auto origins = Origins::find(reader->header(), settings.flags);
  if (!origins) return origins.error();
  const auto plan = make_plan(*origins, settings);
  if (!plan) return plan.error();
  Chain chain;
  chain.american = settings.american;
  const auto expiries = read_rows(settings, *plan, *origins, *reader, &chain);
  if (!expiries) return expiries.error();
  std::optional<Moment> as_of;
  if ((*origins)[Q::as_of].constant) as_of = parse_moment(*(*origins)[Q::as_of].constant);
  for (const auto& [years, quotes] : *expiries) {
    ChainExpiry expiry;
    expiry.years = years;
    expiry.label = as_of ? format_day(as_of->days + years * days_per_year + 1e-9)
                         : fmt::format("{:.4f} years", years);
    if (years * days_per_year < settings.least_days) {
      chain.left_out.push_back(fmt::format("{}: shorter than --min-days", expiry.label));
      continue;
    }
    if (const auto why = find_forward(*plan, quotes, &expiry)) {
      chain.left_out.push_back(*why);
      continue;
    }
    fill_quotes(backend, *plan, settings, quotes, &expiry);
    chain.expiries.push_back(std::move(expiry));
  }
  if (chain.expiries.empty()) {
    std::string why = chain.left_out.empty() ? "it has no good rows" : chain.left_out.front();
    if (!chain.faults.empty()) why = chain.faults.front();
    return Error{Errc::invalid_argument,
                 fmt::format("{}: no expiry can be used: {}", reader->name(), why)};
  }
  return chain;
}

}  // namespace zomma::cli
