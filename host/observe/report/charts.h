// charts.h: which curves the page shows, drawn as SVG or handed to uPlot as data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "observe/report/report.h"

namespace zomma {

// One choice of "instrument and strategy" on the page.
struct MarketPanel {
  const MarketResult* market;
  const StrategyResult* strategy;
  const InstrumentResult* dealt;  // null: quoted, never traded
  std::string name;
};
constexpr std::size_t max_panels = 24;
// Traded ones by turnover, greatest first, then those only watched; at most max_panels.
std::vector<MarketPanel> market_panels(const Report& report);

// Chart boxes; `interactive` ones are empty and filled by report.js from plots_json.
std::string equity_charts(const Report& report, bool interactive);
std::string panel_charts(const Report& report, const MarketPanel& panel, std::size_t index,
                         bool interactive);
// Everything the interactive charts show, as JSON that may stand in a script element.
std::string plots_json(const Report& report);

std::string signal_charts(const Report& report);
std::string latency_charts(const Report& report);

}  // namespace zomma
