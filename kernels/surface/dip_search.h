// dip_search.h: internal to the checks of arbitrage: where a function of the strike may dip, and
// how deep it does.
#pragma once

#include <zomma/kernels/elementary_more.h>

#include <cmath>

namespace zomma::kernels::dip_search {

// The lowest point of f on [a, c], which holds a dip: golden section while the dip is wide, then
// parabolas through the three lowest points, each of which squares the error.
template <class F>
double polish(const F& f, double a, double c, int sections) {
  constexpr double golden = 0.38196601125010515;
  double x = a + golden * (c - a), y = c - golden * (c - a);
  double fx = f(x), fy = f(y);
  for (int i = 0; i < sections; ++i) {
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

// count + 1 points about a centre, spaced by `scale` there and ever wider up to `reach`. `count` is
// even.
inline void fill_sinh(double centre, double scale, double reach, int count, double* k) {
  const double ratio = exp(2.0 * arsinh(reach / scale) / count);
  double up = 1.0;
  k[count / 2] = centre;
  for (int i = 1; i <= count / 2; ++i) {
    up *= ratio;
    const double x = 0.5 * scale * (up - 1.0 / up);
    k[count / 2 + i] = centre + x;
    k[count / 2 - i] = centre - x;
  }
}

}  // namespace zomma::kernels::dip_search
