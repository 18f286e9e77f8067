// One moment of an invented run, for the golden texts.
#pragma once

#include "cli/terminal/run_view.h"

namespace zomma::test {

inline RunView sample_view() {
  RunView view;
  view.name = "binance";
  view.mode = "recorded";
  view.engine_time_ns = 1'723'111'200'123'456'789;  // 2024-08-08 10:00:00.123 UTC
  view.elapsed_ns = 2'340'000'000;
  view.events = 1'234'567;
  view.events_per_second = 10'240'000;
  view.lag_ns = 1'250'000;
  view.pnl = -12.346;
  view.fees = 1'003.2;
  view.currency = "USDT";
  view.intents = 1'204;
  view.risk_rejects = 3;
  view.fills = 98;
  view.open_orders = 6;
  view.strategies = {{"hft_alpha", "running", -20.5, 1'000, 1'100, 90, 3},
                     {"hello", "faulted", 8.156, 3.2, 104, 8, 0}};
  view.positions = {{"BTCUSDT.perp", "-0.012", "61800.1", "61800.2", -20.5, 4},
                    {"ETHUSDT.spot", "0", "2670.01", "2670.02", 0, 0}};
  view.feeds = {{"btc-spot", 41'249, 0, 0, 0.426}, {"btc-perp", 93'954, 2, 1, -1}};
  return view;
}

}  // namespace zomma::test
