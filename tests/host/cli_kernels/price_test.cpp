// zomma price, greeks, iv on small tables: where quantities come from, what bad rows do, what is
// written.
#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "host/cli_kernels/command_run.h"

using namespace zomma::cli;
using namespace zomma::test;
using Catch::Matchers::Contains;

namespace {

const std::string haug = "cp,S,K,T,r,q,sigma\n1,60,65,0.25,0.08,0,0.3\n";  // Haug (1998): 2.1334

}  // namespace

TEST_CASE("a table is priced whatever the order and the spelling of its columns") {
  const std::string shuffled =
      "Implied Vol,type,note,RATE,Strike Price,underlying_price,Maturity\n"
      "30%,Call,\"a, b\",0.08,65,60,0.25\n";
  for (const std::string& text : {haug, shuffled}) {
    const Answer answer = run_on_text(command(Verb::price), text);
    CHECK(answer.exit == kernel_ok);
    CHECK(answer.number("price", 0) == Approx(2.1333684449161999).epsilon(1e-14));
    CHECK(answer.texts("status")[0] == "ok");
  }
}

TEST_CASE("columns of the file are copied as they stand, results follow") {
  const Answer answer =
      run_on_text(command(Verb::price), "id,S,K,T,r,vol,type\n\"x,1\", 60,65,0.25,0.08,.3,c\n");
  CHECK(answer.text.starts_with(
      "id,S,K,T,r,vol,type,price,status\n\"x,1\", 60,65,0.25,0.08,.3,c,2.13336844491"));
}

TEST_CASE("a flag stands for a column and before it") {
  auto priced = command(Verb::price);
  set(priced, Quantity::vol, "30%");
  set(priced, Quantity::rate, "0.08");
  set(priced, Quantity::type, "call");
  const Answer answer = run_on_text(priced, "S,K,T,r\n60,65,0.25,0.99\n");
  CHECK(answer.number("price", 0) == Approx(2.1333684449161999).epsilon(1e-14));
}

TEST_CASE("a mapped column comes before one with the usual name") {
  auto priced = command(Verb::price);
  priced.mappings = {"strike=My Strike"};
  const Answer answer =
      run_on_text(priced, "cp,S,K,my_strike,T,r,sigma\n1,60,1,65,0.25,0.08,0.3\n");
  CHECK(answer.number("price", 0) == Approx(2.1333684449161999).epsilon(1e-14));
  priced.mappings = {"strike=nope"};
  CHECK_THAT(run_on_text(priced, haug).messages,
             Contains("the file has no such column; it has cp, S, K"));
  priced.mappings = {"strke=K"};
  CHECK_THAT(run_on_text(priced, haug).messages, Contains("no such quantity"));
}

TEST_CASE("dates count from the as-of day, which a flag or a column gives") {
  auto priced = command(Verb::price);
  const std::string dated =
      "cp,S,K,expiration,r,sigma\nc,60,65,2027-06-18,0.08,0.3\nc,60,65,06/18/27,0.08,0.3\n";
  const Answer without = run_on_text(priced, dated);
  CHECK(without.exit == kernel_bad_rows);
  CHECK_THAT(without.texts("status")[0], Contains("--as-of"));
  set(priced, Quantity::as_of, "2026-06-18");
  const Answer answer = run_on_text(priced, dated);
  const Answer years = run_on_text(command(Verb::price), "cp,S,K,T,r,sigma\nc,60,65,1,0.08,0.3\n");
  CHECK(answer.texts("price")[0] == years.texts("price")[0]);
  CHECK(answer.texts("price")[1] == years.texts("price")[0]);
  const Answer days =
      run_on_text(command(Verb::price), "cp,S,K,DTE,r,sigma\nc,60,65,365,0.08,0.3\n");
  CHECK(days.texts("price")[0] == years.texts("price")[0]);
}

TEST_CASE("a day with a time counts to the afternoon of the expiry") {
  auto priced = command(Verb::price);
  set(priced, Quantity::as_of, "2026-06-18T10:00");
  const std::string dated = "cp,S,K,expiry,r,sigma\nc,60,65,2026-06-18,0.08,0.9\n";
  const Answer close = run_on_text(priced, dated);
  REQUIRE(close.exit == kernel_ok);
  priced.expiry_time = "16:00";
  CHECK(run_on_text(priced, dated).text == close.text);
  priced.expiry_time = "09:00";
  CHECK_THAT(run_on_text(priced, dated).texts("status")[0], Contains("is not after"));
}

TEST_CASE("a bad row says where, what and what was expected, and the others are right") {
  const Answer answer = run_on_text(command(Verb::price),
                                    "cp,S,K,T,r,sigma\n"
                                    "1,60,65,0.25,0.08,0.3\n"
                                    "x,60,65,0.25,0.08,0.3\n"
                                    "1,60,-65,0.25,0.08,0.3\n"
                                    "1,60,65,0.25,0.08\n"
                                    "1,60,65,0.25,0.08,\"0.3\n"
                                    "1,60,65,2027-02-30,0.08,0.3\n"
                                    "1,60,65,0.25,abc,0.3\n"
                                    "1,60,65,0.25,0.08,nan\n"
                                    "1,60,65,0.25,0.08,0.3\n");
  CHECK(answer.exit == kernel_bad_rows);
  REQUIRE(answer.rows() == 9);
  const auto& status = answer.texts("status");
  CHECK(status[1] == "row 2 (line 3): type: found 'x', expected c, call, 1, p, put or -1");
  CHECK(status[2] == "row 3 (line 4): strike: found '-65', expected a number above 0");
  CHECK(status[6] == "row 7 (line 8): rate: found 'abc', expected a number");
  CHECK(status[7] == "row 8 (line 9): vol: found 'nan', expected a number above 0");
  CHECK_THAT(answer.text, Contains("row 4 (line 5): found 5 cells, expected the header's 6"));
  CHECK_THAT(answer.text, Contains("row 5 (line 6): a quote is not closed"));
  CHECK_THAT(status[5], Contains("no day of the calendar"));
  for (const std::size_t row : {0, 8}) {
    CHECK(status[row] == "ok");
    CHECK(answer.number("price", row) == Approx(2.1333684449161999).epsilon(1e-14));
  }
  CHECK(answer.texts("price")[1].empty());
  CHECK_THAT(answer.messages, Contains("7 of 9 rows are bad"));
}

TEST_CASE("what no column and no flag gives is named with all the ways to give it") {
  const Answer answer = run_on_text(command(Verb::price), "cp,S,K,T,sigma\n1,60,65,0.25,0.3\n");
  CHECK(answer.exit == kernel_usage);
  CHECK(answer.text.empty());
  CHECK_THAT(answer.messages,
             Contains("no rate") && Contains("--rate VALUE") && Contains("The file has: cp, S, K"));
}

TEST_CASE("a quantity that two columns claim is a question, not a guess") {
  const Answer answer =
      run_on_text(command(Verb::price), "cp,S,K,k,T,r,sigma\n1,60,65,66,0.25,0.08,0.3\n");
  CHECK(answer.exit == kernel_usage);
  CHECK_THAT(answer.messages, Contains("2 columns named 'K'"));
}

TEST_CASE("only the columns asked for are written") {
  auto greeks = command(Verb::greeks);
  greeks.columns = "K,vega,status";
  const Answer answer = run_on_text(greeks, haug);
  CHECK(answer.header == std::vector<std::string>{"K", "vega", "status"});
  CHECK(answer.number("vega", 0) > 0);
  greeks.columns = "K,vegga";
  CHECK_THAT(run_on_text(greeks, haug).messages, Contains("there is no 'vegga'"));
}

TEST_CASE("no result need be asked for") {
  for (const std::string model : {"bsm", "american", "merton", "heston"}) {
    auto priced = command(Verb::price, model);
    priced.columns = "K,status";
    const Answer answer = run_on_text(priced,
                                      "cp,S,K,T,r,vol,lambda,muj,deltaj,v0,kappa,theta,volvol,"
                                      "rho\n1,60,65,1,0.02,0.3,1,0,0.1,0.04,1,0.04,0.3,-0.5\n");
    INFO(model << answer.messages);
    CHECK(answer.exit == kernel_ok);
    CHECK(answer.text == "K,status\n65,ok\n");
  }
  for (const std::string model : {"bsm", "bachelier", "american"}) {
    auto implied = command(Verb::implied, model);
    implied.columns = "status";
    CHECK(run_on_text(implied, "cp,S,K,T,r,price\n1,60,65,1,0.02,5\n").text == "status\nok\n");
  }
}

TEST_CASE("a result whose name the file has is written under another") {
  const Answer answer =
      run_on_text(command(Verb::price), "price,cp,S,K,T,r,sigma\n7,1,60,65,0.25,0.08,0.3\n");
  CHECK(answer.texts("price")[0] == "7");
  CHECK(answer.number("zomma_price", 0) == Approx(2.1333684449161999).epsilon(1e-14));
}

TEST_CASE("the precision is in significant digits") {
  auto priced = command(Verb::price);
  priced.precision = 5;
  CHECK(run_on_text(priced, haug).texts("price")[0] == "2.1334");
}

TEST_CASE("a file of forwards is priced by Black 76") {
  const Answer chosen =
      run_on_text(command(Verb::price), "cp,F,K,T,r,sigma\n1,60,65,0.25,0.08,0.3\n");
  const Answer named =
      run_on_text(command(Verb::price, "black76"), "cp,F,K,T,r,sigma\n1,60,65,0.25,0.08,0.3\n");
  CHECK(chosen.exit == kernel_ok);
  CHECK(chosen.text == named.text);
}

TEST_CASE("models on the spot take a forward as a future: its dividend is the rate") {
  const std::string heston =
      "cp,%,K,T,r,q,v0,kappa,theta,nu,rho\n-1,100,90,0.5,0.03,0.03,0.04,2,0.05,0.4,-0.6\n";
  const auto with = [&](char column) {
    std::string text = heston;
    text[text.find('%')] = column;
    return run_on_text(command(Verb::greeks, "heston"), text);
  };
  const Answer spot = with('S'), forward = with('F');
  REQUIRE(spot.exit == kernel_ok);
  CHECK(forward.texts("price") == spot.texts("price"));
  CHECK(forward.texts("delta") == spot.texts("delta"));
}

TEST_CASE("rows of Heston models keep their places, whatever surfaces they belong to") {
  std::string text = "cp,S,K,T,r,v0,kappa,theta,sigma,rho\n";
  for (int i = 0; i < 60; ++i)
    text += std::string(i % 2 == 0 ? "1" : "-1") + ",100," + std::to_string(80 + i) + "," +
            (i % 3 == 0 ? "0.5" : "1.5") + ",0.02," + (i % 4 == 0 ? "0.04" : "0.09") +
            ",2,0.05,0.4,-0.6\n";
  const Answer all = run_on_text(command(Verb::price, "heston"), text);
  REQUIRE(all.rows() == 60);
  for (const std::size_t row : {0, 7, 31, 59}) {
    std::istringstream lines(text);
    std::string header, line;
    std::getline(lines, header);
    for (std::size_t i = 0; i <= row; ++i) std::getline(lines, line);
    const Answer alone = run_on_text(command(Verb::price, "heston"), header + "\n" + line + "\n");
    CHECK(all.number("price", row) == Approx(alone.number("price", 0)).epsilon(1e-11));
  }
}

TEST_CASE("parameters that a model refuses spoil their rows only") {
  const Answer answer = run_on_text(command(Verb::price, "heston"),
                                    "cp,S,K,T,r,v0,kappa,theta,sigma,rho\n"
                                    "1,100,90,1,0.02,0.04,2,0.05,0.4,-0.6\n"
                                    "1,100,90,1,0.02,0.04,2,0.05,0.4,-1.6\n");
  CHECK(answer.exit == kernel_bad_rows);
  CHECK(answer.texts("status")[0] == "ok");
  CHECK_THAT(answer.texts("status")[1],
             Contains("row 2 (line 3): outside the domain") && Contains("rho -1.6"));
}

TEST_CASE("a price becomes the volatility it was made with, for every model that has one") {
  for (const std::string model : {"bsm", "bachelier", "american"}) {
    const std::string under = model == "bachelier" ? "F" : "S",
                      vol = model == "bachelier" ? "15" : "0.3";
    const std::string text = "cp," + under + ",K,T,r,sigma\n1,60,65,0.25,0.08," + vol +
                             "\n-1,60,65,0.75,0.08," + vol + "\n";
    const Answer priced = run_on_text(command(Verb::price, model), text);
    REQUIRE(priced.exit == kernel_ok);
    const Answer implied = run_on_text(command(Verb::implied, model), priced.text);
    INFO(model << ": " << implied.text << implied.messages);
    REQUIRE(implied.exit == kernel_ok);
    CHECK(implied.number("vol", 0) == Approx(std::stod(vol)).epsilon(1e-7));
    CHECK(implied.number("vol", 1) == Approx(std::stod(vol)).epsilon(1e-7));
  }
}

TEST_CASE("a price below the intrinsic value is told with its numbers") {
  const Answer answer =
      run_on_text(command(Verb::implied), "cp,S,K,T,r,price\n1,100,50,1,0,49\n1,100,90,1,0,12\n");
  CHECK(answer.exit == kernel_bad_rows);
  CHECK_THAT(answer.texts("status")[0],
             Contains("below intrinsic value") && Contains("price 49") && Contains("strike 50"));
  CHECK(answer.texts("status")[1] == "ok");
}

TEST_CASE(
    "cash dividends: escrowed in bsm, a reason to exercise in american, and back again by iv") {
  // Hull's example of a European call with two dividends of 0.50 (options chapter on dividends):
  // 3.67.
  const std::string hull = "cp,S,K,T,r,vol\nc,40,40,0.5,0.09,0.3\n";
  auto cash = command(Verb::price);
  cash.cash = "0.1666666667:0.5, 0.4166666667:0.5";
  const Answer european = run_on_text(cash, hull);
  REQUIRE(european.exit == kernel_ok);
  CHECK(european.number("price", 0) == Approx(3.67).margin(0.005));
  cash.model = "american";
  const double american = run_on_text(cash, hull).number("price", 0);
  CHECK(american > european.number("price", 0) + 0.01);
  CHECK(american < run_on_text(command(Verb::price, "american"), hull).number("price", 0));

  for (const std::string model : {"bsm", "american"}) {
    auto greeks = cash;
    greeks.verb = Verb::greeks, greeks.model = model;
    const Answer now = run_on_text(greeks, hull);
    const Answer up = run_on_text(greeks, "cp,S,K,T,r,vol\nc,40.01,40,0.5,0.09,0.3\n");
    const Answer high = run_on_text(greeks, "cp,S,K,T,r,vol\nc,40,40,0.5,0.09,0.301\n");
    CHECK(now.number("delta", 0) ==
          Approx((up.number("price", 0) - now.number("price", 0)) / 0.01).epsilon(1e-3));
    CHECK(now.number("vega", 0) ==
          Approx((high.number("price", 0) - now.number("price", 0)) / 0.001).epsilon(5e-3));
    auto implied = cash;
    implied.verb = Verb::implied, implied.model = model;
    const Answer back = run_on_text(implied, "cp,S,K,T,r,price\nc,40,40,0.5,0.09," +
                                                 now.texts("price")[0] + "\nc,40,40,0.5,0.09,41\n");
    CHECK(back.number("vol", 0) == Approx(0.3).epsilon(1e-5));
    CHECK_THAT(back.texts("status")[1], Contains("above the bound"));
  }
}

TEST_CASE("cash dividends by day count from --as-of; what is wrong with them is said") {
  const std::string rows = "cp,S,K,T,r,vol\nc,100,100,1,0.03,0.2\n";
  auto by_day = command(Verb::price), by_years = command(Verb::price);
  set(by_day, Quantity::as_of, "2026-01-01");
  by_day.cash = "2026-07-02:2,2025-07-02:2";  // the second is past
  by_years.cash = fmt::format("{}:2", 182.0 / 365);
  CHECK(run_on_text(by_day, rows).number("price", 0) ==
        Approx(run_on_text(by_years, rows).number("price", 0)).epsilon(1e-14));
  const auto said = [&](const std::string& cash, const std::string& model = "") {
    auto wrong = command(Verb::price, model);
    wrong.cash = cash;
    return run_on_text(wrong, rows).messages;
  };
  CHECK_THAT(said("1.10"), Contains("--cash: found '1.10', expected WHEN:AMOUNT"));
  CHECK_THAT(said("0.5:-1"), Contains("an amount of 0 or more"));
  CHECK_THAT(said("0.5:nan"), Contains("an amount of 0 or more"));
  CHECK_THAT(said("-1:1"), Contains("years above 0"));
  CHECK_THAT(said("2026-02-30:1"), Contains("a day of the calendar"));
  CHECK_THAT(said("2026-02-20:1"), Contains("--as-of beside a day"));
  CHECK_THAT(said("0.5:1", "heston"), Contains("expected bsm or american"));
  CHECK_THAT(said("0.5:200"), Contains("1 of 1 rows are bad"));
}

TEST_CASE("Merton without jumps has the Greeks of Black and Scholes, and more with jumps") {
  const std::string rows =
      "cp,S,K,T,r,q,vol,intensity,jump mean,jump deviation\n"
      "c,100,110,0.5,0.03,0.01,0.2,0,-0.1,0.2\nc,100,110,0.5,0.03,0.01,0.2,2,-0.1,0.2\n";
  const Answer jumps = run_on_text(command(Verb::greeks, "merton"), rows),
               plain = run_on_text(command(Verb::greeks, "bsm"), rows);
  REQUIRE(jumps.exit == kernel_ok);
  for (const char* name :
       {"price", "delta", "gamma", "vega", "theta", "rho", "phi", "vanna", "vomma"})
    CHECK(jumps.number(name, 0) == Approx(plain.number(name, 0)).epsilon(1e-11));
  CHECK(jumps.number("price", 1) > jumps.number("price", 0));
  CHECK(jumps.number("d_intensity", 0) > 0);
  auto few = command(Verb::greeks, "merton");
  few.columns = "vega,d_jump_mean";
  CHECK(run_on_text(few, rows).texts("vega") == jumps.texts("vega"));
}

TEST_CASE("models and results that do not go together are refused") {
  CHECK_THAT(run_on_text(command(Verb::implied, "heston"), haug).messages,
             Contains("no implied volatility"));
  CHECK_THAT(run_on_text(command(Verb::price, "garch"), haug).messages,
             Contains("expected bsm, black76"));
}

TEST_CASE("the file that is read is not overwritten") {
  const TextFile file(haug);
  auto priced = command(Verb::price);
  priced.input = priced.output = file.path();
  std::ostringstream messages;
  CHECK(run_price(priced, messages) == kernel_usage);
  CHECK(file.text() == haug);
}
