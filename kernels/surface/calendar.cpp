// calendar.cpp: the search for the least ratio of two slices.
#include <zomma/kernels/surface/calendar.h>

#include <array>
#include <cmath>
#include <limits>

#include "dip_search.h"

namespace zomma::kernels {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr int intervals = 40, sections = 12, grids = 4;

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
std::array<Centre, grids> centres(const RawSvi& a, const RawSvi& b) {
  const auto vertex = [](const RawSvi& svi) {
    return svi.m - svi.rho * svi.sigma / complement(svi.rho);
  };
  return {{{a.m, a.sigma}, {vertex(a), a.sigma}, {b.m, b.sigma}, {vertex(b), b.sigma}}};
}

// Calls found(k, ratio) at every polished dip below `level`.
template <class Found>
void for_dips(const RawSvi& earlier, const RawSvi& later, double level, const Found& found) {
  const Ratio ratio{earlier, later};
  double k[intervals + 1], r[intervals + 1];
  for (const Centre& centre : centres(earlier, later)) {
    const double reach = std::fmax(8.0 + std::fabs(centre.k), 64.0 * centre.scale);
    dip_search::fill_sinh(centre.k, centre.scale, reach, intervals, k);
    for (int i = 0; i <= intervals; ++i) r[i] = ratio(k[i]);
    for (int i = 1; i < intervals; ++i) {
      if (!(r[i] <= r[i - 1] && r[i] < r[i + 1] && r[i] < level)) continue;
      const double at = dip_search::polish(ratio, k[i - 1], k[i + 1], sections);
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
  for_dips(earlier, later, infinity, lower);
  return check;
}

int calendar_dips(const RawSvi& earlier, const RawSvi& later, double level, double* k,
                  int capacity) {
  int count = 0;
  // Between its samples a dip is a little deeper than they say.
  for_dips(earlier, later, 1.02 * level, [&](double at, double ratio) {
    if (ratio >= level) return;
    for (int i = 0; i < count; ++i)
      if (std::fabs(k[i] - at) < 1e-6 * (1.0 + std::fabs(at))) return;  // seen by two grids
    if (count < capacity) k[count++] = at;
  });
  return count;
}

}  // namespace zomma::kernels
