#include "cli/kernels/smile_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "observe/report/svg_chart.h"

namespace zomma::cli {
namespace {

constexpr double left = 46, right = 10, top = 8, bottom = 40;
constexpr int line_points = 121;

struct Axis {
  double low, high, from, to;
  double operator()(double value) const {
    return from + (value - low) / (high - low) * (to - from);
  }
};

// The volatilities that are shown: all of the line, and quotes unless a few wild ones would flatten
// it.
Axis vol_axis(const ChainExpiry& e, const std::vector<double>& line, double from) {
  double low = *std::min_element(line.begin(), line.end()),
         high = *std::max_element(line.begin(), line.end());
  const double reach = std::fmax(high - low, 0.02);
  std::vector<double> tops, bottoms;
  for (std::size_t i = 0; i < e.k.size(); ++i) {
    if (kernels::judge_quote(e.k[i], e.bid_vol[i], e.ask_vol[i]) != kernels::QuoteUse::usable)
      continue;
    tops.push_back(e.ask_vol[i]), bottoms.push_back(e.bid_vol[i]);
  }
  if (!tops.empty()) {
    high = std::fmax(high, std::fmin(*std::max_element(tops.begin(), tops.end()), high + reach));
    low = std::fmin(low, std::fmax(*std::min_element(bottoms.begin(), bottoms.end()), low - reach));
  }
  const double room = 0.04 * (high - low) + 1e-4;
  return {std::fmax(0.0, low - room), high + room, from, top};
}

// Strikes in percent of the forward: even steps, or over a wide range a list that leaves room for
// their labels on a logarithmic axis.
std::vector<double> strike_ticks(const Axis& x) {
  constexpr double label_room = 38;
  const double low = std::exp(x.low) * 100, high = std::exp(x.high) * 100;
  std::vector<double> candidates, ticks;
  if (high > 2.5 * low) {
    candidates = {100, 50, 150, 200, 75, 125, 25,  300, 10,   400, 5,
                  500, 60, 80,  40,  30, 20,  120, 700, 1000, 2,   1};
  } else {
    const double step = round_step(low, high, 6);
    for (double p = std::ceil(low / step) * step; p <= high; p += step) candidates.push_back(p);
  }
  const auto free = [&](double p) {
    return std::all_of(ticks.begin(), ticks.end(), [&](double other) {
      return std::fabs(x(std::log(p / 100)) - x(std::log(other / 100))) >= label_room;
    });
  };
  for (const double p : candidates)
    if (p > low && p < high && free(p)) ticks.push_back(p);
  return ticks;
}

std::string axes(const Axis& x, const Axis& y) {
  std::string svg;
  const double vol_step = round_step(y.low, y.high, 7), floor = y.from;
  for (double v = std::ceil(y.low / vol_step) * vol_step; v <= y.high; v += vol_step)
    svg += fmt::format(R"(<line class="grid" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>)"
                       R"(<text x="{:.1f}" y="{:.1f}" text-anchor="end">{:.4g} %</text>)",
                       x.from, x.to, y(v), y(v), x.from - 6, y(v) + 4, std::round(1e6 * v) / 1e4);
  for (const double p : strike_ticks(x)) {
    const double at = x(std::log(p / 100));
    svg += fmt::format(R"(<line class="grid" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>)",
                       at, at, top, floor);
    if (at > x.from + 4 && at < x.to - 12)
      svg += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{:.5g} %</text>)", at,
                         floor + 15, std::round(1e4 * p) / 1e4);
  }
  svg += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="middle">strike / forward</text>)",
                     0.5 * (x.from + x.to), floor + bottom - 6);
  if (x.low < 0 && x.high > 0)
    svg += fmt::format(R"(<line class="money" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>)",
                       x(0), x(0), top, floor);
  return svg;
}

}  // namespace

std::string smile_chart(const ChainExpiry& e, const ExpiryFit& fit,
                        const kernels::VarianceSurface& surface, ChartSize size) {
  const auto [low, high] = quoted_range(e);
  const double room = 0.03 * (high - low);
  const Axis x{low - room, high + room, left, size.width - right};
  std::vector<double> line;
  for (int i = 0; i < line_points; ++i)
    line.push_back(surface.volatility(low + (high - low) * i / (line_points - 1), e.years));
  const Axis y = vol_axis(e, line, size.height - bottom);
  std::string svg = fmt::format(R"(<svg viewBox="0 0 {} {}" role="img" aria-label="smile of {}">)",
                                size.width, size.height, e.label);
  svg += axes(x, y);
  for (std::size_t i = 0; i < e.k.size(); ++i) {
    const double bid = e.bid_vol[i], ask = e.ask_vol[i];
    if (kernels::judge_quote(e.k[i], bid, ask) != kernels::QuoteUse::usable) continue;
    if (bid > y.high || ask < y.low) continue;
    double from = y(std::fmin(ask, y.high)), to = y(std::fmax(bid, y.low));
    if (to - from < 2.4) from -= 1.2, to += 1.2;  // a locked quote is still seen
    const bool inside = fit.vol[i] >= bid && fit.vol[i] <= ask;
    svg += fmt::format(R"(<line class="quote{}" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>)",
                       inside ? "" : " out", x(e.k[i]), x(e.k[i]), from, to);
  }
  std::string path;
  for (int i = 0; i < line_points; ++i)
    path += fmt::format("{}{:.1f} {:.1f}", i == 0 ? 'M' : 'L',
                        x(low + (high - low) * i / (line_points - 1)),
                        y(line[static_cast<std::size_t>(i)]));
  return svg + fmt::format(R"(<path class="line own" d="{}"/></svg>)", path);
}

}  // namespace zomma::cli
