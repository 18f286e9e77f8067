// svg_chart.h: charts as inline SVG, for pages without scripts and for what needs none. Colours
// come from the page's style sheet by class, so the charts follow light and dark.
#pragma once

#include <string>
#include <vector>

#include "observe/report/figures.h"

namespace zomma {

struct SvgCurve {
  Series points;
  std::string css;  // class names
  bool steps{false};
  bool area{false};  // filled down (or up) to zero
};
struct TimeChart {
  std::string label;  // for readers that cannot see it
  Nanoseconds first{}, last{};
  int height{300};
  std::vector<SvgCurve> curves;
  std::vector<FillMark> marks;
};
// "" if there is nothing to draw.
std::string svg_time_chart(const TimeChart& chart);

// Horizontal bars around zero with error whiskers; all bars of a page that belong together share
// `greatest`.
struct SvgBar {
  std::string name;
  double value, error;  // no_value = nothing drawn
  bool strong;
};
std::string svg_bars(const std::string& label, const std::vector<SvgBar>& bars, double greatest);

// Durations on a logarithmic axis.
std::string svg_histogram(const std::string& label, const LatencyFigures& latency);

// At most `wanted` + 1 round steps between low and high: 1, 2 or 5 times a power of ten. low <
// high.
double round_step(double low, double high, int wanted);

}  // namespace zomma
