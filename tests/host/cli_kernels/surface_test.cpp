// zomma surface: forwards, fits, reports and tables, on a chain whose truth is known.
#include "cli/kernels/surface_command.h"

#include <fmt/format.h>
#include <zomma/kernels/heston.h>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "cli/kernels/price_command.h"
#include "host/cli_kernels/command_run.h"
#include "host/cli_kernels/sample_chain.h"
#include "support/shared_data.h"

using namespace zomma;
using namespace zomma::cli;
using namespace zomma::test;
using Catch::Matchers::Contains;

namespace {

struct SurfaceAnswer {
  int exit;
  std::string report, messages;
};

SurfaceAnswer run(SurfaceCommand command, const std::string& text) {
  const TextFile in(text);
  command.input = in.path();
  command.threads = 1;
  std::ostringstream report, messages;
  const int exit = run_surface(command, report, messages);
  return {exit, report.str(), messages.str()};
}

boost::json::object run_json(SurfaceCommand command, const std::string& text) {
  command.json = true;
  const SurfaceAnswer answer = run(std::move(command), text);
  INFO(answer.messages);
  REQUIRE(answer.exit != kernel_usage);
  return boost::json::parse(answer.report).as_object();
}

double at(const boost::json::object& object, const char* key) {
  return object.at(key).to_number<double>();
}
void set(SurfaceCommand& command, Quantity quantity, const std::string& text) {
  command.flags.constant[static_cast<std::size_t>(quantity)] = text;
}

// A table that a command wrote.
Answer table_of(const std::string& path) {
  Answer answer;
  auto reader = CsvReader::open(path);
  REQUIRE(reader);
  answer.header = reader->header();
  for (CsvRow row; reader->next(row);)
    for (std::size_t i = 0; i < row.cells.size(); ++i)
      answer.columns[answer.header[i]].emplace_back(row.cells[i]);
  return answer;
}

}  // namespace

TEST_CASE("forwards and discounts come out of calls and puts") {
  const auto report = run_json({}, sample_chain());
  const auto& expiries = report.at("expiries").as_array();
  REQUIRE(expiries.size() == 3);
  const auto truth = sample_expiries();
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(at(expiries[i].as_object(), "forward") == Approx(truth[i].forward).epsilon(1e-8));
    CHECK(at(expiries[i].as_object(), "discount") == Approx(truth[i].discount).epsilon(1e-7));
  }
}

TEST_CASE("parity leaves out pairs that are off, and needs enough of them") {
  std::vector<ParityPair> pairs;
  for (int strike = 90; strike <= 110; strike += 2)
    pairs.push_back({double(strike), 0.98 * (101 - strike), 0.05});
  pairs[3].difference += 3;
  ParityForward found;
  REQUIRE(fit_parity(pairs, std::nullopt, &found));
  CHECK(found.forward == Approx(101).epsilon(1e-9));
  CHECK(found.discount == Approx(0.98).epsilon(1e-9));
  CHECK(found.pairs == 10);
  const std::vector<ParityPair> two(pairs.begin(), pairs.begin() + 2);
  CHECK_FALSE(fit_parity(two, std::nullopt, &found));
  REQUIRE(fit_parity(two, 0.98, &found));
  CHECK(found.forward == Approx(101).epsilon(1e-9));
  for (auto& pair : pairs) pair.difference = 1;  // no line at all
  CHECK_FALSE(fit_parity(pairs, std::nullopt, &found));
}

TEST_CASE("every model fits the sample, and what may hold arbitrage says how much") {
  for (const std::string& model : surface_models()) {
    SurfaceCommand command;
    command.task.fit.model = model;
    const auto report = run_json(command, sample_chain());
    INFO(model);
    CHECK(at(report, "quotes") == 63);
    CHECK(report.at("expiries").as_array().size() == 3);
    // The sample is SVI; models of the whole surface are less free.
    const bool joint = model == "heston" || model == "bates" || model == "ssvi";
    CHECK(at(report, "rms_vol") < (joint                                 ? 0.02
                                   : model == "sabr" || model == "essvi" ? 0.004
                                                                         : 0.002));
    const auto& after = report.at("arbitrage").as_object().at("after").as_object();
    if (model == "svi" || model == "essvi" || model == "ssvi")
      CHECK(at(after, "butterfly_points") == 0);
    if (model == "essvi" || model == "ssvi") CHECK(at(after, "calendar_points") == 0);
  }
}

TEST_CASE(
    "every optimiser there is finds the same fit; models with a way of their own refuse others") {
  for (const char* model : {"svi", "essvi", "ssvi", "sabr", "heston", "bates"}) {
    SurfaceCommand command;
    command.task.fit.model = model;
    const double own = at(run_json(command, sample_chain()), "rms_half_spreads");
    for (const std::string& optimiser : surface_optimisers()) {
      command.task.fit.optimiser = optimiser;
      const auto report = run_json(command, sample_chain());
      INFO(model << " by " << optimiser);
      CHECK(report.at("optimiser").as_string() == optimiser);
      CHECK(at(report, "rms_half_spreads") == Approx(own).epsilon(0.01).margin(1e-3));
    }
  }
  SurfaceCommand command;
  command.task.fit.optimiser = "simplex";
  CHECK_THAT(run(command, sample_chain()).messages, Contains("--optimiser: found 'simplex'"));
  if (surface_optimisers().size() == 1) return;
  command.task.fit.optimiser = surface_optimisers()[1];
  command.task.fit.model = "spline";
  CHECK_THAT(run(command, sample_chain()).messages,
             Contains("found --model spline, expected one of svi"));
}

TEST_CASE("a market of rare large jumps is fitted by Bates without arbitrage to the last strike") {
  // Strongly bent smiles at the ends of the quotes, where a spline through them alone is straight.
  const kernels::HestonParameters model{0.0042, 31, 0.0714, 1.23, -0.43};
  const kernels::JumpParameters jumps{0.03, -0.9, 0.7};
  std::string chain = "expiry,strike,type,bid,ask,forward,rate\n";
  const auto backend = kernels::make_cpu_backend(1);
  for (const double years : {0.02, 0.1, 0.5}) {
    std::vector<double> strike, price(25);
    std::vector<std::int8_t> sign;
    for (int i = -12; i <= 12; ++i) {
      strike.push_back(100 * std::exp(0.45 * i / 12 * std::sqrt(years)));
      sign.push_back(i >= 0 ? 1 : -1);
    }
    const kernels::HestonExpiry expiry[] = {{years, 0, 0, 0, 25}};
    REQUIRE(heston_price(*backend, model, jumps, {100, expiry, strike, sign},
                         {price, {}, {}, {}, {}}) == kernels::Status::ok);
    for (std::size_t i = 0; i < 25; ++i)
      chain += fmt::format("{},{},{},{},{},100,0\n", years, strike[i], sign[i] > 0 ? "c" : "p",
                           0.999 * price[i], 1.001 * price[i]);
  }
  SurfaceCommand command;
  command.task.fit.model = "bates";
  const auto report = run_json(command, chain);
  CHECK(at(report, "quotes") == 75);
  const auto& after = report.at("arbitrage").as_object().at("after").as_object();
  CHECK(at(after, "butterfly_points") == 0);
  CHECK(at(after, "least_g") > 0);
}

TEST_CASE("--stability says how much a fit moves with its quotes, whatever the model") {
  SurfaceCommand command;
  CHECK_FALSE(run_json(command, sample_chain())
                  .at("expiries")
                  .as_array()[0]
                  .as_object()
                  .contains("stability"));
  command.task.fit.stability_refits = 8;
  double spline = 0, svi = 0;
  for (const char* model : {"spline", "svi", "sabr", "kriging", "heston"}) {
    command.task.fit.model = model;
    const auto report = run_json(command, sample_chain());
    INFO(model);
    for (const auto& one : report.at("expiries").as_array()) {
      const double moved = at(one.as_object(), "stability");
      CHECK(moved > 0);
      CHECK(moved < 1.2);
      if (model == std::string("svi")) svi = std::max(svi, moved);
      if (model == std::string("spline")) spline = moved;
    }
  }
  // What goes through every mid moves as they do; five parameters average twenty-one quotes.
  CHECK(spline == Approx(1).epsilon(0.02));
  CHECK(svi < 0.8);
  command.task.fit.model = "svi";
  CHECK_THAT(run(command, sample_chain()).report, Contains("stability: how far the fit moves"));
}

TEST_CASE(
    "an SVI market gives its own parameters back, but for what half way in price is not in "
    "volatility") {
  const auto report = run_json({}, sample_chain());
  const auto truth = sample_expiries();
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& one = report.at("expiries").as_array()[i].as_object();
    CHECK(one.at("verdict").as_string() == "trusted");
    CHECK(at(one, "inside") == 21);
    CHECK(at(one.at("parameters").as_object(), "rho") == Approx(truth[i].svi.rho).epsilon(0.02));
    CHECK(at(one.at("parameters").as_object(), "sigma") ==
          Approx(truth[i].svi.sigma).epsilon(0.02));
  }
}

TEST_CASE("the grid holds the fitted volatilities, and local ones where asked") {
  const TextFile grid, plain;
  SurfaceCommand command;
  command.grid = grid.path();
  command.task.grid_strikes = 9;
  command.task.local_vol = true;
  REQUIRE(run(command, sample_chain()).exit == kernel_ok);
  const Answer table = table_of(grid.path());
  CHECK(table.header.back() == "local_vol");
  REQUIRE(table.rows() == 27);
  const auto truth = sample_expiries();
  for (std::size_t row = 0; row < 27; ++row) {
    CHECK(table.number("vol", row) ==
          Approx(sample_vol(truth[row / 9], table.number("strike", row))).epsilon(2e-3));
    CHECK(table.number("local_vol", row) > 0);
  }
  command.task.grid_expiries = 5;
  command.task.local_vol = false;
  command.grid = plain.path();
  REQUIRE(run(command, sample_chain()).exit == kernel_ok);
  const Answer even = table_of(plain.path());
  CHECK(even.rows() == 45);
  CHECK(even.number("years", 0) == Approx(30.0 / 365));
  CHECK(even.number("years", 44) == Approx(1.0));
}

TEST_CASE("every quote is written beside its fit") {
  const TextFile quotes;
  SurfaceCommand command;
  command.quotes = quotes.path();
  REQUIRE(run(command, sample_chain()).exit == kernel_ok);
  const Answer table = table_of(quotes.path());
  REQUIRE(table.rows() == 63);
  for (std::size_t row = 0; row < 63; ++row) {
    CHECK(table.texts("use")[row] == "usable");
    CHECK(table.texts("inside")[row] == "1");
    CHECK(table.number("bid_vol", row) < table.number("fitted_vol", row));
    const bool put = table.texts("type")[row] == "p";
    CHECK(put == (table.number("log_moneyness", row) < 0));
  }
}

TEST_CASE("the page needs nothing but itself, and hostile names stay text") {
  const TextFile page;
  SurfaceCommand command;
  command.plot = page.path();
  REQUIRE(run(command, sample_chain()).exit == kernel_ok);
  const std::string html = page.text();
  CHECK_THAT(html, Contains("<canvas id=\"surface\"") && Contains("id=\"surface-data\"") &&
                       Contains("<svg") && Contains("strike / forward") &&
                       Contains("default-src 'none'"));
  for (const char* outside : {"http://", "https://", "src=", "href=", "@import", "url("})
    CHECK_THAT(html, !Contains(outside));
  SurfaceTask task;
  task.input = "<script>alert(1)</script>";
  const auto backend = kernels::make_cpu_backend(1);
  const TextFile in(sample_chain());
  ChainSettings settings;
  settings.input = in.path();
  const auto chain = read_chain(settings, *backend);
  REQUIRE(chain);
  const auto fit = fit_surface(*chain, {}, *backend);
  REQUIRE(fit);
  CHECK_THAT(html_report(task, *chain, *fit), !Contains("<script>alert"));
}

TEST_CASE("volatilities may be given instead of prices, with their forward") {
  std::string text = "days,strike,bid_vol,ask_vol,forward\n";
  for (const auto& e : sample_expiries())
    for (int strike = 80; strike <= 120; strike += 2)
      text += fmt::format("{},{},{},{},{}\n", e.years * 365, strike, sample_vol(e, strike) - 0.001,
                          sample_vol(e, strike) + 0.001, e.forward);
  const auto report = run_json({}, text);
  CHECK(at(report, "quotes") == 63);
  CHECK(at(report, "rms_vol") < 1e-4);
  const auto without = run({}, "expiry,strike,vol\n1,100,0.2\n1,110,0.2\n");
  CHECK(without.exit == kernel_usage);
  CHECK_THAT(without.messages, Contains("do not tell the forward"));
}

TEST_CASE("American prices are read by the American model") {
  // A flat 25 % on a stock with dividends; the put's early exercise is worth something.
  auto priced = command(Verb::price, "american");
  std::string text = "expiry,type,strike,spot,rate,dividend,vol\n";
  for (const double years : {0.25, 1.0})
    for (int strike = 70; strike <= 140; strike += 5)
      for (const char* type : {"c", "p"})
        text += fmt::format("{},{},{},100,0.05,0.03,0.25\n", years, type, strike);
  const Answer prices = run_on_text(priced, text);
  REQUIRE(prices.exit == kernel_ok);
  std::string chain = "expiry,type,strike,price,spot,rate,forward\n";
  for (std::size_t row = 0; row < prices.rows(); ++row)
    chain += fmt::format("{},{},{},{},100,0.05,{}\n", prices.texts("expiry")[row],
                         prices.texts("type")[row], prices.texts("strike")[row],
                         prices.texts("price")[row],
                         100 * std::exp(0.02 * prices.number("expiry", row)));
  const TextFile quotes;
  SurfaceCommand american;
  american.style = "american";
  american.task.fit.model = "spline";
  american.quotes = quotes.path();
  REQUIRE(run(american, chain).exit == kernel_ok);
  const Answer table = table_of(quotes.path());
  for (std::size_t row = 0; row < table.rows(); ++row)
    CHECK(table.number("bid_vol", row) == Approx(0.25).epsilon(1e-3));
  american.flags.constant = {};
  const auto refused = run(american, sample_chain());
  CHECK(refused.exit == kernel_usage);
  CHECK_THAT(refused.messages, Contains("needs the spot and the rate"));
}

TEST_CASE("bad rows and bad quotes are told, counted and left out") {
  std::string text = sample_chain();
  text += "0.2493150684931507,call,oops,1,2\n";    // no strike
  text += "1,put,70,0.5,0.1\n";                    // crossed
  text += "1,put,60,,0.1\n";                       // one-sided
  text += "2,call,100,3,3.1\n2,call,110,1,1.1\n";  // an expiry without puts
  const SurfaceAnswer answer = run({}, text);
  CHECK(answer.exit == kernel_bad_rows);
  CHECK_THAT(answer.report,
             Contains("row 127 (line 128): strike: found 'oops', expected a number above 0"));
  CHECK_THAT(answer.report, Contains("1 crossed, 1 one-sided"));
  CHECK_THAT(answer.report, Contains("2.0000 years: no forward"));
  CHECK_THAT(answer.report, Contains("63 quotes"));
}

TEST_CASE("a chain that cannot be used is refused with the reason") {
  CHECK_THAT(run({}, "expiry,strike\n1,100\n").messages, Contains("no quotes"));
  CHECK_THAT(run({}, "expiry,strike,type,bid,ask\n1,100,c,1,2\n").messages, Contains("no forward"));
  CHECK_THAT(run({}, "expiry,strike,type,bid,ask\n2027-01-15,100,c,1,2\n").messages,
             Contains("--as-of"));
  SurfaceCommand spot;
  set(spot, Quantity::spot, "100");
  set(spot, Quantity::rate, "0.02");
  const SurfaceAnswer few = run(spot, "expiry,strike,type,bid,ask\n1,100,c,7,8\n1,110,c,4,5\n");
  CHECK(few.exit == kernel_usage);
  CHECK_THAT(few.messages, Contains("too few quotes"));
}

TEST_CASE("a recorded chain of SPY is read as it was downloaded") {
  ZOMMA_SHARED_DATA(path, "options/barchart_SPY_exp2021-01-15_asof2020-07-02.csv");
  SurfaceCommand command;
  command.input = path;
  command.threads = 1;
  command.json = true;
  command.task.chain.least_moneyness = 0.5;
  set(command, Quantity::as_of, "2020-07-02");
  std::ostringstream text, messages;
  REQUIRE(run_surface(command, text, messages) == kernel_ok);
  const auto report = boost::json::parse(text.str()).as_object();
  const auto& one = report.at("expiries").as_array()[0].as_object();
  CHECK(one.at("expiry").as_string() == "2021-01-15");
  CHECK(at(one, "years") * 365 == Approx(197));
  CHECK(at(one, "forward") == Approx(311).epsilon(0.003));
  CHECK(at(one, "rms_vol") < 0.005);
  CHECK(at(one, "inside") > 0.9 * at(one, "quotes"));
}
