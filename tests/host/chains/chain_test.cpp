// A chain says what its quotes imply, says why where it says nothing, and says the same in every
// run.
#include <zomma/kernels/american.h>
#include <catch2/catch.hpp>

#include <cmath>
#include <cstring>
#include <map>

#include "market/feeds/file/zip_archive.h"
#include "market/feeds/lean/source.h"
#include "market/options/calendar.h"
#include "market/options/chain.h"
#include "market/options/parity.h"
#include "support/shared_data.h"

using namespace zomma;
using options::ChainBook;

namespace {

struct Session {
  std::vector<Instrument> instruments;
  std::vector<ChainBook::Member> members;
  std::vector<zm_event> events;
  lean::RowCounters rows;
};

zm_contract contract_of(std::uint32_t id, std::uint32_t expiry, std::int64_t strike, bool put,
                        bool american) {
  zm_contract contract{};
  contract.instrument = id;
  contract.flags = (put ? std::uint32_t{ZM_CONTRACT_PUT} : 0u) |
                   (american ? std::uint32_t{ZM_CONTRACT_AMERICAN} : 0u);
  contract.expiry_date = expiry;
  contract.last_trade_ns = contract.expiry_ns = options::new_york(expiry, 16, 0).value;
  contract.strike = strike;
  contract.multiplier = contract.deliverable = 100;
  return contract;
}

// The minutes of GOOG on 2015-12-24.
Session goog(const std::string& path) {
  Session session;
  lean::Options options;
  options.options_dir = path.substr(0, path.rfind("/minute"));
  options.underlyings = {"GOOG"};
  options.resolution = lean::Resolution::minute;
  const auto found = lean::discover(options);
  REQUIRE(found);
  Instrument stock;
  stock.id = {0};
  stock.symbol = "GOOG";
  stock.price_digits = 4;
  session.instruments.push_back(stock);
  for (const auto& contract : found->contracts) {
    Instrument option = stock;
    option.id = {static_cast<std::uint32_t>(session.instruments.size())};
    option.symbol = *lean::occ_symbol(contract.key);
    option.option =
        OptionTerms{"GOOG", contract.key.expiry, {contract.key.strike}, contract.key.put};
    session.members.push_back({contract_of(option.id.value, contract.key.expiry,
                                           contract.key.strike, contract.key.put, true),
                               4});
    session.instruments.push_back(option);
  }
  const auto source = lean::Source::open(options, session.instruments);
  REQUIRE(source);
  EventBuffer buffer(1 << 20);
  for (;;) {
    const auto count = (*source)->read(buffer);
    REQUIRE(count);
    if (*count == 0) break;
  }
  session.events.assign(buffer.events().begin(), buffer.events().end());
  session.rows = (*source)->rows();
  return session;
}

options::ChainSettings settings() {
  options::ChainSettings out;
  out.rates = {{0, 0.0075}};
  return out;
}

zm_event quote(std::uint32_t instrument, std::int64_t ts, double bid, double ask) {
  zm_event event{};
  event.ts_ns = ts;
  event.instrument = instrument;
  event.kind = ZM_EVENT_QUOTE;
  const auto price = [](double value) {
    return value < 0 ? ZM_NO_PRICE : static_cast<zm_price>(std::llround(value * 1e4));
  };
  event.u.quote = {price(bid), price(ask), 10, 10};
  return event;
}

}  // namespace

TEST_CASE("parity and forwards of GOOG at noon of 2015-12-24") {
  ZOMMA_SHARED_DATA(path, "options/lean/minute/goog/20151224_quote_american.zip");
  const Session session = goog(path);
  CHECK(session.members.size() == 2192);
  CHECK(session.rows.crossed == 0);
  // Bars are stamped with their beginning: the one of 12:00 is heard a minute later.
  const std::int64_t noon =
      options::new_york(20151224, 0, 0).value + (12 * 60 + 1) * 60'000'000'000LL;
  const auto archive = ZipArchive::open(path);
  REQUIRE(archive);
  lean::RowContext context;
  context.file = path;
  context.instrument = {0};
  context.scale = {4, 4};
  context.midnight_ns = options::new_york(20151224, 0, 0).value;
  context.bar_ns = 60'000'000'000;
  context.carry = false;  // bars that moved on both sides
  std::map<std::uint32_t, std::map<std::int64_t, std::map<bool, zm_quote>>> chain;
  std::uint64_t quotes = 0, two_sided = 0;
  std::string text;
  for (const ZipEntry& entry : archive->entries()) {
    REQUIRE(archive->read(entry, text));
    const lean::ContractKey key = lean::parse_entry_name(entry.name)->contract;
    lean::Rows rows;
    read_quote_bars(text, context, rows);
    quotes += rows.events.size();
    for (const zm_event& event : rows.events) {
      if (event.u.quote.bid_price == ZM_NO_PRICE || event.u.quote.ask_price == ZM_NO_PRICE)
        continue;
      ++two_sided;
      if (event.ts_ns <= noon) chain[key.expiry][key.strike][key.put] = event.u.quote;
    }
  }
  CHECK(quotes == 275'552);
  CHECK(two_sided == 163'230);
  const std::map<std::uint32_t, double> printed{
      {20151224, 750.74}, {20151231, 750.70}, {20160108, 750.63}, {20160115, 750.97},
      {20160122, 750.75}, {20160129, 750.99}, {20160205, 750.49}, {20160219, 751.32},
      {20160318, 751.70}, {20160617, 753.13}, {20170120, 755.97}, {20180119, 759.32}};
  std::size_t pairs = 0, inside = 0;
  for (const auto& [expiry, strikes] : chain) {
    std::vector<options::ParityPair> wanted;
    for (const auto& [strike, sides] : strikes) {
      if (sides.size() != 2 || strike <= 6'500'000 || strike >= 8'500'000) continue;
      const zm_quote &call = sides.at(false), &put = sides.at(true);
      wanted.push_back(
          {static_cast<double>(strike) * 1e-4,
           static_cast<double>(call.bid_price + call.ask_price) * 0.5e-4,
           static_cast<double>(put.bid_price + put.ask_price) * 0.5e-4,
           static_cast<double>(call.ask_price - call.bid_price + put.ask_price - put.bid_price) *
               0.5e-4});
    }
    const options::ParityForward fit = options::fit_parity(wanted);
    pairs += fit.pairs;
    inside += fit.inside;
    INFO(expiry);
    CHECK(std::fabs(fit.forward - printed.at(expiry)) <= 0.005001);
  }
  CHECK(chain.size() == 12);
  CHECK(pairs == 435);
  CHECK(inside == 435);
}

namespace {

// Undiscounted value of a call under Black.
double black_call(double forward, double strike, double variance) {
  const double s = std::sqrt(variance), d = std::log(forward / strike) / s + 0.5 * s;
  const auto normal = [](double x) { return 0.5 * std::erfc(-x * std::sqrt(0.5)); };
  return forward * normal(d) - strike * normal(d - s);
}

// By the definitions, in prices: calls convex in the strike at every expiry, total variance not
// falling from one expiry to the next at equal ln(strike / forward).
int violations(const ChainBook& chain) {
  const zm_chain view = chain.view();
  int found = 0;
  constexpr int points = 280;
  std::vector<double> before;
  for (std::uint32_t e = 0; e < view.expiry_count; ++e) {
    const zm_chain_expiry& expiry = view.expiries[e];
    std::vector<double> w, strike, call;
    for (int i = 0; i <= points; ++i) {
      strike.push_back(expiry.forward * std::exp(-1.4 + 2.8 * i / points));
      const double vol = chain.surface_vol(strike.back(), expiry.years);
      w.push_back(vol * vol * expiry.years);
      call.push_back(black_call(expiry.forward, strike.back(), w.back()));
    }
    if (std::isnan(w[0])) continue;
    for (std::size_t i = 1; i + 1 < w.size(); ++i)
      found += (call[i + 1] - call[i]) / (strike[i + 1] - strike[i]) <
               (call[i] - call[i - 1]) / (strike[i] - strike[i - 1]) - 1e-10;
    for (std::size_t i = 0; i < before.size(); ++i) found += w[i] < before[i] * (1 - 1e-9);
    before = w;
  }
  return found;
}

// Share of the quotes that the surface meets between bid and ask.
double inside(const zm_chain& view) {
  double sum = 0, quotes = 0;
  for (std::uint32_t e = 0; e < view.expiry_count; ++e) {
    const zm_chain_expiry& expiry = view.expiries[e];
    double ok = 0;
    for (std::uint32_t i = expiry.first; i < expiry.first + expiry.count; ++i)
      ok += view.status[i] == ZM_CHAIN_OK;
    if (!std::isnan(expiry.fit_inside)) sum += expiry.fit_inside * ok, quotes += ok;
  }
  return sum / quotes;
}

}  // namespace

TEST_CASE("the surface of GOOG's chain is free of arbitrage and inside its quotes all session") {
  ZOMMA_SHARED_DATA(path, "options/lean/minute/goog/20151224_quote_american.zip");
  const Session session = goog(path);
  ChainBook first(0, 4, session.members, settings()), second(0, 4, session.members, settings());
  int minutes = 0;
  for (const zm_event& event : session.events) {
    for (ChainBook* chain : {&first, &second}) {
      chain->on_event(event);
      if ((event.flags & ZM_FLAG_LAST) != 0) chain->refresh(event.ts_ns);
    }
    if ((event.flags & ZM_FLAG_LAST) == 0 || ++minutes % 15 != 0) continue;
    const zm_chain view = first.view(), other = second.view();
    INFO("minute " << minutes);
    CHECK(violations(first) == 0);
    CHECK((view.flags & ZM_CHAIN_ARBITRAGE) == 0);
    CHECK(inside(view) >= 0.95);
    CHECK(std::memcmp(view.implied_vol, other.implied_vol, view.count * sizeof(double)) == 0);
    CHECK(std::memcmp(view.surface_vol, other.surface_vol, view.count * sizeof(double)) == 0);
  }
  CHECK(minutes > 210);
}

TEST_CASE(
    "vols of a surface stay while its time runs off, and an expiry that comes late is fitted") {
  const std::int64_t minute = 60'000'000'000, now = options::new_york(20151201, 12, 0).value;
  std::vector<ChainBook::Member> members;
  std::uint32_t id = 1;
  for (const std::uint32_t expiry : {20151211u, 20160115u})
    for (std::int64_t strike = 80; strike <= 120; strike += 4)
      for (const bool put : {false, true})
        members.push_back({contract_of(id++, expiry, strike * 10'000, put, false), 4});
  ChainBook chain(0, 4, members, {});
  const auto quote_expiry = [&](std::uint32_t expiry, std::int64_t ts) {
    for (const ChainBook::Member& member : members) {
      if (member.contract.expiry_date != expiry) continue;
      const double years = static_cast<double>(member.contract.expiry_ns - ts) / (365.0 * 86'400e9);
      const double strike = static_cast<double>(member.contract.strike) * 1e-4;
      const double call = black_call(100, strike, 0.09 * years);
      const double mid =
          (member.contract.flags & ZM_CONTRACT_PUT) != 0 ? call + strike - 100 : call;
      if (mid > 0.02) chain.on_event(quote(member.contract.instrument, ts, mid - 0.02, mid + 0.02));
    }
  };
  quote_expiry(20160115, now);
  chain.refresh(now);
  const double years = chain.view().expiries[1].years;
  CHECK(chain.surface_vol(100, years) == Approx(0.3).margin(1e-3));
  // Within the five minutes between two fits.
  quote_expiry(20151211, now + minute);
  chain.refresh(now + minute);
  CHECK(chain.surface_vol(100, chain.view().expiries[0].years) == Approx(0.3).margin(1e-3));
  CHECK(chain.view().surface_ns == now + minute);
  const double before = chain.surface_vol(104, chain.view().expiries[0].years);
  quote_expiry(20151211, now + 4 * minute);
  chain.refresh(now + 4 * minute);
  CHECK(chain.view().surface_ns == now + minute);
  CHECK(chain.surface_vol(104, chain.view().expiries[0].years) == Approx(before).epsilon(1e-4));
}

TEST_CASE("a single pair gives a forward by the rate, none gives none") {
  const options::ParityPair pair{100, 12, 5, 0.1};
  CHECK(options::fit_parity({&pair, 1}, 0.9).forward == Approx(100 + 7 / 0.9));
  CHECK(options::fit_parity({&pair, 1}, 0.9).pairs == 1);
  CHECK(std::isnan(options::fit_parity({&pair, 1}).forward));
  CHECK(std::isnan(options::fit_parity({}, 0.9).forward));
}

TEST_CASE("American quotes give back the forward, vol, price and Greeks that made them") {
  const std::int64_t now = options::new_york(20230601, 12, 0).value;
  constexpr double spot = 100, vol = 0.3, rate = 0.05, yield = 0.01;
  std::vector<ChainBook::Member> members;
  std::uint32_t id = 1;
  for (std::int64_t strike = 60; strike <= 150; strike += 5)
    for (const bool put : {false, true})
      members.push_back({contract_of(id++, 20240621, strike * 10'000, put, true), 4});
  options::ChainSettings rules;
  rules.rates = {{0, rate}};
  ChainBook chain(0, 4, members, rules);
  const std::size_t n = members.size();
  const double years =
      static_cast<double>(members[0].contract.expiry_ns - now) / (365.0 * 86'400e9);
  const std::vector<double> s(n, spot), t(n, years), r(n, rate), q(n, yield), v(n, vol);
  std::vector<double> strike, price(n), delta(n), gamma(n), theta(n);
  std::vector<std::int8_t> sign;
  for (const ChainBook::Member& member : members) {
    strike.push_back(static_cast<double>(member.contract.strike) * 1e-4);
    sign.push_back((member.contract.flags & ZM_CONTRACT_PUT) != 0 ? -1 : 1);
  }
  std::vector<zomma::kernels::ElementStatus> status(n);
  const auto backend = zomma::kernels::make_cpu_backend(1);
  REQUIRE(zomma::kernels::american_price(
              *backend, zomma::kernels::AmericanPreset::accurate, {s, strike, t, r, q, v, sign},
              {price, delta, gamma, theta, {}, {}, {}, status}) == zomma::kernels::Status::ok);
  chain.on_event(quote(0, now, spot, spot));
  for (std::size_t i = 0; i < n; ++i)
    chain.on_event(quote(members[i].contract.instrument, now, price[i] - 0.01, price[i] + 0.01));
  chain.refresh(now);
  const zm_chain view = chain.view();
  CHECK(view.expiries[0].forward == Approx(spot * std::exp((rate - yield) * years)).margin(0.01));
  int due = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const bool intrinsic = sign[i] < 0 && price[i] < strike[i] - spot + 1e-9;
    INFO("strike " << strike[i] << (sign[i] < 0 ? " put" : " call"));
    due += intrinsic;
    if (!intrinsic) CHECK(view.implied_vol[i] == Approx(vol).margin(0.001));
    CHECK(view.model_price[i] == Approx(price[i]).margin(0.02));
    CHECK(view.delta[i] == Approx(delta[i]).margin(0.002));
    CHECK(view.gamma[i] == Approx(gamma[i]).margin(0.0005));
    CHECK(view.theta[i] == Approx(theta[i]).margin(0.15));
  }
  CHECK(due > 0);
}

TEST_CASE("an option without two sides has Greeks at the surface's vol") {
  const std::int64_t now = options::new_york(20151201, 12, 0).value;
  std::vector<ChainBook::Member> members;
  std::uint32_t id = 1;
  for (std::int64_t strike = 80; strike <= 120; strike += 4)
    for (const bool put : {false, true})
      members.push_back({contract_of(id++, 20160115, strike * 10'000, put, false), 4});
  ChainBook chain(0, 4, members, {});
  const double years =
      static_cast<double>(members[0].contract.expiry_ns - now) / (365.0 * 86'400e9);
  for (const ChainBook::Member& member : members) {
    const double strike = static_cast<double>(member.contract.strike) * 1e-4;
    const double call = black_call(100, strike, 0.09 * years);
    const bool put = (member.contract.flags & ZM_CONTRACT_PUT) != 0;
    const double mid = put ? call + strike - 100 : call;
    const bool alone = strike == 84 && put;
    chain.on_event(quote(member.contract.instrument, now, alone ? -1 : std::max(mid - 0.02, 0.01),
                         mid + 0.02));
  }
  chain.refresh(now);
  const zm_chain view = chain.view();
  REQUIRE(view.status[3] == ZM_CHAIN_ONE_SIDED);
  CHECK(std::isnan(view.implied_vol[3]));
  CHECK(view.surface_vol[3] == Approx(0.3).margin(0.01));
  CHECK(view.delta[3] < 0);
  CHECK(view.delta[3] > view.delta[5]);  // less than that of the next strike's put
}

TEST_CASE("every element says why it has no analytics") {
  const std::int64_t day = 86'400'000'000'000, now = options::new_york(20151201, 12, 0).value;
  std::vector<ChainBook::Member> members;
  std::uint32_t id = 1;
  for (const std::int64_t strike : {90, 95, 100, 105, 110})
    for (const bool put : {false, true})
      members.push_back({contract_of(id++, 20160115, strike * 10'000, put, false), 4});
  options::ChainSettings rules;
  rules.max_age_ns = day;
  ChainBook chain(0, 4, members, rules);
  chain.on_event(quote(0, now, 99.99, 100.01));
  const double calls[] = {10.4, 6.4, 3.5, 1.6, 0.6}, puts[] = {0.4, 1.4, 3.5, 6.6, 10.6};
  for (std::uint32_t i = 0; i < 5; ++i) {
    chain.on_event(quote(1 + 2 * i, now, calls[i] - 0.05, calls[i] + 0.05));
    chain.on_event(quote(2 + 2 * i, now, puts[i] - 0.05, puts[i] + 0.05));
  }
  chain.refresh(now);
  zm_chain view = chain.view();
  REQUIRE(view.count == 10);
  for (std::uint32_t i = 0; i < 10; ++i) CHECK(view.status[i] == ZM_CHAIN_OK);
  CHECK(view.expiries[0].forward == Approx(100).margin(0.02));
  CHECK(view.implied_vol[4] == Approx(0.25).margin(0.02));
  CHECK(view.delta[4] > 0);
  CHECK(view.delta[5] < 0);
  zm_event crossed = quote(1, now + 1, 12, 11);
  chain.on_event(crossed);
  chain.on_event(quote(2, now + 1, -1, 0.5));
  chain.on_event(quote(3, now + 1, -1, -1));
  chain.refresh(now + 1);
  view = chain.view();
  CHECK(view.status[0] == ZM_CHAIN_CROSSED);
  CHECK(view.status[1] == ZM_CHAIN_ONE_SIDED);
  CHECK(view.status[2] == ZM_CHAIN_NO_QUOTE);
  CHECK(std::isnan(view.implied_vol[0]));
  chain.refresh(now + 2 * day);
  view = chain.view();
  CHECK(view.status[5] == ZM_CHAIN_OLD);
  CHECK((view.flags & ZM_CHAIN_SUSPECT) != 0);

  ArchiveWriter saved;
  chain.save(saved);
  ChainBook restored(0, 4, members, rules);
  ArchiveReader reader(saved.bytes());
  restored.load(reader);
  CHECK(reader.ok());
  CHECK(std::memcmp(restored.view().status, chain.view().status, 10 * sizeof(std::uint32_t)) == 0);
  chain.refresh(options::new_york(20160116, 12, 0).value);
  CHECK(chain.view().count == 0);  // all expired
}
