// Data that cannot be believed: refused or flagged, and never a price to trade on.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "market/feeds/lean/source.h"
#include "market/options/calendar.h"
#include "market/options/chain.h"
#include "support/shared_data.h"

using namespace zomma;
using options::ChainBook;

namespace {

namespace fs = std::filesystem;

// A folder that goes with the test.
struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "zomma_lean_XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
  }
  fs::path path;
};

struct Run {
  std::vector<Instrument> instruments;
  std::vector<ChainBook::Member> members;
  std::vector<zm_event> events;
  lean::RowCounters rows;
  std::optional<Error> problem;
};

Run run_of(const lean::Options& options) {
  Run run;
  const auto found = lean::discover(options);
  REQUIRE(found);
  Instrument stock;
  stock.id = {0};
  stock.symbol = options.underlyings[0];
  stock.price_digits = 4;
  run.instruments.push_back(stock);
  for (const auto& one : found->contracts) {
    Instrument option = stock;
    option.id = {static_cast<std::uint32_t>(run.instruments.size())};
    option.symbol = *lean::occ_symbol(one.key);
    option.option = OptionTerms{stock.symbol, one.key.expiry, {one.key.strike}, one.key.put};
    zm_contract terms{};
    terms.instrument = option.id.value;
    if (one.american) terms.flags |= ZM_CONTRACT_AMERICAN;
    if (one.key.put) terms.flags |= ZM_CONTRACT_PUT;
    terms.expiry_date = one.key.expiry;
    terms.strike = one.key.strike;
    terms.expiry_ns = options::session_close(one.key.expiry).value;
    run.members.push_back({terms, 4});
    run.instruments.push_back(std::move(option));
  }
  const auto source = lean::Source::open(options, run.instruments);
  REQUIRE(source);
  EventBuffer buffer;
  for (;;) {
    const auto count = (*source)->read(buffer);
    REQUIRE(count);
    if (*count == 0) break;
  }
  run.events.assign(buffer.events().begin(), buffer.events().end());
  run.rows = (*source)->rows();
  run.problem = (*source)->first_problem();
  return run;
}

constexpr const char* header =
    "#expiry,strike,right,open,high,low,close,volume,open_interest,implied_volatility\n";

}  // namespace

TEST_CASE(
    "SPXW on 2021-01-06: seven crossed quotes and one of one side, and no underlying at all") {
  ZOMMA_SHARED_DATA(path, "options/lean/minute/spxw/20210106_quote_european.zip");
  lean::Options options;
  const Folder folder;  // with nothing else in it
  fs::create_directories(folder.path / "minute/spxw");
  fs::copy(path, folder.path / "minute/spxw");
  options.options_dir = folder.path.string();
  options.underlyings = {"SPX"};
  options.resolution = lean::Resolution::minute;
  options.from = options.to = 20210106;
  const Run run = run_of(options);
  CHECK(run.rows.crossed == 7);
  CHECK(run.rows.one_sided == 1);
  REQUIRE(run.problem);
  CHECK(run.problem->message.find("20210106_quote_european.zip: 20210106_spxw_minute_quote_"
                                  "european_") != std::string::npos);
  CHECK(run.problem->message.find(": line ") != std::string::npos);
  ChainBook chain(0, 4, run.members, {});
  std::size_t suspect = 0, crossed_seen = 0;
  for (const zm_event& event : run.events) {
    CHECK(event.instrument != 0);
    suspect += (event.flags & ZM_FLAG_SUSPECT) != 0;
    chain.on_event(event);
    if ((event.flags & ZM_FLAG_LAST) == 0) continue;
    chain.refresh(event.ts_ns);
    const zm_chain view = chain.view();
    for (std::uint32_t i = 0; i < view.count; ++i) {
      if (view.status[i] != ZM_CHAIN_CROSSED) continue;
      ++crossed_seen;
      CHECK(std::isnan(view.implied_vol[i]));
      CHECK(std::isnan(view.ask[i]));  // nothing to trade at
    }
    CHECK(std::isnan(view.spot));
  }
  CHECK(suspect == 7);
  CHECK(crossed_seen >= 7);  // each stood until its contract's next minute
}

TEST_CASE("days without a chain between two with one are counted, weekends and holidays are none") {
  const Folder folder;
  const std::string row = "20150220,100,C,5,5,5,5,1,1,0\n20150220,100,P,5,5,5,5,1,1,0\n";
  // A Friday, and the Wednesday after Martin Luther King's day: Tuesday is missing.
  for (const char* day : {"20150116", "20150121", "20150122"})
    folder.write(std::string("universes/xyz/") + day + ".csv", header + row);
  lean::Options options;
  options.options_dir = folder.path.string();
  options.underlyings = {"XYZ"};
  const Run run = run_of(options);
  CHECK(run.rows.holes == 1);
  CHECK_FALSE(run.problem);
}

TEST_CASE("a session of zeros between good ones leaves the quotes before it to grow old") {
  const Folder folder;
  std::string good = header, zero = header;
  for (int strike = 90; strike <= 110; strike += 5)
    for (const char* right : {"C", "P"}) {
      const std::string key = "20150320," + std::to_string(strike) + "," + right + ",";
      const double value = 5 + std::max(0, *right == 'C' ? 100 - strike : strike - 100);
      good += key + "1,1,1," + std::to_string(value) + ",1,1,0\n";
      zero += key + "0,0,0,0,0,0,0\n";
    }
  folder.write("universes/xyz/20150105.csv", good);
  folder.write("universes/xyz/20150106.csv", zero);
  lean::Options options;
  options.options_dir = folder.path.string();
  options.underlyings = {"XYZ"};
  const Run run = run_of(options);
  CHECK(run.rows.zero_sessions == 1);
  REQUIRE(run.problem);
  CHECK(run.problem->message.find("20150106.csv: line 1: all 10 contracts") != std::string::npos);
  options::ChainSettings rules;
  rules.max_age_ns = 2 * 86'400'000'000'000;
  ChainBook chain(0, 4, run.members, rules);
  for (const zm_event& event : run.events) chain.on_event(event);
  const std::int64_t close = options::session_close(20150105).value;
  chain.refresh(close);
  CHECK(chain.view().status[0] == ZM_CHAIN_OK);
  chain.refresh(close + 3 * 86'400'000'000'000);
  const zm_chain view = chain.view();
  CHECK((view.flags & ZM_CHAIN_SUSPECT) != 0);
  for (std::uint32_t i = 0; i < view.count; ++i) {
    CHECK(view.status[i] == ZM_CHAIN_OLD);
    CHECK(std::isnan(view.implied_vol[i]));
  }
}

TEST_CASE("rows that are none are refused with their line, and the rest of the day is heard") {
  const Folder folder;
  folder.write("universes/xyz/20150105.csv", std::string(header) +
                                                 "20150220,100,C,5,5,5,5,1,1,0\n"
                                                 "20150230,100,C,5,5,5,5,1,1,0\n"
                                                 "20150220,100,X,5,5,5,5,1,1,0\n"
                                                 "20150220,0,C,5,5,5,5,1,1,0\n"
                                                 "20150220,105,C,5,5,5,-5,1,1,0\n"
                                                 "20150220,110,C,5,5,5,5,1,1,0\n");
  lean::Options options;
  options.options_dir = folder.path.string();
  options.underlyings = {"XYZ"};
  const Run run = run_of(options);
  CHECK(run.members.size() == 2);
  CHECK(run.rows.malformed == 4);
  REQUIRE(run.problem);
  CHECK(run.problem->message.find("20150105.csv: line 3: expected expiry, strike") !=
        std::string::npos);
}

TEST_CASE("an underlying without any chain is said with the places where one was looked for") {
  const Folder folder;
  lean::Options options;
  options.options_dir = folder.path.string();
  options.underlyings = {"XYZ"};
  const auto found = lean::discover(options);
  REQUIRE_FALSE(found);
  CHECK(found.error().code == Errc::not_found);
  CHECK(found.error().message.find("universes/xyz/DATE.csv") != std::string::npos);
}

TEST_CASE("contracts that expire on a holiday end with the session before it") {
  // Good Fridays; until 2015 monthly contracts expired on the Saturday.
  for (const auto& [expiry, last] :
       {std::pair(20190419u, 20190418u), {20140419u, 20140417u}, {20150403u, 20150402u}}) {
    options::Contract contract;
    contract.expiry_date = expiry;
    REQUIRE(options::set_times(contract));
    CHECK(contract.last_trade == options::session_times(last)->close);
    CHECK(contract.expiry == contract.last_trade);
  }
}

TEST_CASE("an adjusted contract is shown with its quote and never priced") {
  const std::int64_t now = options::new_york(20151201, 12, 0).value;
  std::vector<ChainBook::Member> members;
  for (std::uint32_t id = 1; id <= 3; ++id) {
    zm_contract terms{};
    terms.instrument = id;
    terms.flags = ZM_CONTRACT_AMERICAN | ZM_CONTRACT_ADJUSTED | (id == 2 ? 1u : 0u);
    terms.expiry_date = 20160115;
    terms.expiry_ns = options::session_close(20160115).value;
    terms.strike = 1'000'000 + (id == 3 ? 100'000 : 0);
    terms.multiplier = 100;
    terms.deliverable = 150;
    members.push_back({terms, 4});
  }
  ChainBook chain(0, 4, members, {});
  for (std::uint32_t id = 1; id <= 3; ++id) {
    zm_event event{};
    event.ts_ns = now;
    event.instrument = id;
    event.kind = ZM_EVENT_QUOTE;
    event.u.quote = {50'000, 51'000, 1, 1};
    chain.on_event(event);
  }
  chain.refresh(now);
  const zm_chain view = chain.view();
  for (std::uint32_t i = 0; i < 3; ++i) {
    CHECK(view.status[i] == ZM_CHAIN_UNPRICED);
    CHECK(view.bid[i] == 5);
    CHECK(std::isnan(view.delta[i]));
    CHECK(std::isnan(view.model_price[i]));
  }
}
