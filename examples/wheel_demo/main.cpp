// wheel_demo: a program of your own that runs the wheel over a year of SPY with a Zomma host
// inside, prints what it decides and what came of it, compares it with simpler ways, and writes the
// report. Usage: wheel_demo DATA PLUGINS [OUTPUT]
//   DATA     examples/data/us_daily: real prices, around which option chains are MODELLED
//   PLUGINS  the folder of wheel.so and the baselines
#include <zomma/backtest.hpp>

#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

// What an operator would write into a file.
std::string configuration(const std::string& data, const std::string& output) {
  return R"([run]
name = "wheel_demo"
state_dir = ")" +
         output + R"("
[chains]
rates_path = ")" +
         data + R"(/interest-rate.csv"
[[feed]]
name = "spy"
format = "modelled"
path = ")" +
         data + R"("
underlyings = ["SPY"]
from = 2018-01-02
to = 2018-12-31
fee_per_contract = 0.65
[plugin.wheel]
path = "wheel.so"
allow_unlisted = true
instruments = ["SPY"]
cash = 100_000
[plugin.wheel.params]
max_position = 0.9              # one underlying alone
[report]
baselines = ["buy_and_hold", "covered_call", "put_write"]
)";
}

std::string date_of(std::int64_t ts_ns) {
  const std::time_t seconds = ts_ns / 1'000'000'000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &utc);
  return text;
}

void print_trade(const zomma::BacktestTrade& trade) {
  std::printf("%s  %-9s %+6.0f  %-21s", date_of(trade.ts_ns).c_str(), trade.what, trade.quantity,
              trade.symbol.c_str());
  if (trade.price > 0) std::printf("  at %.2f", trade.price);
  std::printf("\n");
}

void print_figures(const zomma::BacktestFigures& one) {
  std::printf("%-13s %12.2f %9.2f %9.1f %% %9.1f %% %8.2f %9.1f %%\n", one.name.c_str(),
              static_cast<double>(one.net) * 1e-8, static_cast<double>(one.fees) * 1e-8,
              100 * one.total, 100 * one.volatility, one.sharpe, 100 * one.drawdown);
}

int fail(const std::string& trouble) {
  std::fprintf(stderr, "%s\n", trouble.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return fail("usage: wheel_demo DATA PLUGINS [OUTPUT]");
  namespace fs = std::filesystem;
  const std::string output = fs::absolute(argc > 3 ? argv[3] : "wheel_demo_output").string();
  fs::create_directories(output);
  zomma::BacktestOptions options;
  options.config = output + "/wheel_demo.toml";
  options.plugins_dir = argv[2];
  std::ofstream(options.config) << configuration(fs::absolute(argv[1]).string(), output);

  int decisions = 0;
  options.on_log = [&](const std::string& line) {
    ++decisions;
    std::printf("            %s\n", line.c_str());
  };
  options.on_trade = print_trade;
  zomma::BacktestResult result;
  if (const zomma::Trouble trouble = zomma::backtest(options, result); !trouble.empty())
    return fail(trouble);

  std::printf("\n%-13s %12s %9s %11s %11s %8s %11s\n", "2018", "P&L, USD", "fees", "return",
              "volatility", "Sharpe", "drawdown");
  for (const auto& one : result.strategies) print_figures(one);
  for (const auto& one : result.baselines) print_figures(one);
  if (result.modelled)
    std::printf(
        "Option quotes are MODELLED: what selling options earned follows from the model.\n");
  std::printf("%d lines of the wheel; report: %s/report.html\n", decisions,
              result.report_dir.c_str());
  return result.strategies.empty() || result.strategies[0].fills == 0
             ? fail("the wheel never traded")
             : 0;
}
