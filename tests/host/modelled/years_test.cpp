// A year of modelled chains through the whole host: the baselines do what they say, and what the
// report says of them is what the prices say.
#include <unistd.h>
#include <catch2/catch.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "market/feeds/modelled/history.h"
#include "observe/report/daily_curve.h"
#include "runtime/discover.h"
#include "runtime/report_builder.h"
#include "runtime/session.h"

using namespace zomma;

namespace {

const std::string bundled = ZOMMA_SOURCE_DIR "/examples/data/us_daily";

Config year_of(const std::string& plugin, const std::string& more = "") {
  const auto scratch =
      std::filesystem::temp_directory_path() / ("modelled_years." + std::to_string(getpid()));
  const std::string text = "[run]\nname = \"year\"\nstate_dir = \"" + scratch.string() +
                           "\"\n[chains]\nrates = [\"20160101 0.005\"]\n"
                           "[[feed]]\nname = \"year\"\nformat = \"modelled\"\npath = \".\"\n"
                           "underlyings = [\"SPY\"]\nfrom = 2016-01-04\nto = 2016-12-30\n"
                           "fee_per_contract = 0.65\nquote_quantity = 100\n"
                           "[plugin.one]\npath = \"" +
                           plugin +
                           ".so\"\nallow_unlisted = true\ninstruments = [\"SPY\"]\n"
                           "cash = 500_000\n" +
                           more;
  const ConfigResult parsed = parse_config(text, "year", bundled);
  INFO(format(parsed.errors));
  REQUIRE(parsed);
  Config config = parsed.config;
  const auto found = discover_contracts(config, [](const std::string&) {});
  REQUIRE(found);
  return config;
}

struct Sale {
  std::string symbol;
  std::int64_t quantity;
};
// Hears options sold.
struct Watch final : EngineObserver {
  explicit Watch(const Config& config) : analysis(config), instruments(config.instruments) {}
  void on_bbo(Nanoseconds ts, InstrumentId id, const Bbo& bbo) override {
    analysis.on_bbo(ts, id, bbo);
  }
  void on_input(const zm_event& event) override { analysis.on_input(event); }
  void on_intent(const IntentRecord& record) override { analysis.on_intent(record); }
  void on_order(const OrderRecord& record) override {
    analysis.on_order(record);
    if (record.event.kind == ZM_EVENT_FILL && instruments[record.event.instrument].option)
      sales.push_back({instruments[record.event.instrument].symbol,
                       record.side == ZM_SIDE_SELL ? record.event.u.fill.quantity
                                                   : -record.event.u.fill.quantity});
  }
  AnalysisObserver analysis;
  std::vector<Instrument> instruments;
  std::vector<Sale> sales;
};

struct Year {
  StrategyResult result;
  std::vector<Sale> sales;
  double account{};  // P&L of the host's own books
};

Year run(const std::string& plugin, const std::string& more = "") {
  const Config config = year_of(plugin, more);
  Watch watch(config);
  SessionOptions options;
  options.journal = false;
  options.plugins_dir = ZOMMA_PLUGINS;
  options.observer = &watch;
  auto session = Session::open(config, options);
  INFO((session ? std::string() : session.error().message));
  REQUIRE(session);
  REQUIRE((*session)->run());
  const zm_account account = (*session)->engine().account_of({0});
  std::filesystem::remove_all(config.run.state_dir);
  return {watch.analysis.result().total, watch.sales,
          to_double(Money{account.realised + account.unrealised - account.fees})};
}

// Options sold in a year of months: one expiry after the other, each sold once.
void check_months(const Year& year, char right) {
  std::vector<std::string> expiries;
  for (const Sale& sale : year.sales) {
    CHECK(sale.quantity > 0);
    CHECK(sale.symbol[12] == right);
    const std::string expiry = sale.symbol.substr(6, 6);
    if (expiries.empty() || expiries.back() != expiry) expiries.push_back(expiry);
  }
  CHECK(expiries == std::vector<std::string>{"160219", "160318", "160415", "160520", "160617",
                                             "160715", "160819", "160916", "161021", "161118",
                                             "161216", "170120"});
}

}  // namespace

TEST_CASE("buy and hold earns what the prices and dividends say, to the cent") {
  const Year year = run("buy_and_hold");
  const auto history = modelled::read_history(bundled, "SPY", 20161230);
  REQUIRE(history);
  double first = 0, last = 0, dividends = 0;
  for (const modelled::Session& session : history->sessions) {
    if (session.date == 20160104) first = static_cast<double>(session.close) * 1e-4;
    last = static_cast<double>(session.close) * 1e-4;
  }
  for (const modelled::Dividend& paid : history->dividends)
    if (paid.ex_date > 20160104) dividends += paid.amount;
  const double ask = first + 0.01;
  const double shares = 100 * std::floor(500'000 / (100 * first * 1.001));
  CHECK(year.sales.empty());
  CHECK(to_double(year.result.pnl.net()) ==
        Approx(shares * (last - ask + dividends)).margin(0.005));
  CHECK(year.account == Approx(to_double(year.result.pnl.net())).margin(1e-6));
  CHECK(year.result.annual.total ==
        Approx(shares * (last - ask + dividends) / 500'000).epsilon(1e-9));
}

TEST_CASE("the covered call sells one call a month against its shares") {
  const Year year = run("covered_call");
  check_months(year, 'C');
  CHECK(year.account == Approx(to_double(year.result.pnl.net())).margin(1e-6));
  CHECK(to_double(year.result.pnl.fees) > 0);
  // Premium for upside given away: it moves less than the shares do.
  CHECK(year.result.annual.volatility < run("buy_and_hold").result.annual.volatility);
}

TEST_CASE("put writing sells one put a month that its cash can pay for") {
  const Year year = run("put_write");
  check_months(year, 'P');
  CHECK(year.account == Approx(to_double(year.result.pnl.net())).margin(1e-6));
  for (const Sale& sale : year.sales)
    CHECK(std::stod(sale.symbol.substr(13)) * 1e-3 * 100 * static_cast<double>(sale.quantity) <
          600'000);
}

TEST_CASE("the wheel runs through the year, and the report's books agree with the host's") {
  const Year year = run("wheel");
  CHECK(year.sales.size() > 20);
  CHECK(year.account == Approx(to_double(year.result.pnl.net())).margin(1e-6));
  CHECK(year.result.annual.days == 252);
}

TEST_CASE("figures by the year follow from daily wealth") {
  DailyCurve curve;
  const Money capital{100 * 100'000'000LL};
  // Up by 2 % and down by 1 % in turn, 40 days in 40/365.25 of a year.
  double wealth = 100;
  for (int day = 0; day < 39; ++day) {
    wealth *= day % 2 == 0 ? 1.02 : 0.99;
    curve.close({std::llround((wealth - 100) * 1e8)});
  }
  wealth *= 0.99;
  const AnnualFigures figures =
      curve.figures(capital, {std::llround((wealth - 100) * 1e8)}, 40 * DailyCurve::day_ns);
  const double years = 40 / 365.25, mean = 0.005, deviation = 0.015 * std::sqrt(40.0 / 39.0);
  CHECK(figures.days == 40);
  CHECK(figures.total == Approx(std::pow(1.02 * 0.99, 20) - 1).epsilon(1e-6));
  CHECK(figures.growth == Approx(std::pow(1.02 * 0.99, 20 / years) - 1).epsilon(1e-6));
  CHECK(figures.volatility == Approx(deviation * std::sqrt(365.25)).epsilon(1e-6));
  CHECK(figures.sharpe == Approx(mean / deviation * std::sqrt(365.25)).epsilon(1e-6));
  CHECK(figures.drawdown == Approx(0.01).epsilon(1e-6));
  // Without capital, or when it was lost, there is no return.
  CHECK_FALSE(has_value(curve.figures({}, {}, 40 * DailyCurve::day_ns).total));
  curve.close({-capital.value});
  CHECK_FALSE(has_value(curve.figures(capital, {}, 40 * DailyCurve::day_ns).total));
}

TEST_CASE("a report on modelled chains says so first and lists no thousand contracts") {
  Config config =
      year_of("buy_and_hold", "[report]\nformats = [\"json\"]\nbaselines = [\"put_write\"]\n");
  AnalysisObserver observer(config);
  SessionOptions options;
  options.journal = false;
  options.plugins_dir = ZOMMA_PLUGINS;
  options.observer = &observer;
  auto session = Session::open(config, options);
  REQUIRE(session);
  const auto outcome = (*session)->run();
  REQUIRE(outcome);
  const auto written =
      report_from_backtest(config, observer, ZOMMA_PLUGINS, facts_of(**session, &*outcome));
  REQUIRE(written);
  CHECK(written->text.find("Note: MODELLED: the option quotes of SPY") != std::string::npos);
  CHECK(written->text.find("By the year") != std::string::npos);
  CHECK(written->text.find("put_write") != std::string::npos);
  std::ifstream file(written->directory + "/report.json");
  std::stringstream json;
  json << file.rdbuf();
  CHECK(json.str().find("\"growth\":0.") != std::string::npos);
  CHECK(json.str().size() < 2'000'000);
  std::filesystem::remove_all(config.run.state_dir);
}
