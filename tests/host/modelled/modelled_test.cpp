// The parts of the modelled market: history, listing, variance, prices. Dates are the exchange's
// own, written down by hand.
#include <unistd.h>
#include <zomma/kernels/american.h>
#include <catch2/catch.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "market/feeds/modelled/market.h"

using namespace zomma;
using namespace zomma::modelled;

namespace {

class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() / ("modelled-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_ / "factor_files");
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

ExpiryTerms quarter_year() {
  ExpiryTerms terms;
  terms.spot = 200, terms.years = 0.25, terms.rate = 0.02, terms.dividends = 1;
  terms.total_variance = 0.04 * 0.25;
  terms.smile = {-0.7, 0.8, 0.5};
  return terms;
}

std::vector<double> strikes_from(double low, double high, double step) {
  std::vector<double> strikes;
  for (double strike = low; strike <= high; strike += step) strikes.push_back(strike);
  return strikes;
}

}  // namespace

TEST_CASE("the expiries of a day are the exchange's: holidays move them, a monthly is no weekly") {
  // 3 July 2015 was a holiday; the third Fridays were 17 July, 21 August, 18 September.
  CHECK(listed_expiries({4, 3, 3, 3.0, 0}, 20150701) ==
        std::vector<options::Date>{20150702, 20150710, 20150717, 20150724, 20150821, 20150918,
                                   20151218, 20160318, 20160617});
  // On its last day an expiry is not listed any more; contracts of 2014 end on a Saturday.
  CHECK(listed_expiries({2, 2, 0, 3.0, 0}, 20140718) ==
        std::vector<options::Date>{20140725, 20140801, 20140816, 20140920});
}

TEST_CASE("strikes are added as the price moves, and none goes away") {
  StrikeGrid grid(25'000);
  grid.reach(1'960'000, 2'050'000, 7);
  REQUIRE(grid.size() == 4);  // 197.5, 200, 202.5, 205
  CHECK(grid.strike(0) == 1'975'000);
  grid.reach(1'920'000, 1'990'000, 9);
  REQUIRE(grid.size() == 6);
  CHECK(grid.strike(0) == 1'925'000);
  CHECK(grid.listed(0) == 9);
  CHECK(grid.listed(2) == 7);
  CHECK(grid.strike(5) == 2'050'000);
  CHECK(strike_step(2'000'000, false) == 25'000);
  CHECK(strike_step(2'000'000, true) == 50'000);
}

TEST_CASE("variance returns to the long run, and never falls with the time to expiry") {
  const VarianceLevel calm{0.01, 0.04}, storm{0.36, 0.04};
  CHECK(total_variance(calm, 3, 1e-6) == Approx(0.01 * 1e-6));
  // Mean variance of a year: 0.04 + (0.01 - 0.04) (1 - e^-3) / 3.
  CHECK(total_variance(calm, 3, 1) == Approx(0.0304979).epsilon(1e-5));
  for (double years = 0.01; years < 3; years += 0.01) {
    CHECK(total_variance(storm, 3, years + 0.01) > total_variance(storm, 3, years));
    CHECK(total_variance(calm, 3, years + 0.01) > total_variance(calm, 3, years));
  }
}

TEST_CASE("the level of constant returns is their volatility times the premium") {
  VolatilityModel model;
  model.premium = 1.1;
  VolatilityForecast forecast(model);
  for (int day = 0; day < 300; ++day) forecast.add(day % 2 == 0 ? 0.01 : -0.01);
  const VarianceLevel level = forecast.level();
  CHECK(level.now == Approx(1.21 * 0.0001 * 252));
  CHECK(level.long_run == Approx(level.now));
}

TEST_CASE("a smile with arbitrage and windows longer than the history are refused") {
  Model model;
  model.volatility.smile.eta = 1.3;  // 1.3 (1 + 0.7) > 2
  REQUIRE_FALSE(check(model));
  CHECK(check(model).error().message.find("smile_eta") != std::string::npos);
  model.volatility.smile.eta = 0.8;
  model.warm_up_sessions = 20;
  CHECK_FALSE(check(model));
}

TEST_CASE("European values keep parity, fall and bend with the strike") {
  ExpiryTerms terms = quarter_year();
  terms.american = false;
  const auto strikes = strikes_from(150, 250, 2.5);
  ExpiryValues values;
  price_expiry(terms, strikes, values);
  const double discount = std::exp(-0.02 * 0.25);
  for (std::size_t i = 0; i < strikes.size(); ++i)
    CHECK(values.call[i] - values.put[i] == Approx(199 - strikes[i] * discount).margin(1e-9));
  for (std::size_t i = 1; i + 1 < strikes.size(); ++i) {
    CHECK(values.call[i] < values.call[i - 1]);
    CHECK(values.call[i + 1] - 2 * values.call[i] + values.call[i - 1] > 0);
  }
}

TEST_CASE("interpolated early exercise is within half a cent of the kernel's own price") {
  const ExpiryTerms terms = quarter_year();
  const auto strikes = strikes_from(150, 250, 2.5);
  ExpiryValues values;
  price_expiry(terms, strikes, values);
  const std::size_t count = strikes.size();
  const double yield = -std::log(199.0 / 200.0) / 0.25;
  for (const bool put : {false, true}) {
    std::vector<double> spot(count, 200), years(count, 0.25), rate(count, 0.02),
        yields(count, yield), vols, price(count);
    for (const double strike : strikes) vols.push_back(smile_vol(terms, strike));
    const std::vector<std::int8_t> sign(count, put ? -1 : 1);
    std::vector<kernels::ElementStatus> status(count);
    kernels::AmericanValues out;
    out.price = price, out.status = status;
    const auto backend = kernels::make_cpu_backend(1);
    REQUIRE(kernels::american_price(*backend, kernels::AmericanPreset::accurate,
                                    {spot, strikes, years, rate, yields, vols, sign},
                                    out) == kernels::Status::ok);
    for (std::size_t i = 0; i < count; ++i) {
      INFO("strike " << strikes[i] << (put ? " put" : " call"));
      CHECK((put ? values.put : values.call)[i] == Approx(price[i]).margin(0.005));
    }
  }
}

TEST_CASE("splits are taken out of prices and dividends") {
  const Folder folder;
  folder.write("acme.csv",
               "20150708 00:00,2000000,2000000,2000000,2000000,10\n"
               "20150709 00:00,2010000,2010000,2010000,2010000,10\n"
               "20150710 00:00,1000000,1000000,1000000,1000000,20\n");
  // A dividend of 1.00 on 9 July, two for one on 10 July.
  folder.write(
      "factor_files/acme.csv",
      "20150101,0.995,0.5,100\n20150708,0.995,0.5,200\n20150709,1,0.5,201\n20501231,1,1,0\n");
  const auto history = read_history(folder.path(), "acme", 20151231);
  REQUIRE(history);
  CHECK(history->symbol == "ACME");
  REQUIRE(history->sessions.size() == 3);
  CHECK(history->sessions[0].close == 1'000'000);
  CHECK(history->sessions[1].close == 1'005'000);
  REQUIRE(history->dividends.size() == 1);
  CHECK(history->dividends[0].ex_date == 20150709);
  CHECK(history->dividends[0].amount == Approx(0.5));
  // Before it was known, the split is not.
  CHECK(read_history(folder.path(), "acme", 20150709)->sessions[0].close == 2'000'000);
}

TEST_CASE("rows that cannot be are refused with their line, missing sessions are counted") {
  const Folder folder;
  folder.write("acme.csv",
               "20150702 00:00,100,100,100,100,10\n"
               "20150703 00:00,100,100,100,100,10\n"  // Independence Day observed
               "20150706 00:00,100,90,100,95,10\n"    // high below low
               "20150707 00:00,0,0,0,0,0\n"
               "20150702 00:00,100,100,100,100,10\n"
               "20150709 00:00,100,100,100,100,x\n");
  const auto history = read_history(folder.path(), "ACME", 20151231);
  REQUIRE(history);
  CHECK(history->sessions.size() == 2);
  CHECK(history->counters.rows == 6);
  CHECK(history->counters.malformed == 3);
  CHECK(history->counters.backward == 1);
  CHECK(history->counters.holes == 3);  // 6, 7, 8 July
  REQUIRE(history->first_problem);
  CHECK(history->first_problem->message.find("acme.csv: line 2: the exchange was closed") !=
        std::string::npos);
}

TEST_CASE("a leap without a split, and no file at all, end it with a sentence") {
  const Folder folder;
  folder.write("acme.csv",
               "20150701 00:00,100,100,100,100,10\n20150702 00:00,250,250,250,250,10\n");
  const auto leapt = read_history(folder.path(), "ACME", 20151231);
  REQUIRE_FALSE(leapt);
  CHECK(leapt.error().code == Errc::corrupt);
  CHECK(leapt.error().message.find("line 2: the close moved by a factor of 2.5") !=
        std::string::npos);
  const auto none = read_history(folder.path(), "NONE", 20151231);
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Errc::not_found);
  CHECK(none.error().message.find("none.csv") != std::string::npos);
}
