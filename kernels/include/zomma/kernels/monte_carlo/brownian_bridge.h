// brownian_bridge.h: the order in which a path is filled in: its end first, then midpoints of
// midpoints, so that the first and best dimensions of a Sobol point move the path most.
#pragma once

#include <cstddef>
#include <vector>

#include <zomma/kernels/monte_carlo/lanes.h>

namespace zomma::kernels {

// One point of a Brownian motion between two known ones, times in steps of unit length.
struct BridgePoint {
  std::size_t at = 0;  // index into the path of the point filled in, W(at + 1)
  std::size_t left = 0,
              right =
                  0;  // W(left) with W(0) = 0, W(right); right is 0 for the last point of the path
  double left_weight = 0, right_weight = 0, deviation = 0;
};

// The points of a path of `steps` equal steps, in the order in which they take their normals.
inline std::vector<BridgePoint> brownian_bridge(std::size_t steps) {
  struct Gap {
    std::size_t left, right;
  };
  std::vector<BridgePoint> out;
  if (steps == 0) return out;
  out.push_back({steps - 1, 0, 0, 0.0, 0.0, kernels::sqrt(static_cast<double>(steps))});
  std::vector<Gap> gaps{{0, steps}};
  for (std::size_t next = 0; next < gaps.size();
       ++next) {  // breadth first: wide gaps before narrow ones
    const auto [left, right] = gaps[next];
    if (right - left < 2) continue;
    const std::size_t middle = left + (right - left) / 2;
    const auto before = static_cast<double>(middle - left),
               after = static_cast<double>(right - middle);
    out.push_back({middle - 1, left, right, after / (before + after), before / (before + after),
                   kernels::sqrt(before * after / (before + after))});
    gaps.push_back({left, middle});
    gaps.push_back({middle, right});
  }
  return out;
}

// `normals` in the order of the bridge; `path` gets W(1) .. W(steps). Same length, not the same
// memory.
template <class Real>
ZM_HOST_DEVICE inline void fill_bridge(const BridgePoint* points, std::size_t steps,
                                       const Real* normals, Real* path) {
  for (std::size_t i = 0; i < steps; ++i) {
    const BridgePoint& p = points[i];
    const Real left = p.left == 0 ? Real{} : path[p.left - 1];
    const Real right = p.right == 0 ? Real{} : path[p.right - 1];
    path[p.at] = p.left_weight * left + p.right_weight * right + p.deviation * normals[i];
  }
}

}  // namespace zomma::kernels
