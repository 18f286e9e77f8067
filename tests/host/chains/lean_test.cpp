// What Lean's files say becomes events; what they cannot mean is counted and never becomes a quote.
#include <catch2/catch.hpp>

#include "market/feeds/file/zip_archive.h"
#include "market/feeds/lean/source.h"
#include "market/feeds/lean/universe.h"
#include "market/options/calendar.h"
#include "market/options/index_roots.h"
#include "support/shared_data.h"

using namespace zomma;
using namespace zomma::lean;

namespace {

RowContext minute_rows() {
  RowContext context;
  context.file = "t.csv";
  context.instrument = {3};
  context.scale = {4, 4};
  context.midnight_ns = options::new_york(20151224, 0, 0).value;
  context.bar_ns = 60'000'000'000;
  return context;
}

}  // namespace

TEST_CASE("a contract's names") {
  const auto entry =
      parse_entry_name("20151224_goog_minute_quote_american_call_7500000_20160115.csv");
  REQUIRE(entry);
  CHECK(entry->american);
  CHECK(*occ_symbol(entry->contract) == "GOOG  160115C00750000");
  CHECK(parse_entry_name("spx_quote_european_call_42500000_20210115.csv")->contract.root == "SPX");
  CHECK_FALSE(parse_entry_name("goog_quote_american_call_7500000_20161315.csv"));
  CHECK_FALSE(parse_entry_name("goog_quote_american_call_-1_20160115.csv"));
  CHECK(options::underlying_of("SPXW") == "SPX");
}

TEST_CASE("a bar is heard when it closes, never before") {
  Rows rows;
  read_quote_bars("34200000,1,1,1,100,5,2,2,2,200,7\n", minute_rows(), rows);
  REQUIRE(rows.events.size() == 1);
  CHECK(rows.events[0].ts_ns == options::new_york(20151224, 0, 0).value + 34'260'000'000'000);
  CHECK(rows.events[0].u.quote.bid_price == 100);
  CHECK(rows.events[0].u.quote.ask_quantity == 7);
}

TEST_CASE("a crossed quote takes the contract's quote away, a missing side is missing") {
  Rows rows;
  read_quote_bars("34200000,,,,300,5,,,,200,7\n34260000,,,,,0,,,,200,7\n34320000,x,,,\n",
                  minute_rows(), rows);
  CHECK(rows.counters.crossed == 1);
  CHECK(rows.counters.one_sided == 1);  // the bid went with the crossed quote
  REQUIRE(rows.events.size() == 3);
  CHECK(rows.events[0].u.quote.bid_price == ZM_NO_PRICE);
  CHECK(rows.events[0].u.quote.ask_price == ZM_NO_PRICE);
  CHECK((rows.events[0].flags & ZM_FLAG_SUSPECT) != 0);
  CHECK(rows.events[1].u.quote.bid_price == ZM_NO_PRICE);
  CHECK(rows.events[1].u.quote.ask_price == 200);
  REQUIRE(rows.first_problem);
  CHECK(rows.first_problem->message.find("t.csv: line 1") != std::string::npos);
}

TEST_CASE("rows that go back in time, and holes, are counted") {
  Rows rows;
  read_quote_bars("34200000,,,,1,1,,,,2,1\n34380000,,,,1,1,,,,2,1\n34260000,,,,1,1,,,,2,1\n",
                  minute_rows(), rows);
  CHECK(rows.counters.backward == 1);
  CHECK(rows.counters.holes == 2);
  CHECK(rows.events.size() == 2);
}

TEST_CASE("dividends and splits come out of a factor file, for the day after its rows") {
  const auto actions = read_factor_file(
      "20000620,0.8613657,0.00892857,101\n20050225,0.8613657,0.01785710,88.97\n"
      "20120808,0.8613657,0.03571430,619.86\n20121106,0.8650639,0.03571430,582.86\n",
      "aapl.csv");
  REQUIRE(actions);
  REQUIRE(actions->size() == 3);
  CHECK((*actions)[0].ex_date == 20000621);
  CHECK((*actions)[0].action.new_units == 2);
  CHECK((*actions)[0].action.old_units == 1);
  CHECK((*actions)[1].ex_date == 20050228);  // a Friday's row
  CHECK((*actions)[2].action.type == ZM_CORPORATE_DIVIDEND);
  CHECK((*actions)[2].action.cash == 265'000'000);
  CHECK_FALSE(read_factor_file("20120808,0.8,1,1\n20120807,0.9,1,1\n", "x.csv"));
}

TEST_CASE("midnight in New York follows its clocks") {
  CHECK(options::new_york(20151224, 0, 0).value == 1450933200LL * 1'000'000'000);
  CHECK(options::new_york(20140606, 0, 0).value == 1402027200LL * 1'000'000'000);
  CHECK(options::new_york_date(options::new_york(20151224, 0, 0)) == 20151224);
  CHECK(options::new_york_date({options::new_york(20151224, 0, 0).value - 1}) == 20151223);
}

TEST_CASE("a zip file that is none is refused") {
  ZOMMA_SHARED_DATA(folder, "options/README.md");
  CHECK_FALSE(ZipArchive::open(folder));
  CHECK_FALSE(ZipArchive::open(folder + ".absent"));
}

TEST_CASE("the minutes of SPY on 2013-10-07 have the day's volume") {
  ZOMMA_SHARED_DATA(path, "prices/minute/spy/20131007_trade.zip");
  const auto archive = ZipArchive::open(path);
  REQUIRE(archive);
  std::string text;
  REQUIRE(archive->read(archive->entries().at(0), text));
  Rows rows;
  read_trade_bars(text, minute_rows(), rows);
  std::int64_t volume = 0;
  for (const zm_event& event : rows.events) volume += event.u.trade.quantity;
  CHECK(rows.events.size() == 828);
  CHECK(volume == 92'720'576);
}

TEST_CASE("the zero-filled session of AAPL is refused as a whole") {
  ZOMMA_SHARED_DATA(path, "options/lean/universes/equity_option_universes_dev.tar.xz");
  Options options;
  options.options_dir = path.substr(0, path.rfind("/universes"));
  options.underlyings = {"AAPL"};
  options.from = options.to = 20140606;
  const auto found = discover(options);
  REQUIRE(found);
  CHECK(found->contracts.size() == 2180);
  std::vector<Instrument> instruments(1);
  instruments[0].id = {0};
  instruments[0].symbol = "AAPL";
  instruments[0].price_digits = 4;
  for (const auto& contract : found->contracts) {
    Instrument option;
    option.id = {static_cast<std::uint32_t>(instruments.size())};
    option.symbol = *occ_symbol(contract.key);
    option.price_digits = 4;
    option.option =
        OptionTerms{"AAPL", contract.key.expiry, {contract.key.strike}, contract.key.put};
    instruments.push_back(option);
  }
  const auto source = Source::open(options, instruments);
  REQUIRE(source);
  EventBuffer events;
  while (const auto count = (*source)->read(events))
    if (*count == 0) break;
  for (const zm_event& event : events.events()) CHECK(event.instrument == 0);
  CHECK((*source)->rows().zero_sessions == 1);
  REQUIRE((*source)->first_problem());
  CHECK((*source)->first_problem()->message.find("20140606.csv") != std::string::npos);
}

TEST_CASE("crossed quotes of SPXW are found") {
  ZOMMA_SHARED_DATA(path, "options/lean/minute/spxw/20210106_quote_european.zip");
  const auto archive = ZipArchive::open(path);
  REQUIRE(archive);
  Rows rows;
  std::string text;
  for (const ZipEntry& entry : archive->entries()) {
    REQUIRE(archive->read(entry, text));
    read_quote_bars(text, minute_rows(), rows);
  }
  CHECK(rows.counters.crossed == 7);
  for (const zm_event& event : rows.events)
    if (event.u.quote.bid_price != ZM_NO_PRICE && event.u.quote.ask_price != ZM_NO_PRICE)
      CHECK(event.u.quote.bid_price <= event.u.quote.ask_price);
}
