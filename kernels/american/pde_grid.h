// pde_grid.h: the log-moneyness grid and one theta-step of v_t = variance / 2 (v_xx - v_x) - rate v
// on it.
#pragma once

#include <zomma/kernels/local_vol.h>

#include <functional>
#include <vector>

namespace zomma::kernels {

bool valid(const LocalVariance& local);
bool valid(const SpotMarket& market, PdeResolution resolution);

// The variance that the asset meets until `expiry`, generously: the largest within four deviations
// of the money, over time. The largest of the whole grid would let a steep far wing spoil the
// spacing where the prices are.
double total_variance(const LocalVariance& local, double expiry);

// Which end of the grid is exercised, if any.
enum class Exercise { none, low, high };

class PdeGrid {
 public:
  // Points over seven deviations sqrt(total_variance) each way, a node at 0 and the finest spacing
  // there.
  PdeGrid(int points, double total_variance);

  const std::vector<double>& x() const { return x_; }
  std::vector<double>& values() { return values_; }

  // The mean over each node's cell of max(sign (scale e^x - strike), 0): kinks off the nodes cost
  // no order.
  void start(double scale, double strike, int sign);

  // Moves the values by dt, with variances of `local` at time t; theta 1 is implicit, 1/2
  // Crank-Nicolson. The values are kept at or above `floor` (empty for none) from the exercised end
  // inward.
  void step(const LocalVariance& local, double t, double dt, double theta, double rate,
            Exercise exercise, const std::vector<double>& floor);

  // Value and its first two derivatives by x at a point, by cubic interpolation.
  void at(double x, double& value, double& first, double& second) const;

 private:
  void fill_variances(const LocalVariance& local, double t);
  void solve(Exercise exercise, const std::vector<double>& floor);

  std::vector<double> x_, values_, half_variance_, low_, middle_, high_, lower_, diagonal_, upper_,
      right_;
};

}  // namespace zomma::kernels
