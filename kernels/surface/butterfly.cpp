// butterfly.cpp: the search for the least g of a slice.
#include <zomma/kernels/surface/butterfly.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace zomma::kernels {
namespace {

// The lowest point of f on [a, c], which holds a dip: golden section while the dip is wide, then parabolas through the
// three lowest points, each of which squares the error.
template <class F>
double polish(const F& f, double a, double c) {
  constexpr double golden = 0.38196601125010515;
  double x = a + golden * (c - a), y = c - golden * (c - a);
  double fx = f(x), fy = f(y);
  for (int i = 0; i < 8; ++i) {
    if (fx < fy) {
      c = y, y = x, fy = fx, x = a + golden * (c - a), fx = f(x);
    } else {
      a = x, x = y, fx = fy, y = c - golden * (c - a), fy = f(y);
    }
  }
  double best = fx < fy ? x : y, value = std::fmin(fx, fy), h = 0.25 * (c - a);
  for (int i = 0; i < 3; ++i, h *= 0.1) {
    const double left = f(best - h), right = f(best + h), bend = left - 2.0 * value + right;
    const double next = best + (bend > 0 ? 0.5 * h * (left - right) / bend : 0.0);
    const double there = f(next);
    if (next < a || next > c || !(there < value)) break;
    best = next, value = there;
  }
  return best;
}

struct Grid {
  static constexpr int wide = 72, fine = 32;  // each even; one point more than that is sampled
  double k[wide + 1 + fine + 1], g[wide + 1 + fine + 1];
};

void fill_sinh(double centre, double scale, double reach, int count, double* k) {
  const double ratio = std::exp(2.0 * std::asinh(reach / scale) / count);
  double up = 1.0;
  k[count / 2] = centre;
  for (int i = 1; i <= count / 2; ++i) {
    up *= ratio;
    const double x = 0.5 * scale * (up - 1.0 / up);
    k[count / 2 + i] = centre + x;
    k[count / 2 - i] = centre - x;
  }
}

// One grid about m at the scale of sigma, reaching far into both wings; one about the least variance at the scale on
// which w doubles there, where 1 / w in g is sharpest.
void sample(const RawSvi& svi, Grid* grid) {
  const double q = std::sqrt((1.0 - svi.rho) * (1.0 + svi.rho));
  fill_sinh(svi.m, svi.sigma, std::fmax(8.0 + std::fabs(svi.m), 64.0 * svi.sigma), Grid::wide, grid->k);
  const double vertex = svi.m - svi.rho * svi.sigma / q;
  const double least = std::fmax(least_variance(svi), 1e-12);
  const double curvature = svi.b * q * q * q / svi.sigma;
  const double scale = std::fmin(std::sqrt(2.0 * least / std::fmax(curvature, 1e-12)), svi.sigma / q);
  fill_sinh(vertex, scale, 20.0 * scale, Grid::fine, grid->k + Grid::wide + 1);
  // The same g as durrleman(), spelt out so that it is vectorised.
  const double a = svi.a, b = svi.b, rho = svi.rho, m = svi.m, square = svi.sigma * svi.sigma;
  for (int i = 0; i < Grid::wide + Grid::fine + 2; ++i) {
    const double k = grid->k[i], x = k - m, root = std::sqrt(x * x + square), inverse = 1.0 / root;
    const double w = a + b * (rho * x + root), dw = b * (rho + x * inverse), over_w = 1.0 / w;
    const double u = 1.0 - 0.5 * k * dw * over_w;
    grid->g[i] = u * u - 0.25 * dw * dw * (over_w + 0.25) + 0.5 * b * square * inverse * inverse * inverse;
  }
}

// Calls dip(k, g) for each polished interior dip with g below `level` in the samples [first, last].
template <class F, class Dip>
void dips_of(const F& g_at, const double* k, const double* g, int count, double level, const Dip& dip) {
  for (int i = 1; i + 1 < count; ++i)
    if (g[i] < level && g[i] <= g[i - 1] && g[i] < g[i + 1]) {
      const double at = polish(g_at, k[i - 1], k[i + 1]);
      const double value = g_at(at);
      if (value < g[i]) dip(at, value);
      else dip(k[i], g[i]);
    }
}

}  // namespace

ButterflyCheck check_butterfly(const RawSvi& svi) {
  Grid grid;
  sample(svi, &grid);
  ButterflyCheck check;
  check.wings = svi.b * (1.0 + std::fabs(svi.rho)) < 2.0;
  const auto g_at = [&](double k) { return durrleman(k, total_variance(svi, k)); };
  constexpr int all = Grid::wide + Grid::fine + 2;
  const int lowest = static_cast<int>(std::min_element(grid.g, grid.g + all) - grid.g);
  check.min_g = grid.g[lowest];
  check.argmin_k = grid.k[lowest];
  if (std::isnan(check.min_g)) return {-1.0, 0.0, 1, check.wings};
  // Between samples g may dip below its neighbours by a share of its own size: polish all that come near zero.
  const double level = std::fmax(0.1, check.min_g + 0.02);
  double seen[8];
  int count = 0;
  const auto note = [&](double k, double g) {
    if (g < check.min_g) check.min_g = g, check.argmin_k = k;
    if (g >= 0) return;
    for (int i = 0; i < count; ++i)
      if (std::fabs(seen[i] - k) <= 1e-3 * svi.sigma) return;
    if (count < 8) seen[count++] = k;
  };
  dips_of(g_at, grid.k, grid.g, Grid::wide + 1, level, note);
  dips_of(g_at, grid.k + Grid::wide + 1, grid.g + Grid::wide + 1, Grid::fine + 1, level, note);
  check.violations = std::max(count, check.min_g < 0 ? 1 : 0);
  return check;
}

int butterfly_dips(const RawSvi& svi, double level, double* k, int capacity) {
  Grid grid;
  sample(svi, &grid);
  const auto g_at = [&](double x) { return durrleman(x, total_variance(svi, x)); };
  int count = 0;
  const auto note = [&](double at, double g) {
    if (!(g < level) || count == capacity) return;
    for (int i = 0; i < count; ++i)
      if (std::fabs(k[i] - at) <= 1e-3 * svi.sigma) return;
    k[count++] = at;
  };
  dips_of(g_at, grid.k, grid.g, Grid::wide + 1, level, note);
  dips_of(g_at, grid.k + Grid::wide + 1, grid.g + Grid::wide + 1, Grid::fine + 1, level, note);
  return count;
}

ButterflyCheck check_butterfly(const std::function<VarianceJet(double)>& slice, double low, double high,
                               int samples) {
  ButterflyCheck check;
  if (samples < 3 || !(low < high)) return {-1.0, low, 1, false};
  std::vector<double> k(static_cast<std::size_t>(samples)), g(k.size());
  const auto g_at = [&](double x) {
    const VarianceJet jet = slice(x);
    return jet.w > 0 ? durrleman(x, jet) : -1.0;
  };
  for (std::size_t i = 0; i < k.size(); ++i) {
    k[i] = low + (high - low) * static_cast<double>(i) / static_cast<double>(samples - 1);
    g[i] = g_at(k[i]);
    if (!(g[i] >= 0) && (i == 0 || g[i - 1] >= 0)) ++check.violations;
  }
  const auto lowest = std::min_element(g.begin(), g.end()) - g.begin();
  check.min_g = g[static_cast<std::size_t>(lowest)];
  check.argmin_k = k[static_cast<std::size_t>(lowest)];
  dips_of(g_at, k.data(), g.data(), samples, std::fmax(0.05, check.min_g + 0.01), [&](double at, double value) {
    if (value < check.min_g) check.min_g = value, check.argmin_k = at;
  });
  if (check.min_g < 0) check.violations = std::max(check.violations, 1);
  check.wings = std::fabs(slice(low).dw) < 2.0 && std::fabs(slice(high).dw) < 2.0;
  return check;
}

}  // namespace zomma::kernels
