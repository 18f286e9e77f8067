#include "observe/report/svg_chart.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "observe/report/format.h"
#include "observe/report/html_text.h"

namespace zomma {
namespace {

constexpr double width = 1100, left = 66, right = 22, top = 8, bottom = 24;

// Places of a chart's time and values on the drawing.
struct Frame {
  double first_ns, last_ns, low, high, height;
  double x(std::int64_t ts_ns) const {
    return left +
           (static_cast<double>(ts_ns) - first_ns) / (last_ns - first_ns) * (width - left - right);
  }
  double y(double value) const {
    return top + (high - value) / (high - low) * (height - top - bottom);
  }
};

std::string head(const std::string& label, double w, double h) {
  return fmt::format("<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\">\n", w, h,
                     escape(label));
}

int decimals_of(double step) {
  return std::clamp(static_cast<int>(-std::floor(std::log10(step) + 1e-9)), 0, 8);
}

void draw_values(std::string& out, const Frame& frame) {
  const double step = round_step(frame.low, frame.high, frame.height > 200 ? 6 : 4);
  for (double tick = std::ceil(frame.low / step) * step; tick <= frame.high + step * 1e-6;
       tick += step) {
    const double y = frame.y(tick);
    const bool zero = std::fabs(tick) < step * 1e-6;
    out +=
        fmt::format("<line class=\"{}\" x1=\"{:.0f}\" x2=\"{:.0f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>",
                    zero ? "zero" : "grid", left, width - right, y, y);
    out += fmt::format("<text x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", left - 8,
                       y + 4, show::number(zero ? 0 : tick, decimals_of(step)));
  }
}

void draw_times(std::string& out, const Frame& frame) {
  static constexpr double steps_s[] = {
      0.001,  0.002,  0.005,   0.01,    0.02,    0.05,    0.1,      0.2,     0.5,
      1,      2,      5,       10,      15,      30,      60,       120,     300,
      600,    900,    1800,    3600,    7200,    14400,   21600,    43200,   86400,
      172800, 604800, 1209600, 2592000, 5184000, 7776000, 15552000, 31536000};
  const double span_s = (frame.last_ns - frame.first_ns) * 1e-9;
  double step_s = span_s;
  for (const double step : steps_s) {
    if (span_s / step <= 9) {
      step_s = step;
      break;
    }
  }
  const auto step_ns =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(std::llround(step_s * 1e9)));
  const auto first = static_cast<std::int64_t>(frame.first_ns);
  for (std::int64_t tick = (first + step_ns - 1) / step_ns * step_ns;
       static_cast<double>(tick) <= frame.last_ns; tick += step_ns) {
    const std::string full = show::time({tick});
    std::string text = full.size() < 19    ? full
                       : step_s >= 2592000 ? full.substr(0, 7)
                       : step_s >= 86400   ? full.substr(5, 5)
                       : step_s >= 60      ? full.substr(11, 5)
                                           : full.substr(11, 8);
    if (step_s < 1) text += fmt::format(".{:03}", tick / 1'000'000 % 1000);
    out += fmt::format(
        "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.0f}\" y2=\"{2:.0f}\"/>",
        frame.x(tick), top, frame.height - bottom);
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.0f}\" text-anchor=\"middle\">{}</text>\n",
                       frame.x(tick), frame.height - 6, text);
  }
}

void draw_curve(std::string& out, const Frame& frame, const SvgCurve& curve) {
  std::string path;
  for (const Point& point : curve.points) {
    const double x = frame.x(point.ts_ns), y = frame.y(point.value);
    if (path.empty())
      path = fmt::format("M{:.1f} {:.1f}", x, y);
    else if (curve.steps)
      path += fmt::format("H{:.1f}V{:.1f}", x, y);
    else
      path += fmt::format("L{:.1f} {:.1f}", x, y);
  }
  if (path.empty()) return;
  if (curve.area) {
    const double zero = frame.y(0);
    out += fmt::format("<path class=\"bad-area\" d=\"{}V{:.1f}H{:.1f}Z\"/>\n", path, zero,
                       frame.x(curve.points.front().ts_ns));
  }
  out += fmt::format("<path class=\"line {}\" d=\"{}\"/>\n", curve.css, path);
}

// Many marks are drawn small, or they hide what they stand on.
double mark_size(std::size_t count) { return count > 1'200 ? 2.2 : count > 300 ? 3.2 : 4.6; }

void draw_marks(std::string& out, const Frame& frame, const std::vector<FillMark>& marks) {
  const double size = mark_size(marks.size());
  for (const Side side : {Side::buy, Side::sell}) {
    std::string path;
    for (const FillMark& mark : marks) {
      if (mark.side != side) continue;
      const double tip = side == Side::buy ? -size : size;
      path += fmt::format("M{:.1f} {:.1f}l{} {:.1f}h{}z", frame.x(mark.ts_ns),
                          frame.y(mark.price) + tip, size, -1.75 * tip, -2 * size);
    }
    if (!path.empty())
      out +=
          fmt::format("<path class=\"{}\" d=\"{}\"/>\n", side == Side::buy ? "buy" : "sell", path);
  }
}

}  // namespace

double round_step(double low, double high, int wanted) {
  const double raw = (high - low) / wanted;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (raw <= factor * power * (1 + 1e-9)) return factor * power;
  }
  return 10 * power;
}

std::string svg_time_chart(const TimeChart& chart) {
  double low = no_value, high = no_value;
  const auto include = [&](double value) {
    if (!std::isfinite(value)) return;
    low = has_value(low) ? std::min(low, value) : value;
    high = has_value(high) ? std::max(high, value) : value;
  };
  for (const SvgCurve& curve : chart.curves) {
    for (const Point& point : curve.points) include(point.value);
    if (curve.area) include(0);
  }
  for (const FillMark& mark : chart.marks) include(mark.price);
  if (!has_value(low)) return "";
  const double room = high > low ? 0.05 * (high - low) : std::max(1.0, std::fabs(high) * 1e-4);
  const auto first = static_cast<double>(chart.first.value);
  const Frame frame{first, std::max(static_cast<double>(chart.last.value), first + 1e6), low - room,
                    high + room, static_cast<double>(chart.height)};
  std::string out = head(chart.label, width, chart.height);
  draw_times(out, frame);
  draw_values(out, frame);
  for (const SvgCurve& curve : chart.curves) draw_curve(out, frame, curve);
  draw_marks(out, frame, chart.marks);
  return out + "</svg>\n";
}

std::string svg_bars(const std::string& label, const std::vector<SvgBar>& bars, double greatest) {
  if (bars.empty()) return "";
  constexpr double w = 360, names = 138, row = 21, edge = 8;
  const double height = row * static_cast<double>(bars.size()) + 24;
  const double reach = greatest > 0 && std::isfinite(greatest) ? greatest : 1;
  const double centre = names + (w - names - edge) / 2, scale = (w - names - edge) / 2 / reach;
  const auto place = [&](double value) {
    return centre + std::clamp(value, -reach, reach) * scale;
  };
  std::string out = head(label, w, height);
  const double step = round_step(-reach, reach, 4);
  for (double tick = std::ceil(-reach / step) * step; tick <= reach * (1 + 1e-6); tick += step) {
    const bool zero = std::fabs(tick) < step * 1e-6;
    out +=
        fmt::format("<line class=\"{0}\" x1=\"{1:.1f}\" x2=\"{1:.1f}\" y1=\"0\" y2=\"{2:.0f}\"/>",
                    zero ? "zero" : "grid", place(tick), height - 20);
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.0f}\" text-anchor=\"middle\">{}</text>\n",
                       place(tick), height - 6, show::number(zero ? 0 : tick, decimals_of(step)));
  }
  double y = 0;
  for (const SvgBar& bar : bars) {
    out += fmt::format("<g><title>{}: {} ± {}</title>", escape(bar.name),
                       show::signed_number(bar.value, 4), show::number(bar.error, 4));
    out +=
        fmt::format("<text class=\"name\" x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>",
                    names - 10, y + 15, escape(bar.name));
    if (has_value(bar.value)) {
      const double from = std::min(place(bar.value), centre),
                   to = std::max(place(bar.value), centre);
      out += fmt::format(
          "<rect class=\"bar{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"12\" "
          "rx=\"1.5\"/>",
          bar.strong ? "" : " weak", from, y + 5, std::max(to - from, 0.5));
    }
    if (has_value(bar.value) && has_value(bar.error)) {
      out += fmt::format(
          "<line class=\"whisker\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>",
          place(bar.value - bar.error), place(bar.value + bar.error), y + 11, y + 11);
    }
    out += "</g>\n";
    y += row;
  }
  return out + "</svg>\n";
}

std::string svg_histogram(const std::string& label, const LatencyFigures& latency) {
  if (latency.count == 0) return "";
  constexpr double w = 520, h = 190, from_x = 12, to_x = w - 12, base = h - 24;
  // At most 48 bars, each of whole bins, so that bars are as wide as what they count.
  const std::size_t joined = latency.bins.size() > 48 ? (latency.bins.size() + 47) / 48 : 1;
  std::vector<HistogramBin> bars;
  for (std::size_t i = 0; i < latency.bins.size(); ++i) {
    if (i % joined == 0)
      bars.push_back(latency.bins[i]);
    else
      bars.back() = {bars.back().from, latency.bins[i].to,
                     bars.back().count + latency.bins[i].count};
  }
  double low = std::log10(std::max<double>(1, static_cast<double>(bars.front().from)));
  double high = std::log10(std::max<double>(1, static_cast<double>(bars.back().to)));
  if (high - low < 0.6) {  // a constant latency is a bar, not a wall
    const double middle = (low + high) / 2;
    low = std::max(0.0, middle - 0.3);
    high = low + 0.6;
  }
  const auto x = [&](double ns) {
    return from_x + (std::log10(std::max(1.0, ns)) - low) / (high - low) * (to_x - from_x);
  };
  // Bins double in width from one power of two to the next: heights are counts per width on this
  // axis, so that areas compare.
  const auto density = [](const HistogramBin& bar) {
    const auto from = static_cast<double>(std::max<std::int64_t>(bar.from, 1)),
               to = static_cast<double>(bar.to);
    return static_cast<double>(bar.count) / std::log(std::max(to, from + 1) / from);
  };
  double most = 0;
  for (const HistogramBin& bar : bars) most = std::max(most, density(bar));
  std::string out = head(label, w, h);
  for (int power = static_cast<int>(std::floor(low)); power <= static_cast<int>(std::ceil(high));
       ++power) {
    for (const int factor : {1, 2, 5}) {
      const double ns = factor * std::pow(10.0, power);
      if (x(ns) < from_x - 1 || x(ns) > to_x + 1 || (high - low > 3 && factor != 1)) continue;
      out += fmt::format(
          "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"4\" y2=\"{1:.0f}\"/>", x(ns),
          base);
      out += fmt::format("<text x=\"{:.1f}\" y=\"{:.0f}\" text-anchor=\"middle\">{}</text>\n",
                         std::clamp(x(ns), from_x + 16, to_x - 16), h - 6,
                         show::duration({static_cast<std::int64_t>(ns)}));
    }
  }
  for (const HistogramBin& bar : bars) {
    if (bar.count == 0) continue;
    const double height = std::max(1.0, density(bar) / most * (base - 8));
    const double begin = x(static_cast<double>(bar.from)),
                 end = std::max(x(static_cast<double>(bar.to)), begin + 2);
    out += fmt::format(
        "<rect class=\"bar\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
        "height=\"{:.1f}\"><title>{} to {}: {}</title></rect>\n",
        begin, base - height, std::max(1.0, end - begin - 0.8), height, show::duration({bar.from}),
        show::duration({bar.to}), show::count(bar.count));
  }
  out +=
      fmt::format("<line class=\"zero\" x1=\"{:.0f}\" x2=\"{:.0f}\" y1=\"{:.0f}\" y2=\"{:.0f}\"/>",
                  from_x, to_x, base, base);
  return out + "</svg>\n";
}

}  // namespace zomma
