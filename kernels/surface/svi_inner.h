// svi_inner.h: the inner problem of the SVI fit. With y = (k - m) / sigma and z = sqrt(1 + y^2) the
// slice is w = a + d y + c z, so a weighted least squares over a convex set, solved in closed form
// from nine moments:
//   |d| <= rho_max c,  c + |d| <= slope_max sigma (Lee),  a + sqrt(c^2 - d^2) >= floor (no negative
//   variance).
#pragma once

#include <zomma/kernels/elementary_more.h>

#include <cmath>
#include <cstddef>
#include <span>

namespace zomma::kernels::svi_inner {

constexpr double rho_max = 0.9999;
constexpr double slope_max = 1.999;

struct Points {
  std::span<const double> k, w, q;  // q = 1 / noise of w
};

// Which constraint holds with equality: decides the directions in which the inner optimum can
// answer a move of m, sigma.
enum class Face : unsigned char { interior, edge, vertex, floor };

struct Solution {
  double a = 0, d = 0, c = 0;
  Face face = Face::interior;
  double edge_d = 0, edge_c = 0;  // direction of the active edge
  bool scales = false;            // the active point moves in proportion to sigma
};

// Weighted means and second moments of (y, z - 1, w) about their means: a is then eliminated
// without cancellation.
struct Moments {
  double y = 0, z = 0, w = 0;  // means
  double yy = 0, yz = 0, zz = 0, yw = 0, zw = 0;
};

ZM_HOST_DEVICE inline Moments moments(const Points& p, double m, double sigma) {
  const double inverse = 1.0 / sigma;
  double s0 = 0, sy = 0, sz = 0, sw = 0, yy = 0, yz = 0, zz = 0, yw = 0, zw = 0;
  for (std::size_t i = 0; i < p.k.size(); ++i) {
    const double y = (p.k[i] - m) * inverse, root = std::sqrt(1.0 + y * y),
                 z = y * y / (1.0 + root);
    const double s = p.q[i] * p.q[i], w = p.w[i];
    s0 += s, sy += s * y, sz += s * z, sw += s * w;
    yy += s * y * y, yz += s * y * z, zz += s * z * z, yw += s * y * w, zw += s * z * w;
  }
  Moments out;
  out.y = sy / s0, out.z = sz / s0, out.w = sw / s0;
  out.yy = yy - sy * out.y, out.yz = yz - sy * out.z, out.zz = zz - sz * out.z;
  out.yw = yw - sy * out.w, out.zw = zw - sz * out.w;
  return out;
}

// Least squares along p0 + t (p1 - p0), t in [0, 1]; answers the value of the quadratic there.
ZM_HOST_DEVICE inline double along(const Moments& s, double d0, double c0, double d1, double c1,
                                   double* t) {
  const double d = d1 - d0, c = c1 - c0;
  const double curvature = s.yy * d * d + 2.0 * s.yz * d * c + s.zz * c * c;
  const double slope = (s.yy * d0 + s.yz * c0 - s.yw) * d + (s.yz * d0 + s.zz * c0 - s.zw) * c;
  *t = curvature > 0 ? std::fmin(std::fmax(-slope / curvature, 0.0), 1.0) : (slope < 0 ? 1.0 : 0.0);
  const double x = d0 + *t * d, v = c0 + *t * c;
  return 0.5 * (s.yy * x * x + 2.0 * s.yz * x * v + s.zz * v * v) - s.yw * x - s.zw * v;
}

ZM_HOST_DEVICE inline void solve_rhombus(const Moments& s, double sigma, Solution* out) {
  const double top = slope_max * sigma, side = top / (1.0 + rho_max);
  const double determinant = s.yy * s.zz - s.yz * s.yz;
  if (determinant > 1e-14 * s.yy * s.zz) {
    out->d = (s.zz * s.yw - s.yz * s.zw) / determinant;
    out->c = (s.yy * s.zw - s.yz * s.yw) / determinant;
    if (std::fabs(out->d) <= rho_max * out->c && out->c + std::fabs(out->d) <= top) return;
  }
  const double corner_d[4] = {0.0, rho_max * side, 0.0, -rho_max * side};
  const double corner_c[4] = {0.0, side, top, side};
  double best = INFINITY;
  for (int i = 0; i < 4; ++i) {
    const int j = (i + 1) % 4;
    double t;
    const double value = along(s, corner_d[i], corner_c[i], corner_d[j], corner_c[j], &t);
    if (!(value < best)) continue;
    best = value;
    out->edge_d = corner_d[j] - corner_d[i];
    out->edge_c = corner_c[j] - corner_c[i];
    out->d = corner_d[i] + t * out->edge_d;
    out->c = corner_c[i] + t * out->edge_c;
    out->face = t > 0 && t < 1 ? Face::edge : Face::vertex;
    out->scales = i == 1 || i == 2 || (out->face == Face::vertex && out->c > 0);
  }
}

// On the floor the slice is floor + c (rho y + z - sqrt(1 - rho^2)): linear in c for each rho, so
// rho = tanh(theta) is found by golden section.
ZM_HOST_DEVICE inline void solve_floor(const Moments& s, double s0, double sigma, double floor,
                                       Solution* out) {
  constexpr double limit = 4.9517187756430983;  // artanh(rho_max)
  double c_at = 0;
  const auto cost = [&](double theta) {
    const double rho = tanh(theta), shift = 1.0 - std::sqrt((1.0 - rho) * (1.0 + rho));
    const double mean = rho * s.y + s.z + shift;
    const double square = rho * rho * s.yy + 2.0 * rho * s.yz + s.zz + s0 * mean * mean;
    const double product = rho * s.yw + s.zw + s0 * mean * (s.w - floor);
    const double highest = slope_max * sigma / (1.0 + std::fabs(rho));
    c_at = square > 0 ? std::fmin(std::fmax(product / square, 0.0), highest) : 0.0;
    return (0.5 * square * c_at - product) * c_at;
  };
  constexpr double golden = 0.38196601125010515;
  double low = -limit, high = limit, x = low + golden * (high - low),
         v = high - golden * (high - low);
  double fx = cost(x), fv = cost(v);
  for (int i = 0; i < 24; ++i) {
    if (fx < fv)
      high = v, v = x, fv = fx, x = low + golden * (high - low), fx = cost(x);
    else
      low = x, x = v, fx = fv, v = high - golden * (high - low), fv = cost(v);
  }
  const double theta = fx < fv ? x : v, rho = tanh(theta);
  cost(theta);
  out->c = c_at;
  out->d = rho * c_at;
  out->a = floor - c_at * std::sqrt((1.0 - rho) * (1.0 + rho));
  out->face = Face::floor;
  out->scales = false;
}

ZM_HOST_DEVICE inline Solution solve(const Points& points, double s0, double m, double sigma,
                                     double floor) {
  const Moments s = moments(points, m, sigma);
  Solution out;
  solve_rhombus(s, sigma, &out);
  out.a = s.w - out.d * s.y - out.c * (1.0 + s.z);
  if (out.a + std::sqrt((out.c - out.d) * (out.c + out.d)) < floor)
    solve_floor(s, s0, sigma, floor, &out);
  return out;
}

}  // namespace zomma::kernels::svi_inner
