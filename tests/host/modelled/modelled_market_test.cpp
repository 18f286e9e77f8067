// The modelled market as a whole, on real prices: what it lists and quotes, what it may not know,
// and what a chain makes of it.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <tuple>

#include "market/feeds/modelled/source.h"
#include "market/options/announcement.h"
#include "market/options/chain.h"
#include "market/options/open_interest.h"
#include "support/shared_data.h"

using namespace zomma;
using namespace zomma::modelled;

namespace {

const std::string bundled = ZOMMA_SOURCE_DIR "/examples/data/us_daily";

Model model_with_rate() {
  Model model;
  model.rates = {{19980101, 0.01}};
  return model;
}

Options options_of(options::Date from, options::Date to) {
  Options options;
  options.prices_dir = bundled;
  options.underlyings = {"SPY"};
  options.from = from, options.to = to;
  options.model = model_with_rate();
  return options;
}

std::vector<Instrument> instruments_of(const lean::Discovery& found) {
  std::vector<Instrument> instruments(1);
  instruments[0].id = {0};
  instruments[0].symbol = "SPY";
  instruments[0].price_digits = 4;
  for (const auto& contract : found.contracts) {
    Instrument option;
    option.id = {static_cast<std::uint32_t>(instruments.size())};
    option.symbol = *lean::occ_symbol(contract.key);
    option.price_digits = 4;
    option.option = OptionTerms{
        "SPY", contract.key.expiry, {contract.key.strike}, contract.key.put, contract.american};
    instruments.push_back(option);
  }
  return instruments;
}

std::vector<zm_event> events_of(const Options& options, std::span<const Instrument> instruments) {
  const auto source = Source::open(options, instruments);
  REQUIRE(source);
  EventBuffer buffer(1 << 16);
  for (;;) {
    const auto count = (*source)->read(buffer);
    REQUIRE(count);
    if (*count == 0) break;
  }
  CHECK((*source)->counters().unknown_symbol == 0);
  CHECK((*source)->counters().lost == 0);
  return {buffer.events().begin(), buffer.events().end()};
}

using QuoteKey = std::tuple<std::size_t, options::Date, std::int64_t, bool>;
std::map<QuoteKey, std::pair<std::int64_t, std::int64_t>> quotes_until(Market& market,
                                                                       std::size_t last) {
  std::map<QuoteKey, std::pair<std::int64_t, std::int64_t>> all;
  for (std::size_t s = market.begin(); s <= last; ++s)
    for (const Market::Expiry& expiry : market.expiries())
      market.quotes(s, expiry, [&](std::size_t at, bool put, const Quote& quote) {
        all[{s, expiry.date, expiry.grid.strike(at), put}] = {quote.bid, quote.ask};
      });
  return all;
}

// The strike of a variance swap: log contract replicated on the slice, as the VIX does.
double variance_swap_vol(const ExpiryTerms& terms) {
  const kernels::RawSvi slice =
      kernels::to_raw(kernels::slice_at(terms.smile, terms.total_variance));
  // E[-2 ln(S/F)] with normal variable z = d2 mapped along the slice (Gatheral 2006, eq. 11.5):
  // the integral of w over the normal density of d2(k).
  double sum = 0;
  const double step = 1e-3;
  const auto d2 = [&](double k) {
    const double w = kernels::total_variance(slice, k).w;
    return -k / std::sqrt(w) - 0.5 * std::sqrt(w);
  };
  for (double k = -1.5; k < 1.5; k += step) {
    const double a = d2(k), b = d2(k + step);
    const double z = 0.5 * (a + b);
    sum += kernels::total_variance(slice, k + 0.5 * step).w * std::exp(-0.5 * z * z) *
           std::fabs(b - a);
  }
  return std::sqrt(sum / std::sqrt(2 * M_PI) / terms.years);
}

}  // namespace

TEST_CASE("what is quoted on a day does not depend on what comes after it") {
  auto early = Market::open(bundled, "SPY", 20160104, 20160331, model_with_rate());
  auto late = Market::open(bundled, "SPY", 20160104, 20161230, model_with_rate());
  REQUIRE((early && late));
  CHECK(early->begin() == late->begin());
  const std::size_t last = early->end() - 1;
  // Dividends are declared before they are paid, so the last days of the shorter file know less.
  const std::size_t declared = last - 10;
  const auto before = quotes_until(*early, declared), after = quotes_until(*late, declared);
  CHECK(before.size() > 20'000);
  CHECK(before == after);
}

TEST_CASE("dividends are expected from the past year until they are declared") {
  // SPY went ex on 20 March, 19 June, 18 September and 18 December 2015 with 0.93, 1.03, 1.033,
  // 1.212.
  auto market = Market::open(bundled, "SPY", 20160104, 20160331, model_with_rate());
  REQUIRE(market);
  const auto expected = market->expected_dividends(market->begin(), 20161231);
  REQUIRE(expected.size() == 4);
  CHECK(expected[0].ex_date == 20160318);  // 52 weeks after 20 March 2015
  CHECK(expected[0].amount == Approx(0.93).margin(0.01));
  CHECK(expected[3].ex_date == 20161216);
  // 10 March: that of 18 March is declared (1.05), and not expected a second time.
  std::size_t tenth = market->begin();
  while (market->history().sessions[tenth].date < 20160310) ++tenth;
  const auto declared = market->expected_dividends(tenth, 20160430);
  REQUIRE(declared.size() == 1);
  CHECK(declared[0].amount == Approx(1.05).margin(0.01));
}

TEST_CASE("the recording quotes every listed option once a session, in one batch, within bounds") {
  const Options options = options_of(20151201, 20151231);
  const auto found = discover(options);
  REQUIRE(found);
  CHECK(found->first_date == 20151201);
  CHECK(found->last_date == 20151231);
  CHECK(found->first_problem == std::nullopt);
  const auto instruments = instruments_of(*found);
  const auto events = events_of(options, instruments);
  std::size_t batches = 0, dividends = 0, announcements = 0, closes = 0;
  std::int64_t spot = 0;
  std::map<std::uint32_t, std::int64_t> quoted;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const zm_event& event = events[i];
    if (i > 0) CHECK(event.ts_ns >= events[i - 1].ts_ns);
    const bool last = (event.flags & ZM_FLAG_LAST) != 0;
    batches += last;
    if (!last) CHECK(events[i + 1].ts_ns == event.ts_ns);
    dividends += event.kind == ZM_EVENT_CORPORATE;
    announcements += event.kind == options::event_announcement;
    if (event.kind == ZM_EVENT_TRADE) spot = event.u.trade.price, ++closes;
    if (event.kind != ZM_EVENT_QUOTE || event.instrument == 0) continue;
    REQUIRE(quoted[event.instrument] != event.ts_ns);
    quoted[event.instrument] = event.ts_ns;
    const OptionTerms& terms = *instruments[event.instrument].option;
    const std::int64_t exercise = terms.put ? terms.strike.value - spot : spot - terms.strike.value;
    const zm_quote& quote = event.u.quote;
    CHECK(quote.ask_price % 100 == 0);
    CHECK(quote.ask_price >= exercise);
    CHECK(quote.bid_price < quote.ask_price);  // ZM_NO_PRICE is the least number
  }
  CHECK(closes == 22);  // sessions of December 2015
  CHECK(dividends == 1);
  CHECK(announcements == 1);  // two weeks before
  CHECK(batches == 24);
  CHECK(quoted.size() == found->contracts.size());
}

TEST_CASE("a chain implies the vols and forwards that the model put into it") {
  const Options options = options_of(20151201, 20151202);
  const auto found = discover(options);
  REQUIRE(found);
  const auto instruments = instruments_of(*found);
  std::vector<options::ChainBook::Member> members;
  for (const Instrument& one : instruments) {
    if (!one.option) continue;
    zm_contract terms{};
    terms.instrument = one.id.value;
    terms.flags = ZM_CONTRACT_AMERICAN | (one.option->put ? std::uint32_t{ZM_CONTRACT_PUT} : 0u);
    terms.expiry_date = one.option->expiry;
    terms.strike = one.option->strike.value;
    terms.expiry_ns =
        options::session_times(options::settlement_day(one.option->expiry))->close.value;
    members.push_back({terms, 4});
  }
  options::ChainSettings settings;
  settings.rates = {{0, 0.01}};
  settings.modelled = true;
  options::ChainBook chain(0, 4, members, settings);
  for (const zm_event& event : events_of(options, instruments)) {
    chain.on_event(event);
    if ((event.flags & ZM_FLAG_LAST) != 0) chain.refresh(event.ts_ns);
  }
  auto market = Market::open(bundled, "SPY", 20151201, 20151202, options.model);
  REQUIRE(market);
  const zm_chain view = chain.view();
  CHECK((view.flags & ZM_CHAIN_MODELLED) != 0);
  CHECK((view.flags & ZM_CHAIN_SUSPECT) == 0);
  REQUIRE(view.expiry_count == market->expiries().size());
  std::vector<double> errors;
  for (std::uint32_t e = 0; e < view.expiry_count; ++e) {
    const ExpiryTerms terms = market->terms(market->end() - 1, market->expiries()[e]);
    const double forward = (terms.spot - terms.dividends) * std::exp(terms.rate * terms.years);
    const zm_chain_expiry& expiry = view.expiries[e];
    INFO("expiry " << expiry.date);
    // By parity of American quotes, which early exercise bends the more the longer they live.
    CHECK(expiry.forward == Approx(forward).epsilon(terms.years < 0.2 ? 0.001 : 0.003));
    for (std::uint32_t i = expiry.first; i < expiry.first + expiry.count; ++i) {
      const double strike = static_cast<double>(view.contracts[i].strike) * 1e-4;
      if (std::fabs(std::log(strike / terms.spot)) > std::sqrt(terms.total_variance)) continue;
      errors.push_back(std::fabs(view.implied_vol[i] - smile_vol(terms, strike)));
    }
  }
  REQUIRE(errors.size() > 100);
  std::sort(errors.begin(), errors.end());
  CHECK(errors[errors.size() / 2] < 0.005);
  CHECK(errors.back() < 0.03);
}

TEST_CASE("prices that do not reach back far enough are refused with what there is") {
  const auto market = Market::open(bundled, "SPY", 20140102, 20140601, model_with_rate());
  REQUIRE_FALSE(market);
  CHECK(market.error().code == Errc::not_found);
  CHECK(market.error().message.find("103 sessions up to 20140601") != std::string::npos);
}

TEST_CASE("the modelled month of SPY moves with the VIX") {
  ZOMMA_SHARED_DATA(prices, "prices/daily/spy.zip");
  ZOMMA_SHARED_DATA(vix_file, "prices/vix-daily.csv");
  std::map<options::Date, double> vix;
  std::ifstream file(vix_file);
  for (std::string line; std::getline(file, line);) {
    int y = 0, m = 0, d = 0;
    double open = 0, high = 0, low = 0, close = 0;
    if (std::sscanf(line.c_str(), "%d-%d-%d,%lf,%lf,%lf,%lf", &y, &m, &d, &open, &high, &low,
                    &close) == 7)
      vix[static_cast<options::Date>(y * 10'000 + m * 100 + d)] = close / 100;
  }
  auto market = Market::open(prices.substr(0, prices.find("/daily/spy.zip")), "SPY", 20120101,
                             20201231, model_with_rate());
  REQUIRE(market);
  std::vector<double> ours, theirs, ratios;
  for (std::size_t s = market->begin(); s < market->end(); ++s) {
    const auto found = vix.find(market->history().sessions[s].date);
    if (found == vix.end()) continue;
    ExpiryTerms terms;
    terms.smile = market->model().volatility.smile;
    terms.years = 30.0 / 365.0;
    terms.total_variance =
        total_variance(market->level(s), market->model().volatility.reversion, terms.years);
    ours.push_back(variance_swap_vol(terms));
    theirs.push_back(found->second);
    ratios.push_back(ours.back() / theirs.back());
  }
  REQUIRE(ours.size() > 2000);
  double mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;
  const auto count = static_cast<double>(ours.size());
  for (std::size_t i = 0; i < ours.size(); ++i)
    mean_x += ours[i] / count, mean_y += theirs[i] / count;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const double x = ours[i] - mean_x, y = theirs[i] - mean_y;
    xx += x * x, yy += y * y, xy += x * y;
  }
  const double correlation = xy / std::sqrt(xx * yy);
  std::sort(ratios.begin(), ratios.end());
  const double median = ratios[ratios.size() / 2];
  WARN("correlation " << correlation << ", median ratio " << median);
  CHECK(correlation > 0.85);
  CHECK(median > 0.9);
  CHECK(median < 1.1);
}
