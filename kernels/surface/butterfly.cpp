// butterfly.cpp: the search for the least g of a slice.
#include <zomma/kernels/surface/butterfly.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "dip_search.h"

namespace zomma::kernels {
namespace {

using dip_search::fill_sinh;
using dip_search::polish;

// Of golden section: far in a flat wing a dip is wide and shallow, and six leave it 1e-6 too high.
constexpr int verdict_sections = 16, penalty_sections = 6;

// Even numbers of intervals; one point more than that is sampled of each.
template <int Wide, int Fine>
struct Grid {
  static constexpr int wide = Wide, fine = Fine, all = Wide + Fine + 2;
  double k[all], g[all];
};
using FullGrid = Grid<80, 32>;    // for a verdict
using CoarseGrid = Grid<40, 20>;  // for a penalty, whose result the verdict sees

// The same g as durrleman(), spelt out so that it is vectorised.
void sample_g(const RawSvi& svi, const double* at, int count, double* g) {
  const double a = svi.a, b = svi.b, rho = svi.rho, m = svi.m, square = svi.sigma * svi.sigma;
  for (int i = 0; i < count; ++i) {
    const double k = at[i], x = k - m, root = std::sqrt(x * x + square), inverse = 1.0 / root;
    const double w = a + b * (rho * x + root), dw = b * (rho + x * inverse), over_w = 1.0 / w;
    const double u = 1.0 - 0.5 * k * dw * over_w;
    g[i] =
        u * u - 0.25 * dw * dw * (over_w + 0.25) + 0.5 * b * square * inverse * inverse * inverse;
  }
}

// One grid about m at the scale of sigma, reaching far into both wings; one about the least
// variance at the scale on which w doubles there, where 1 / w in g is sharpest.
template <int Wide, int Fine>
void sample(const RawSvi& svi, Grid<Wide, Fine>* grid) {
  const double q = std::sqrt((1.0 - svi.rho) * (1.0 + svi.rho));
  const double vertex = svi.m - svi.rho * svi.sigma / q;
  // With |rho| near 1 the least variance lies far out, and g may dip ten times as far.
  const double reach = std::fmax(std::fmax(8.0 + std::fabs(svi.m), 64.0 * svi.sigma),
                                 20.0 * std::fabs(vertex - svi.m));
  fill_sinh(svi.m, svi.sigma, reach, Wide, grid->k);
  const double least = std::fmax(least_variance(svi), 1e-12);
  const double curvature = svi.b * q * q * q / svi.sigma;
  const double scale =
      std::fmin(std::sqrt(2.0 * least / std::fmax(curvature, 1e-12)), svi.sigma / q);
  fill_sinh(vertex, scale, 20.0 * scale, Fine, grid->k + Wide + 1);
  sample_g(svi, grid->k, Wide + Fine + 2, grid->g);
}

// Dips found so far; the two grids see the same ones, and polishing is what costs.
struct Dips {
  static constexpr int capacity = 16;
  double k[capacity], g[capacity], width[capacity];  // width of the bracket
  int count = 0;

  bool holds(double low, double high) const {
    for (int i = 0; i < count; ++i)
      if (k[i] >= low && k[i] <= high) return true;
    return false;
  }
};

// Polishes each interior dip below `level` of the samples and adds it.
template <class F>
void add_dips(const F& g_at, const double* k, const double* g, int count, double level,
              int sections, Dips* dips) {
  for (int i = 1; i + 1 < count; ++i) {
    if (!(g[i] < level && g[i] <= g[i - 1] && g[i] < g[i + 1])) continue;
    if (dips->count == Dips::capacity || dips->holds(k[i - 1], k[i + 1])) continue;
    const double at = polish(g_at, k[i - 1], k[i + 1], sections), value = g_at(at);
    dips->width[dips->count] = k[i + 1] - k[i - 1];
    dips->k[dips->count] = value < g[i] ? at : k[i];
    dips->g[dips->count++] = std::fmin(value, g[i]);
  }
}

struct Dip {
  double k, g;
};

// A dip that almost touches zero may hide a twin within its bracket (the square in g has two roots
// there at times): look again at the bracket and as much on either side.
template <class F>
Dip look_closer(const RawSvi& svi, const F& g_at, const Dips& dips, int index) {
  Dip low{dips.k[index], dips.g[index]};
  if (low.g > 0.01 || low.g < -1e-3) return low;
  constexpr int count = 48;
  double k[count], g[count];
  for (int i = 0; i < count; ++i)
    k[i] = dips.k[index] + dips.width[index] * 1.5 * (2.0 * i / (count - 1) - 1.0);
  sample_g(svi, k, count, g);
  Dips twins;
  add_dips(g_at, k, g, count, 0.01, verdict_sections, &twins);
  for (int i = 0; i < twins.count; ++i)
    if (twins.g[i] < low.g) low = {twins.k[i], twins.g[i]};
  return low;
}

template <class F, int Wide, int Fine>
Dips find_dips(const F& g_at, const Grid<Wide, Fine>& grid, double level, int sections) {
  Dips dips;
  add_dips(g_at, grid.k, grid.g, Wide + 1, level, sections, &dips);
  add_dips(g_at, grid.k + Wide + 1, grid.g + Wide + 1, Fine + 1, level, sections, &dips);
  return dips;
}

}  // namespace

ButterflyCheck check_butterfly(const RawSvi& svi) {
  FullGrid grid;
  sample(svi, &grid);
  ButterflyCheck check;
  check.wings = svi.b * (1.0 + std::fabs(svi.rho)) < 2.0;
  const auto g_at = [&](double k) { return durrleman(k, total_variance(svi, k)); };
  constexpr int all = FullGrid::all;
  const int lowest = static_cast<int>(std::min_element(grid.g, grid.g + all) - grid.g);
  check.min_g = grid.g[lowest];
  check.argmin_k = grid.k[lowest];
  if (std::isnan(check.min_g)) return {-1.0, 0.0, 1, check.wings};
  // Between samples g may dip below its neighbours by a share of its own size: polish all that come
  // near zero.
  const Dips dips = find_dips(g_at, grid, std::fmax(0.1, check.min_g + 0.02), verdict_sections);
  for (int i = 0; i < dips.count; ++i) {
    const Dip low = look_closer(svi, g_at, dips, i);
    if (low.g < check.min_g) check.min_g = low.g, check.argmin_k = low.k;
    check.violations += low.g < 0;
  }
  if (check.min_g < 0) check.violations = std::max(check.violations, 1);
  return check;
}

int butterfly_dips(const RawSvi& svi, double level, double* k, int capacity) {
  CoarseGrid grid;
  sample(svi, &grid);
  const auto g_at = [&](double x) { return durrleman(x, total_variance(svi, x)); };
  const Dips dips = find_dips(g_at, grid, std::fmax(level, 0.02), penalty_sections);
  int count = 0;
  for (int i = 0; i < dips.count && count < capacity; ++i)
    if (dips.g[i] < level) k[count++] = dips.k[i];
  return count;
}

ButterflyCheck check_butterfly(const std::function<VarianceJet(double)>& slice, double low,
                               double high, int samples) {
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
  Dips dips;
  add_dips(g_at, k.data(), g.data(), samples, std::fmax(0.05, check.min_g + 0.01), verdict_sections,
           &dips);
  for (int i = 0; i < dips.count; ++i)
    if (dips.g[i] < check.min_g) check.min_g = dips.g[i], check.argmin_k = dips.k[i];
  if (check.min_g < 0) check.violations = std::max(check.violations, 1);
  check.wings = std::fabs(slice(low).dw) < 2.0 && std::fabs(slice(high).dw) < 2.0;
  return check;
}

}  // namespace zomma::kernels
