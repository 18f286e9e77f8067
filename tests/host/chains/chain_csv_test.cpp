// A CSV of option quotes: what its rows say becomes events, in batches of one instant; what they
// cannot mean is refused with its line.
#include <catch2/catch.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "market/feeds/chain_csv/source.h"
#include "market/feeds/chain_csv/table.h"
#include "market/options/calendar.h"

using namespace zomma;
using namespace zomma::chain_csv;

namespace {

class File {
 public:
  explicit File(const std::string& text) {
    std::string name = (std::filesystem::temp_directory_path() / "zomma_chain_XXXXXX").string();
    close(mkstemp(name.data()));
    path_ = name;
    std::ofstream(path_) << text;
  }
  ~File() { std::remove(path_.c_str()); }
  File(const File&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Outcome {
  std::vector<zm_event> events;
  std::vector<Instrument> instruments;
  lean::RowCounters rows;
  std::optional<Error> problem;
  lean::Discovery found;
};

Outcome run(Options options) {
  Outcome out;
  Instrument stock;
  stock.id = {0};
  stock.symbol = options.underlyings[0];
  stock.price_digits = 4;
  out.instruments.push_back(stock);
  auto found = discover(options);
  REQUIRE(found);
  out.found = std::move(*found);
  for (const auto& contract : out.found.contracts) {
    Instrument option = stock;
    option.id = {static_cast<std::uint32_t>(out.instruments.size())};
    option.symbol = *lean::occ_symbol(contract.key);
    option.option = OptionTerms{
        contract.underlying, contract.key.expiry, {contract.key.strike}, contract.key.put};
    out.instruments.push_back(option);
  }
  auto source = Source::open(options, out.instruments);
  REQUIRE(source);
  EventBuffer buffer;
  for (;;) {
    const auto count = (*source)->read(buffer);
    REQUIRE(count);
    if (*count == 0) break;
  }
  out.events.assign(buffer.events().begin(), buffer.events().end());
  out.rows = (*source)->rows();
  out.problem = (*source)->first_problem();
  return out;
}

constexpr const char* columns =
    "time,symbol,bid,ask,bid_size,ask_size,underlying_bid,underlying_ask\n";

}  // namespace

TEST_CASE("times with a zone, without one, days alone and nanoseconds") {
  const std::int64_t noon = options::new_york(20170127, 12, 0).value;
  CHECK(parse_time("2017-01-27T17:00:00Z") == noon);
  CHECK(parse_time("2017-01-27T12:00:00-05:00") == noon);
  CHECK(parse_time("2017-01-27 18:00+0100") == noon);
  CHECK(parse_time("2017-01-27T12:00:00.25") == noon + 250'000'000);
  CHECK(parse_time(std::to_string(noon)) == noon);
  CHECK(parse_time("20170127") == options::new_york(20170127, 16, 0).value);
  CHECK(parse_time("2015-12-24") == options::new_york(20151224, 13, 0).value);  // half a day
  for (const char* bad : {"", "2017-02-29", "2017-01-27T24:00Z", "2017-01-27T12", "noon",
                          "2017-01-27T12:00:00.", "2017-01-27T12:00X", "2017-01-27T12:00+25:00"}) {
    INFO(bad);
    CHECK_FALSE(parse_time(bad));
  }
}

TEST_CASE("rows of one instant are one batch, the underlying first") {
  const File file(std::string(columns) +
                  "2017-01-27T10:00,AAL170127C00040000,7.1,9.5,3,4,47.35,47.37\n"
                  "2017-01-27T10:00,AAL   170127P00040000,,0.05,,9,47.35,47.37\n"
                  "2017-01-27T10:01,AAL170127C00040000,7.2,9.4,3,4,47.35,47.37\n");
  const Outcome out = run({{file.path()}, {"AAL"}});
  REQUIRE(out.instruments.size() == 3);
  CHECK(out.instruments[1].symbol == "AAL   170127C00040000");
  REQUIRE(out.events.size() == 4);  // the underlying did not move in the second minute
  CHECK(out.events[0].instrument == 0);
  CHECK(out.events[0].u.quote.bid_price == 473'500);
  CHECK(out.events[1].u.quote.ask_quantity == 4);
  CHECK(out.events[2].u.quote.bid_price == ZM_NO_PRICE);
  CHECK(out.events[2].u.quote.ask_price == 500);
  CHECK((out.events[1].flags & ZM_FLAG_LAST) == 0);
  CHECK((out.events[2].flags & ZM_FLAG_LAST) != 0);
  CHECK((out.events[3].flags & ZM_FLAG_LAST) != 0);
  CHECK(out.rows.one_sided == 1);
  CHECK_FALSE(out.problem);
}

TEST_CASE("a contract by its parts, with trade and open interest, and the underlying's own row") {
  const File file(
      "\xEF\xBB\xBFtime,root,expiry,strike,right,style,bid,ask,last,last_size,open_interest\n"
      "2017-01-27,SPX,,,,,2290,2291,,,\n"
      "2017-01-27,SPXW,2017-02-03,2300,put,,11.5,12,11.8,7,1234\n"
      "2017-01-27,SPX,20170217,2300.5,C,american,20,21,,,\n");
  const Outcome out = run({{file.path()}, {"SPX"}});
  REQUIRE(out.found.contracts.size() == 2);
  CHECK(out.found.contracts[0].american);  // as the file says
  CHECK_FALSE(out.found.contracts[1].american);
  CHECK(out.found.contracts[1].underlying == "SPX");
  REQUIRE(out.events.size() == 5);
  CHECK(out.events[0].instrument == 0);
  CHECK(out.events[1].kind == ZM_EVENT_TRADE);
  CHECK(out.events[1].u.trade.price == 118'000);
  CHECK(out.events[0].ts_ns == options::new_york(20170127, 16, 0).value);
}

TEST_CASE("bad rows are refused with their line and what was expected, and reading goes on") {
  struct Case {
    const char *row, *says;
  };
  for (const Case& one : {Case{"2017-01-32,AAL170127C00040000,1,2,,,,", "time is \"2017-01-32\""},
                          Case{"2017-01-27,AAL170127C0004000,1,2,,,,", "symbol is"},
                          Case{"2017-01-27,AAL170132C00040000,1,2,,,,", "symbol is"},
                          Case{"2017-01-27,AAL170127C00040000,-1,2,,,,", "bid is \"-1\""},
                          Case{"2017-01-27,AAL170127C00040000,1,2x,,,,", "ask is \"2x\""},
                          Case{"2017-01-27,AAL170127C00040000,1,2,1.5,,,", "bid_size is \"1.5\""},
                          Case{"2017-01-27,AAL170127C00040000,1,2", "4 fields, expected 8"}}) {
    const File file(std::string(columns) + "2017-01-27,AAL170127C00040000,1,2,1,1,,\n" + one.row +
                    "\n2017-01-27,AAL170127P00040000,1,2,1,1,,\n");
    const Outcome out = run({{file.path()}, {"AAL"}});
    INFO(one.row);
    CHECK(out.rows.malformed == 1);
    CHECK(out.events.size() == 2);
    REQUIRE(out.problem);
    INFO(out.problem->message);
    CHECK(out.problem->message.find(": line 3: ") != std::string::npos);
    CHECK(out.problem->message.find(one.says) != std::string::npos);
  }
}

TEST_CASE("crossed quotes, rows back in time and adjusted roots are counted and never quoted") {
  const File file(std::string(columns) +
                  "2017-01-27T10:00,AAL170127C00040000,9.5,7.1,3,4,,\n"
                  "2017-01-27T10:02,AAL170127C00040000,7,7.1,3,4,,\n"
                  "2017-01-27T10:01,AAL170127C00040000,6,6.1,3,4,,\n"
                  "2017-01-27T10:03,AAL1170127C00040000,5,5.1,3,4,,\n");
  const Outcome out = run({{file.path()}, {"AAL"}});
  CHECK(out.rows.crossed == 1);
  CHECK(out.rows.backward == 1);
  REQUIRE(out.events.size() == 2);
  CHECK(out.events[0].u.quote.ask_price == ZM_NO_PRICE);
  CHECK((out.events[0].flags & ZM_FLAG_SUSPECT) != 0);
  REQUIRE(out.problem);
  CHECK(out.problem->message.find("line 2: a bid of") != std::string::npos);

  const File adjusted(std::string(columns) +
                      "2017-01-27T10:00,AAL170127C00040000,7,7.1,3,4,,\n"
                      "2017-01-27T10:03,AAL1  170127C00040000,5,5.1,3,4,,\n");
  Options options{{adjusted.path()}, {"AAL1", "AAL"}};
  const auto found = discover(options);
  REQUIRE(found);
  CHECK(found->contracts.size() == 1);
  REQUIRE(found->first_problem);
  CHECK(found->first_problem->message.find("line 3: AAL1: adjusted terms") != std::string::npos);
}

TEST_CASE("an instant whose prices are all zero is refused as a whole") {
  std::string text = columns;
  for (int strike = 30; strike < 50; ++strike)
    text += "2017-01-27,AAL170217C000" + std::to_string(strike) + "000,1,1.1,1,1,,\n";
  for (int strike = 30; strike < 50; ++strike)
    text += "2017-01-30,AAL170217C000" + std::to_string(strike) + "000,0,0,0,0,47,47.1\n";
  const File file(text);
  const Outcome out = run({{file.path()}, {"AAL"}});
  CHECK(out.rows.zero_sessions == 1);
  CHECK(out.events.size() == 21);  // twenty quotes and then the underlying alone
  REQUIRE(out.problem);
  CHECK(out.problem->message.find("line 22: all 20 contracts") != std::string::npos);
}

TEST_CASE("days and other underlyings are left out, several files are one recording") {
  const File first(std::string(columns) +
                   "2017-01-26,AAL170217C00040000,1,2,1,1,,\n"
                   "2017-01-27,AAL170217C00040000,1,2,1,1,,\n"
                   "2017-01-27,GOOG170217C00800000,1,2,1,1,,\n");
  const File second("time,symbol,ask,bid\n2017-01-30,AAL170217P00040000,2,1\n");
  const Outcome out = run({{first.path(), second.path()}, {"AAL"}, 20170127});
  CHECK(out.found.contracts.size() == 2);
  CHECK(out.found.first_date == 20170127);
  CHECK(out.found.last_date == 20170130);
  REQUIRE(out.events.size() == 2);
  CHECK(out.events[1].u.quote.bid_price == 10'000);
}

TEST_CASE("a header that is none is refused") {
  for (const char* header : {"", "time,bid,ask\n", "time,symbol,bid\n", "time,symbol,bid,ask,bid\n",
                             "time,symbol,bid,ask,colour\n"}) {
    const File file(header);
    INFO(header);
    const auto found = discover({{file.path()}, {"AAL"}});
    REQUIRE_FALSE(found);
    CHECK(found.error().code == Errc::corrupt);
  }
  CHECK(discover({{"/nowhere/chain.csv"}, {"AAL"}}).error().code == Errc::not_found);
  const File empty(columns);
  CHECK(discover({{empty.path()}, {"AAL"}}).error().code == Errc::not_found);
}
