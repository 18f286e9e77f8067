// options_test.cpp: what the report says of options is what a hand with a pencil finds: premium,
// assignment, rolls, and the causes of P&L, which sum to it to the last digit.
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "host/report/records.h"
#include "observe/report/option_tables.h"
#include "observe/report/render_html.h"
#include "observe/report/report.h"
#include "observe/report/svg_chart.h"

namespace zomma {
namespace {

using options::BookSample;
using options::HeldInstrument;
using test::close_to;
using test::dollars;
using test::second;

constexpr std::int64_t open = 1'705'415'400 * second;  // Tuesday 2024-01-16, 9:30 in New York
constexpr std::int64_t day = 86'400 * second;
constexpr std::uint32_t stock = 0, put = 1, call = 2, lower_put = 3;

Instrument contract(std::uint32_t id, const std::string& symbol, bool is_put, std::int64_t strike) {
  Instrument one = test::plain_instrument(id, symbol);
  one.kind = InstrumentKind::option;
  one.price_digits = 2;
  one.multiplier = 100;
  one.option = OptionTerms{"ACME", 20240216, {strike * 100}, is_put};
  return one;
}

AnalysisOptions acme() {
  AnalysisOptions options;
  options.instruments = {test::plain_instrument(stock, "ACME"), contract(put, "PUT100", true, 100),
                         contract(call, "CALL100", false, 100),
                         contract(lower_put, "PUT95", true, 95)};
  options.instances = {"wheel"};
  return options;
}

OrderRecord settled(std::int64_t ts, std::uint16_t kind, std::uint32_t instrument,
                    std::int64_t quantity, std::int64_t cash,
                    std::uint32_t other = ZM_NO_INSTRUMENT,
                    std::uint32_t code = ZM_SETTLED_EXPIRY) {
  OrderRecord record{};
  record.event.ts_ns = ts;
  record.event.kind = kind;
  record.event.instrument = instrument;
  record.event.u.settlement = {quantity, 0, cash, other, code};
  return record;
}

HeldInstrument shares(double units, double spot) {
  return {.instrument = {stock},
          .underlying = {stock},
          .option = false,
          .units = units,
          .mark = spot,
          .spot = spot,
          .delta = 1,
          .gamma = 0,
          .vega = 0,
          .theta = 0};
}
HeldInstrument option(std::uint32_t id, double units, double spot, double vol, double delta,
                      double gamma, double vega, double theta) {
  return {.instrument = {id},
          .underlying = {stock},
          .option = true,
          .units = units,
          .mark = 0,
          .spot = spot,
          .vol = vol,
          .delta = delta,
          .gamma = gamma,
          .vega = vega,
          .theta = theta};
}

void look(RunAnalysis& analysis, std::int64_t ts, std::int64_t profit, std::int64_t capital,
          const std::vector<HeldInstrument>& held) {
  BookSample sample;
  sample.ts = {ts};
  sample.instance = {0};
  sample.profit = {profit * dollars};
  sample.capital = {capital * dollars};
  sample.margin = {capital / 2 * dollars};
  sample.margin_known = true;
  sample.held = held;
  analysis.add_book(sample);
}

void trade(RunAnalysis& analysis, std::int64_t ts, std::uint32_t instrument, Side side,
           std::int64_t price, std::int64_t fee = 0) {
  analysis.add_order(test::fill({.ts = ts,
                                 .side = side,
                                 .price = price,
                                 .quantity = 1,
                                 .fee = fee,
                                 .instrument = instrument}));
}

zm_event corporate(std::int64_t ts, std::uint32_t type, std::int64_t cash, std::uint32_t fresh,
                   std::uint32_t old) {
  zm_event event{};
  event.ts_ns = ts;
  event.instrument = stock;
  event.kind = ZM_EVENT_CORPORATE;
  event.u.corporate.type = type;
  event.u.corporate.cash = cash;
  event.u.corporate.new_units = fresh;
  event.u.corporate.old_units = old;
  return event;
}

constexpr std::int64_t hundredth_of_year = day * 365 / 100;
constexpr std::int64_t evening = open + hundredth_of_year, next = evening + day, away = next + day;

// A put is sold at 1.90 where the mid is 2.00, is assigned, brings shares and a dividend; a call is
// sold on them, and they are called away.
RunAnalysis wheel() {
  RunAnalysis analysis(acme());
  test::quote(analysis, open, 99, 101, stock);
  test::quote(analysis, open, 190, 210, put);
  look(analysis, open, 0, 0, {option(put, 0, 100, 0.20, -0.4, 0.05, 10, -5)});
  trade(analysis, open, put, Side::sell, 190, dollars);
  test::quote(analysis, evening, 97, 99, stock);
  test::quote(analysis, evening, 280, 300, put);
  look(analysis, evening, -101, 10'000, {option(put, -100, 98, 0.22, -0.6, 0.05, 10, -5)});
  analysis.add_order(settled(evening, ZM_EVENT_ASSIGNED, put, 1, -10'000 * dollars, stock));
  analysis.add_order(settled(evening, event_delivery, stock, 100, -10'000 * dollars, put));
  analysis.add_order(
      settled(next, ZM_EVENT_CASH, stock, 0, 50 * dollars, ZM_NO_INSTRUMENT, ZM_SETTLED_DIVIDEND));
  test::quote(analysis, next, 98, 100, stock);
  test::quote(analysis, next, 150, 150, call);
  look(analysis, next, 139, 9'900, {shares(100, 99), option(call, 0, 99, 0.2, 0.45, 0.05, 10, -5)});
  trade(analysis, next, call, Side::sell, 150, dollars);
  test::quote(analysis, away, 101, 103, stock);
  analysis.add_order(settled(away, ZM_EVENT_ASSIGNED, call, 1, 10'000 * dollars, stock));
  analysis.add_order(settled(away, event_delivery, stock, -100, 10'000 * dollars, call));
  analysis.add_order(settled(away, ZM_EVENT_CASH, ZM_NO_INSTRUMENT, 0, 3 * dollars,
                             ZM_NO_INSTRUMENT, ZM_SETTLED_INTEREST));
  return analysis;
}

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("P&L between two looks is explained by the Greeks of the first, and what changed since") {
  const RunResult run = wheel().result();
  REQUIRE(run.options.size() == 1);
  const Attributed& why = run.options[0].why;
  // Put: -100 x (-0.4 x -2); shares from 98 to 99; then shares and call at the end, unexplained.
  CHECK(why.delta.value == (-80 + 100) * dollars);
  CHECK(why.gamma.value == -10 * dollars);  // -100 x 0.05 x 2^2 / 2
  CHECK(why.vol.value == -20 * dollars);    // -100 x 10 x 0.02
  CHECK(why.theta.value == 5 * dollars);    // -100 x -5 x 0.01
  CHECK(why.income.value == 53 * dollars);  // dividend and interest
  CHECK(why.costs.value == -12 * dollars);  // 0.10 x 100 from the mid, two fees
  // Left at first: 15 of -101; then 90, the put's mark less what it was exercised for; then what
  // shares (+1 x 100) and the call's premium (+150) made after the last look.
  CHECK(why.residual.value == (15 + 90 + 100 + 150) * dollars);
  CHECK(why.total().value == run.total.pnl.net().value);
  CHECK(run.total.pnl.net().value == (190 - 1 + 50 + 150 - 1 + 3) * dollars);
  REQUIRE(run.options[0].parts.size() == 1);
  CHECK(run.options[0].parts[0].why.total().value == why.total().value - 3 * dollars);
}

TEST_CASE("premium, assignment, income and the yield on the capital at work") {
  const OptionsResult options = wheel().result().options.at(0);
  CHECK(options.premium_received.value == 340 * dollars);
  CHECK(options.premium_paid.value == 0);
  CHECK(options.puts_assigned == 1);
  CHECK(options.called_away == 1);
  CHECK(options.lapsed_short == 0);
  CHECK(options.rolled == 0);
  CHECK(options.dividends.value == 50 * dollars);
  CHECK(options.interest.value == 3 * dollars);
  CHECK(options.fees.value == 2 * dollars);
  CHECK(options.income().value == 391 * dollars);
  CHECK(options.capital_days == close_to(10'000));  // for the day between the looks
  CHECK(options.income_per_year == close_to(391.0 / 10'000 * 365));
  CHECK(options.profit_per_year == close_to(391.0 / 10'000 * 365));
  CHECK(options.books_differ.value == 0);
  std::vector<OptionEventKind> kinds;
  for (const OptionEvent& event : options.events) kinds.push_back(event.kind);
  using K = OptionEventKind;
  CHECK((kinds == std::vector{K::sold_to_open, K::assigned, K::dividend, K::sold_to_open,
                              K::called_away, K::interest}));
  CHECK(options.events[0].cash.value == 189 * dollars);
  CHECK(options.events[0].spot == 100);
}

TEST_CASE("Greeks are shown in currency; contracts without any are counted and left out") {
  RunAnalysis analysis(acme());
  const double nobody_knows = HeldInstrument::unknown;
  look(analysis, open, 0, 0,
       {shares(100, 50), option(put, -200, 50, 0.3, -0.25, 0.02, 7.3, -3.65),
        option(call, -100, 50, nobody_knows, nobody_knows, nobody_knows, nobody_knows,
               nobody_knows)});
  const OptionsResult options = analysis.result().options.at(0);
  CHECK(options.delta.last == close_to(100 * 50 + 200 * 0.25 * 50));
  CHECK(options.gamma.last == close_to(-200 * 0.02 * 50 * 50 / 100));
  CHECK(options.vega.last == close_to(-200 * 0.073));
  CHECK(options.theta.last == close_to(200 * 0.01));
  CHECK(options.unknown == 1);
}

TEST_CASE("a roll is a buy back and a new sale within one session, whichever comes first") {
  RunAnalysis analysis(acme());
  trade(analysis, open, put, Side::sell, 200);
  trade(analysis, open + day, put, Side::buy, 100);
  trade(analysis, open + day + second, lower_put, Side::sell, 150);
  OptionsResult options = analysis.result().options.at(0);
  CHECK(options.rolled == 1);
  CHECK(options.rolls == 1);
  CHECK(options.events.back().kind == OptionEventKind::rolled);
  CHECK(options.events.back().instrument == put);
  CHECK(options.events.back().other == lower_put);
  CHECK(options.events.back().quantity == 1);
  trade(analysis, open + 2 * day, put, Side::sell, 200);
  trade(analysis, open + 2 * day, lower_put, Side::buy, 90);
  CHECK(analysis.result().options.at(0).rolled == 2);
  trade(analysis, open + 3 * day, put, Side::buy, 100);   // closed one day,
  trade(analysis, open + 4 * day, put, Side::sell, 100);  // sold the next
  trade(analysis, open + 4 * day, call, Side::sell, 100);
  options = analysis.result().options.at(0);
  CHECK(options.rolled == 2);
  CHECK(options.premium_paid.value == 290 * dollars);
  CHECK(options.premium_received.value == 750 * dollars);
}

TEST_CASE("a split and a dividend move nothing but numbers") {
  RunAnalysis analysis(acme());
  test::quote(analysis, open, 99, 101, stock);
  analysis.add_order(test::fill({.ts = open, .side = Side::buy, .price = 100, .quantity = 100}));
  trade(analysis, open, put, Side::sell, 200);
  test::quote(analysis, open, 200, 200, put);
  const std::vector<HeldInstrument> before{shares(100, 100),
                                           option(put, -100, 100, 0.2, -0.5, 0.04, 10, 0)};
  look(analysis, open, 0, 20'000, before);
  analysis.add_input(corporate(open + day, ZM_CORPORATE_DIVIDEND, 2 * dollars, 0, 0));
  analysis.add_order(settled(open + day, ZM_EVENT_CASH, stock, 0, 200 * dollars, ZM_NO_INSTRUMENT,
                             ZM_SETTLED_DIVIDEND));
  CHECK(analysis.result().total.pnl.net().value == 0);
  analysis.add_input(corporate(open + day, ZM_CORPORATE_SPLIT, 0, 2, 1));
  analysis.add_order(
      settled(open + day, ZM_EVENT_ADJUSTED, stock, 100, 0, ZM_NO_INSTRUMENT, ZM_SETTLED_SPLIT));
  analysis.add_order(
      settled(open + day, ZM_EVENT_ADJUSTED, put, 1, 0, lower_put, ZM_SETTLED_SPLIT));
  analysis.add_order(settled(open + day, event_delivery, lower_put, -2, 0, put, ZM_SETTLED_SPLIT));
  CHECK(analysis.result().total.pnl.net().value == 0);
  look(analysis, open + day, 0, 20'000,
       {shares(200, 50), option(lower_put, -200, 50, 0.2, -0.5, 0.08, 5, 0)});
  test::quote(analysis, open + 2 * day, 50, 52, stock);
  look(analysis, open + 2 * day, 400, 20'000,
       {shares(200, 51), option(lower_put, -200, 51, 0.2, -0.5, 0.08, 5, 0)});
  const OptionsResult options = analysis.result().options.at(0);
  CHECK(options.books_differ.value == 0);
  // Ex the dividend the shares fell by 1 more than the looks say, from 100 to 2 x 50.
  CHECK(options.why.income.value == 200 * dollars);
  CHECK(options.why.delta.value == (200 + 100) * dollars);
  CHECK(options.why.gamma.value == -8 * dollars);
  CHECK(options.why.vol.value == 0);
  CHECK(options.why.total().value == 400 * dollars);
}

TEST_CASE("contracts that a split moves and multiplies are those of each holder") {
  AnalysisOptions options = acme();
  options.instances = {"one", "two"};
  RunAnalysis analysis(options);
  test::quote(analysis, open, 200, 200, put);
  for (const std::uint32_t instance : {0u, 1u})
    analysis.add_order(test::fill({.ts = open,
                                   .side = Side::sell,
                                   .price = 200,
                                   .quantity = 3,
                                   .instance = instance,
                                   .instrument = put}));
  analysis.add_input(corporate(open + day, ZM_CORPORATE_SPLIT, 0, 2, 1));
  for (const std::uint32_t instance : {0u, 1u}) {
    OrderRecord gone =
        settled(open + day, ZM_EVENT_ADJUSTED, put, 3, 0, lower_put, ZM_SETTLED_SPLIT);
    OrderRecord come = settled(open + day, event_delivery, lower_put, -6, 0, put, ZM_SETTLED_SPLIT);
    gone.instance = come.instance = instance;
    analysis.add_order(gone);
    analysis.add_order(come);
  }
  test::quote(analysis, open + 2 * day, 50, 50, lower_put);
  const RunResult run = analysis.result();
  CHECK(run.strategies[0].pnl.net().value == (600 - 300) * dollars);
  CHECK(run.strategies[1].pnl.net().value == (600 - 300) * dollars);
  CHECK(run.total.pnl.net().value == 600 * dollars);
  for (const InstrumentResult& one : run.total.instruments)
    CHECK(one.inventory.last.value == (one.instrument == lower_put ? -12 : 0));
  REQUIRE(run.options.size() == 2);
  CHECK(run.options[1].strategy == "two");
  CHECK(run.options[1].why.total().value == 300 * dollars);
  Report report;
  report.run = run;
  CHECK(render_text(report).find("Attribution, two") != std::string::npos);
  CHECK(option_income_table(report).header.size() == 3);
}

TEST_CASE("an account that the report's books do not agree with is a fault") {
  RunAnalysis analysis(acme());
  look(analysis, open, 7, 0, {option(put, 0, 100, 0.2, -0.4, 0.05, 10, -5)});
  Report report;
  report.run = analysis.result();
  CHECK(report.run.options.at(0).books_differ.value == 7 * dollars);
  const Table table = option_income_table(report);
  CHECK(table.rows.back().fault);
  CHECK(table.rows.back().cells[1] == "7.00");
}

TEST_CASE("a drawn chart over years says which year it is") {
  const TimeChart years{"years",
                        {open},
                        {open + 6 * 365 * day},
                        100,
                        {{{{open, 1.0}, {open + 6 * 365 * day, 2.0}}, "own", false, false}},
                        {}};
  const std::string svg = svg_time_chart(years);
  for (const char* year : {">2025-", ">2027-", ">2029-"})
    CHECK(svg.find(year) != std::string::npos);
}

TEST_CASE("all renderings show options where there were any, and only there") {
  const std::string folder = "/tmp/zomma-options-report-" + std::to_string(getpid());
  Report report;
  report.title = "wheel";
  report.run = wheel().result();
  REQUIRE(write_report(folder, report));
  const std::string text = content_of(folder + "/report.txt");
  CHECK(text.find("Options: premium, assignment, yield (USD)") != std::string::npos);
  CHECK(text.find("ACME 2024-02-16 P 100.00") != std::string::npos);
  const auto json = boost::json::parse(content_of(folder + "/report.json"));
  const auto& options = json.at("options").at(0).as_object();
  CHECK(options.at("attribution").at("total") == json.at("total").at("pnl").at("net"));
  CHECK(options.at("events").as_array().size() == 6);
  CHECK(content_of(folder + "/options_events.csv") ==
        "time_utc,strategy,event,contract,other,quantity,price,cash,fee,underlying_price\n"
        "2024-01-16 14:30:00,wheel,sold to open,PUT100,,-1,1.9,189.00000000,1.00000000,100\n"
        "2024-01-20 06:06:00,wheel,assigned,PUT100,ACME,1,,-10000.00000000,0.00000000,98\n"
        "2024-01-21 06:06:00,wheel,dividend,ACME,,0,,50.00000000,0.00000000,98\n"
        "2024-01-21 06:06:00,wheel,sold to open,CALL100,,-1,1.5,149.00000000,1.00000000,99\n"
        "2024-01-22 06:06:00,wheel,called away,CALL100,ACME,1,,10000.00000000,0.00000000,102\n"
        "2024-01-22 06:06:00,wheel,interest,,,0,,3.00000000,0.00000000,\n");
  // Every line that is drawn has a colour in the style sheet.
  const std::string drawn = render_html(report, ChartStyle::svg);
  for (const char* colour : {"own", "good-line", "bad-line", "mid", "other-0", "other-1"})
    CHECK(drawn.find(std::string("svg .") + colour + " {") != std::string::npos);
  CHECK(drawn.find("good-line\"") != std::string::npos);
  for (const ChartStyle style : {ChartStyle::interactive, ChartStyle::svg}) {
    const std::string page = render_html(report, style);
    CHECK(page.find("<h2>Options: Greeks</h2>") != std::string::npos);
    CHECK(page.find("<h2>Attribution</h2>") != std::string::npos);
    CHECK(page.find("called away") != std::string::npos);
  }
  report.run = RunAnalysis(test::plain_options()).result();
  REQUIRE(write_report(folder, report));
  CHECK(content_of(folder + "/report.html").find("Options") == std::string::npos);
  CHECK(content_of(folder + "/report.txt").find("Options") == std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder + "/options_events.csv"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace zomma
