// wheel_report_test.cpp: the wheel over real prices and modelled chains, from the start to the
// page: the report explains the P&L to the cent, and it is the account's.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <filesystem>

#include "runtime/discover.h"
#include "runtime/report_builder.h"
#include "runtime/session.h"

using namespace zomma;

namespace {

constexpr Money cash{500'000'00000000};

// config/wheel_years.toml, but for eight months with a crash, assignments and dividends in them.
Config shortened() {
  auto loaded = load_config(ZOMMA_SOURCE "/config/wheel_years.toml");
  INFO(format(loaded.errors));
  REQUIRE(loaded);
  Config config = std::move(loaded.config);
  REQUIRE(config.feeds.size() == 1);
  config.feeds[0].chains.from = {2015, 7, 1};
  config.feeds[0].chains.to = {2016, 2, 29};
  config.run.state_dir = "/tmp/zomma-wheel-report-" + std::to_string(getpid());
  config.bus.enabled = config.metrics.enabled = config.admin.enabled = false;
  config.terminal.mode = TerminalMode::off;
  REQUIRE(discover_contracts(config, [](const std::string&) {}));
  return config;
}

}  // namespace

TEST_CASE("the wheel's report explains its P&L, and its P&L is the account's") {
  const Config config = shortened();
  AnalysisObserver observer(config);
  SessionOptions options;
  options.journal = options.resume = false;
  options.plugins_dir = ZOMMA_PLUGINS;
  options.observer = &observer;
  auto session = Session::open(config, std::move(options));
  REQUIRE(session);
  REQUIRE((*session)->run());
  const zm_account account = (*session)->engine().account_of({0});
  const RunResult run = observer.result();
  REQUIRE(run.options.size() == 1);
  const OptionsResult& wheel = run.options[0];
  CHECK(run.total.pnl.net().value == account.equity - cash.value);
  CHECK(wheel.why.total().value == account.equity - cash.value);
  CHECK(wheel.books_differ.value == 0);
  Attributed parts;
  for (const OptionsResult::Part& part : wheel.parts) parts += part.why;
  CHECK(parts.total().value == wheel.why.total().value - wheel.interest.value);

  // It was a wheel, and its Greeks say most of what happened to it.
  CHECK(wheel.puts_assigned > 0);
  CHECK(wheel.called_away > 0);
  CHECK(wheel.dividends.value > 0);
  CHECK(wheel.premium_received > wheel.premium_paid);
  CHECK(wheel.unknown * 10 < wheel.looks);
  CHECK(wheel.why.theta.value > 0);
  CHECK(wheel.why.gamma.value < 0);
  CHECK(wheel.why.costs.value < 0);
  const double moved = to_double(wheel.why.theta) - to_double(wheel.why.gamma);
  CHECK(std::abs(to_double(wheel.why.residual)) < 0.25 * moved);
  CHECK(wheel.why.income.value == wheel.dividends.value + wheel.interest.value);
  CHECK(wheel.fees.value == run.total.pnl.fees.value);
  std::filesystem::remove_all(config.run.state_dir);
}
