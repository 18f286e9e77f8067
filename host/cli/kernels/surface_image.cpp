#include "cli/kernels/surface_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

namespace zomma::cli {
namespace {

constexpr int width = 1280, height = 860;
constexpr int left = 150, right = 1090, top = 90, bottom = 760;  // of the field
constexpr int bar_left = 1130, bar_right = 1160;
constexpr int columns = 188, rows = 134;  // of the mesh; pixels are bilinear between
constexpr double label = 11, heading = 17;
constexpr Colour ground{255, 255, 255}, empty{238, 238, 240}, ink{40, 44, 52}, faint{120, 124, 132};

// Dark blue through green to yellow, of even brightness steps, also for those who see no red.
Colour colour_of(double share) {
  constexpr Colour stops[] = {{68, 1, 84},    {70, 50, 126},  {54, 92, 141},  {39, 127, 142},
                              {31, 161, 135}, {74, 193, 109}, {160, 218, 57}, {253, 231, 37}};
  constexpr int last = std::size(stops) - 1;
  const double place = std::clamp(share, 0.0, 1.0) * last;
  const int i = std::min(static_cast<int>(place), last - 1);
  const double f = place - i;
  const auto mix = [f](std::uint8_t a, std::uint8_t b) {
    return static_cast<std::uint8_t>(std::lround(a + f * (b - a)));
  };
  return {mix(stops[i].red, stops[i + 1].red), mix(stops[i].green, stops[i + 1].green),
          mix(stops[i].blue, stops[i + 1].blue)};
}

// A round step that parts [low, high] into about `parts`.
double round_step(double low, double high, int parts) {
  const double raw = (high - low) / parts, scale = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double step : {1.0, 2.0, 2.5, 5.0})
    if (step * scale >= raw) return step * scale;
  return 10 * scale;
}

void each_tick(double low, double high, int parts, const std::function<void(double, int)>& tick) {
  const double step = round_step(low, high, parts);
  const int digits = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9))) +
                     (std::fabs(step * std::pow(10.0, -std::floor(std::log10(step))) - 2.5) < 1e-6);
  for (double at = std::ceil(low / step - 1e-9) * step; at <= high + 1e-9 * step; at += step)
    tick(std::fabs(at) < 1e-9 * step ? 0.0 : at, digits);
}

// Where things are: k across, the root of time upward, so that short expiries have their room.
struct Field {
  double low = INFINITY, high = -INFINITY;    // of k
  double first = 0, last = 0;                 // roots of years
  double least = INFINITY, most = -INFINITY;  // of volatility

  double x(double k) const { return left + (k - low) / (high - low) * (right - left); }
  double y(double years) const {
    return bottom - (std::sqrt(years) - first) / (last - first) * (bottom - top);
  }
  Colour colour(double vol) const { return colour_of((vol - least) / (most - least)); }
};

struct Mesh {
  Field field;
  std::vector<GridRow> line;
  std::vector<double> vol;  // NaN outside the quotes

  double at(int i, int j) const { return vol[static_cast<std::size_t>(i * columns + j)]; }
};

Mesh mesh_of(const Chain& chain, const SurfaceFit& fit) {
  Mesh mesh;
  Field& f = mesh.field;
  f.first = std::sqrt(chain.expiries[fit.expiries.front().expiry].years);
  f.last = std::sqrt(chain.expiries[fit.expiries.back().expiry].years);
  if (!(f.last > f.first)) f.first *= 0.95, f.last *= 1.05;  // one expiry: a band
  std::vector<double> years;
  for (int i = 0; i < rows; ++i)
    years.push_back(std::pow(f.first + (f.last - f.first) * i / (rows - 1), 2));
  mesh.line = rows_at(chain, fit, years);
  for (const GridRow& row : mesh.line)
    f.low = std::fmin(f.low, row.low), f.high = std::fmax(f.high, row.high);
  std::vector<double> seen;
  for (const GridRow& row : mesh.line)
    for (int j = 0; j < columns; ++j) {
      const double k = f.low + (f.high - f.low) * j / (columns - 1);
      const double margin = (f.high - f.low) / columns;
      const bool quoted = k >= row.low - margin && k <= row.high + margin;
      mesh.vol.push_back(quoted ? fit.surface->volatility(k, row.years) : NAN);
      if (std::isfinite(mesh.vol.back())) seen.push_back(mesh.vol.back());
    }
  // One wild corner does not take the colours from all else.
  std::sort(seen.begin(), seen.end());
  if (seen.empty()) seen = {0.0};
  f.least = seen[seen.size() / 200], f.most = seen[seen.size() - 1 - seen.size() / 200];
  if (!(f.most > f.least + 1e-6)) f.least -= 0.005, f.most += 0.005;
  return mesh;
}

void paint_field(const Mesh& mesh, Image* image) {
  image->fill(left, top, right, bottom, empty);
  for (int y = top; y < bottom; ++y)
    for (int x = left; x < right; ++x) {
      const double u = (x + 0.5 - left) / (right - left) * (columns - 1),
                   v = (bottom - y - 0.5) / (bottom - top) * (rows - 1);
      const int j = std::min(static_cast<int>(u), columns - 2),
                i = std::min(static_cast<int>(v), rows - 2);
      const double a = u - j, b = v - i;
      const double vol = (1 - b) * ((1 - a) * mesh.at(i, j) + a * mesh.at(i, j + 1)) +
                         b * ((1 - a) * mesh.at(i + 1, j) + a * mesh.at(i + 1, j + 1));
      if (std::isfinite(vol)) image->set(x, y, mesh.field.colour(vol));
    }
}

void paint_quotes(const Chain& chain, const SurfaceFit& fit, const Field& field, Image* image) {
  for (const auto& one : fit.expiries) {
    const ChainExpiry& e = chain.expiries[one.expiry];
    for (std::size_t i = 0; i < e.k.size(); ++i) {
      if (kernels::judge_quote(e.k[i], e.bid_vol[i], e.ask_vol[i]) != kernels::QuoteUse::usable)
        continue;
      const double x = field.x(e.k[i]), y = field.y(e.years);
      image->dot(x, y, 3.0, ground);
      image->dot(x, y, 2.3, field.colour(0.5 * (e.bid_vol[i] + e.ask_vol[i])));
    }
  }
}

void paint_axes(const Chain& chain, const SurfaceFit& fit, const Field& field, Image* image) {
  for (const auto& [x0, y0, x1, y1] : {std::array<double, 4>{left, bottom, right, bottom},
                                       {left, top, right, top},
                                       {left, top, left, bottom},
                                       {right, top, right, bottom}})
    image->line(x0, y0, x1, y1, 1.5, ink);
  each_tick(field.low, field.high, 8, [&](double k, int digits) {
    const double x = field.x(k);
    image->line(x, bottom, x, bottom + 6, 1.5, ink);
    image->text(x, bottom + 24, label, fmt::format("{:.{}f}", k, digits), Anchor::middle, ink);
  });
  image->text(0.5 * (left + right), bottom + 56, label + 2, "log-moneyness ln(K/F)", Anchor::middle,
              ink);
  double free = bottom + 100.0;  // the lowest pixel that no label has yet
  for (const auto& one : fit.expiries) {
    const ChainExpiry& e = chain.expiries[one.expiry];
    const double y = field.y(e.years);
    image->line(left - 6, y, left, y, 1.5, ink);
    if (y > free - 1.6 * label) continue;
    image->text(left - 12, y + 0.5 * label, label, e.label, Anchor::right, ink);
    free = y;
  }
  image->rising_text(24, 0.5 * (top + bottom), label + 2, "expiry (root of time)", Anchor::middle,
                     ink);
}

void paint_bar(const Field& field, Image* image) {
  for (int y = top; y < bottom; ++y)
    image->fill(bar_left, y, bar_right, y + 1,
                colour_of((bottom - y - 0.5) / double(bottom - top)));
  each_tick(100 * field.least, 100 * field.most, 8, [&](double percent, int digits) {
    const double y =
        bottom - (0.01 * percent - field.least) / (field.most - field.least) * (bottom - top);
    image->line(bar_right, y, bar_right + 6, y, 1.5, ink);
    image->text(bar_right + 12, y + 0.5 * label, label, fmt::format("{:.{}f}%", percent, digits),
                Anchor::left, ink);
  });
  image->text(bar_left, top - 16, label, "volatility", Anchor::left, ink);
}

}  // namespace

Image surface_image(const SurfaceTask& task, const Chain& chain, const SurfaceFit& fit) {
  Image image(width, height, ground);
  const Mesh mesh = mesh_of(chain, fit);
  paint_field(mesh, &image);
  paint_quotes(chain, fit, mesh.field, &image);
  paint_axes(chain, fit, mesh.field, &image);
  paint_bar(mesh.field, &image);
  const SurfaceTotals sum = totals(fit);
  const std::string file = task.input.substr(task.input.find_last_of('/') + 1);
  image.text(left, 38, heading,
             fmt::format("{}: {}", task.fit.model, file == "-" ? "quotes" : file), Anchor::left,
             ink);
  image.text(
      left, 66, label,
      fmt::format("{} quotes as dots, {:.1f}% inside bid and ask, rms {:.3f} vol points", sum.used,
                  sum.used > 0 ? 100.0 * sum.inside / sum.used : 0.0, 100 * sum.rms_vol),
      Anchor::left, faint);
  return image;
}

}  // namespace zomma::cli
