// calendar.cpp: the search for the least ratio of two slices.
#include <zomma/kernels/surface/calendar.h>

#include <array>
#include <cmath>
#include <limits>

#include "dip_search.h"

namespace zomma::kernels {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
// For a verdict, and for a penalty, whose result the verdict sees.
struct Fine {
  static constexpr int intervals = 40, grids = 4, sections = 12;
};
struct Coarse {
  static constexpr int intervals = 24, grids = 2, sections = 6;
};

struct Ratio {
  const RawSvi &earlier, &later;
  double operator()(double k) const {
    const double below = total_variance(earlier, k).w;
    return below > 0 ? total_variance(later, k).w / below : infinity;
  }
};

// Of the wing on one side, for k going to infinity there.
double wing_ratio(const RawSvi& earlier, const RawSvi& later, double side) {
  const double below = earlier.b * (1.0 + side * earlier.rho);
  return below > 0 ? later.b * (1.0 + side * later.rho) / below : infinity;
}

double complement(double rho) { return std::sqrt((1.0 - rho) * (1.0 + rho)); }

// Either slice bends at m on the scale of sigma and is least at its vertex.
struct Centre {
  double k, scale;
};
std::array<Centre, 4> centres(const RawSvi& a, const RawSvi& b) {
  const auto vertex = [](const RawSvi& svi) {
    return svi.m - svi.rho * svi.sigma / complement(svi.rho);
  };
  return {{{a.m, a.sigma}, {b.m, b.sigma}, {vertex(a), a.sigma}, {vertex(b), b.sigma}}};
}

// As Ratio, spelt out so that it is vectorised; where the earlier slice has no variance it is
// infinite or not a number, and neither is a dip.
void sample(const RawSvi& earlier, const RawSvi& later, const double* k, int count, double* r) {
  const double s = earlier.sigma * earlier.sigma, t = later.sigma * later.sigma;
  for (int i = 0; i < count; ++i) {
    const double x = k[i] - earlier.m, y = k[i] - later.m;
    r[i] = (later.a + later.b * (later.rho * y + std::sqrt(y * y + t))) /
           (earlier.a + earlier.b * (earlier.rho * x + std::sqrt(x * x + s)));
  }
}

// Calls found(k, ratio) at every polished dip below `level`.
template <class Search, class Found>
void for_dips(const RawSvi& earlier, const RawSvi& later, double level, const Found& found) {
  constexpr int intervals = Search::intervals;
  const Ratio ratio{earlier, later};
  const auto all = centres(earlier, later);
  double k[intervals + 1], r[intervals + 1];
  for (int grid = 0; grid < Search::grids; ++grid) {
    const Centre& centre = all[static_cast<std::size_t>(grid)];
    const double reach = std::fmax(8.0 + std::fabs(centre.k), 64.0 * centre.scale);
    dip_search::fill_sinh(centre.k, centre.scale, reach, intervals, k);
    sample(earlier, later, k, intervals + 1, r);
    for (int i = 1; i < intervals; ++i) {
      if (!(r[i] <= r[i - 1] && r[i] < r[i + 1] && r[i] < level)) continue;
      const double at = dip_search::polish(ratio, k[i - 1], k[i + 1], Search::sections);
      const double there = ratio(at);
      there < r[i] ? found(at, there) : found(k[i], r[i]);
    }
  }
}

}  // namespace

CalendarCheck check_calendar(const RawSvi& earlier, const RawSvi& later) {
  CalendarCheck check{infinity, 0.0};
  const auto lower = [&](double k, double ratio) {
    if (ratio < check.min_ratio) check = {ratio, k};
  };
  for (const double side : {-1.0, 1.0}) lower(side * infinity, wing_ratio(earlier, later, side));
  // A dip between two samples may be deeper than its neighbours: all that come near are polished.
  for_dips<Fine>(earlier, later, infinity, lower);
  return check;
}

int calendar_dips(const RawSvi& earlier, const RawSvi& later, double level, double* k,
                  int capacity) {
  int count = 0;
  // Between its samples a dip is a little deeper than they say.
  for_dips<Coarse>(earlier, later, 1.02 * level, [&](double at, double ratio) {
    if (ratio >= level) return;
    for (int i = 0; i < count; ++i)
      if (std::fabs(k[i] - at) < 1e-6 * (1.0 + std::fabs(at))) return;  // seen by two grids
    if (count < capacity) k[count++] = at;
  });
  return count;
}

}  // namespace zomma::kernels
