// american_rule.cpp: quadrature points and interpolation weights of each preset. Both depend only
// on ratios of times, so one table serves every option.
#include "american_rule.h"

#include <vector>

namespace zomma::kernels {
namespace {

constexpr long double pi = 3.14159265358979323846264338327950288L;

// cos(x) for 0 <= x <= pi, folded to [0, pi/2], by its series.
long double cosine(long double x) {
  if (x > pi / 2) return -cosine(pi - x);
  long double sum = 0, term = 1;
  for (int n = 0; n < 40; n += 2) {
    sum += term;
    term *= -x * x / ((n + 1) * (n + 2));
  }
  return sum;
}

// The cube root of 0 <= x <= 1 by Newton's method, from above.
long double cube_root(long double x) {
  long double y = 1;
  for (int step = 0; step < 200; ++step) {
    const long double next = (2 * y + x / (y * y)) / 3;
    if (!(next < y)) break;
    y = next;
  }
  return y;
}

struct Quadrature {
  std::vector<long double> x, weight;  // on [0, 1]
};

// Gauss-Legendre by Newton's method on the Legendre polynomial, from Tricomi's guess.
Quadrature gauss_legendre(int n) {
  Quadrature out;
  for (int i = 0; i < n; ++i) {
    long double z = cosine(pi * (i + 0.75L) / (n + 0.5L)), slope = 1;
    for (int step = 0; step < 12; ++step) {
      long double p = 1, before = 0;
      for (int k = 0; k < n; ++k) {
        const long double next = ((2 * k + 1) * z * p - k * before) / (k + 1);
        before = p;
        p = next;
      }
      slope = n * (z * p - before) / (z * z - 1);
      z -= p / slope;
    }
    out.x.push_back((1 - z) / 2);
    out.weight.push_back(1 / ((1 - z * z) * slope * slope));
  }
  return out;
}

class Tables {
 public:
  Tables(int nodes, int points, int sweeps, int price_points, double step) {
    for (int k = 0; k <= nodes; ++k) chebyshev_.push_back((1 - cosine(pi * k / nodes)) / 2);
    for (int k = 1; k <= nodes; ++k) node_.push_back(static_cast<double>(chebyshev_[k]));
    fill(boundary_, points, 1);
    fill(price_, price_points, nodes);
    rule_ = {.nodes = nodes,
             .points = points,
             .sweeps = sweeps,
             .price_points = price_points,
             .step = step,
             .node = node_.data(),
             .root = boundary_.root.data(),
             .inverse_root = boundary_.inverse_root.data(),
             .weight = boundary_.weight.data(),
             .interpolation = boundary_.interpolation.data(),
             .price_root = price_.root.data(),
             .price_weight = price_.weight.data(),
             .price_interpolation = price_.interpolation.data()};
  }
  Tables(const Tables&) = delete;
  const AmericanRule& rule() const { return rule_; }

 private:
  struct Sum {
    std::vector<double> root, inverse_root, weight, interpolation;
  };

  void fill(Sum& sum, int points, int first_node) {
    const Quadrature quadrature = gauss_legendre(points);
    for (int j = 0; j < points; ++j) {
      const long double x = quadrature.x[j], root = 1 - x * x;
      sum.root.push_back(static_cast<double>(root));
      sum.inverse_root.push_back(static_cast<double>(1 / root));
      sum.weight.push_back(static_cast<double>(4 * x * quadrature.weight[j]));
    }
    const int last = static_cast<int>(node_.size());
    for (int i = first_node; i <= last; ++i) {
      for (const long double x : quadrature.x) {
        append_weights(sum.interpolation, chebyshev_[i] * cube_root(x * x * (2 - x * x)));
      }
    }
  }

  // Barycentric weights at z; node 0 carries h = 0 and is left out.
  void append_weights(std::vector<double>& out, long double z) const {
    const int n = static_cast<int>(node_.size());
    std::vector<long double> share(n + 1);
    long double total = 0;
    for (int k = 0; k <= n; ++k) {
      const long double size = k == 0 || k == n ? 0.5L : 1.0L;
      share[k] = (k % 2 == 1 ? -size : size) / (z - chebyshev_[k]);
      total += share[k];
    }
    for (int k = 1; k <= n; ++k) out.push_back(static_cast<double>(share[k] / total));
  }

  std::vector<long double> chebyshev_;
  std::vector<double> node_;
  Sum boundary_, price_;
  AmericanRule rule_{};
};

}  // namespace

const AmericanRule& american_rule(AmericanPreset preset) {
  static const Tables fast(8, 9, 4, 28, 1.0);
  static const Tables precise(12, 20, 6, 50, 1.0);
  static const Tables accurate(20, 32, 18, 150, 0.8);
  switch (preset) {
    case AmericanPreset::fast:
      return fast.rule();
    case AmericanPreset::precise:
      return precise.rule();
    case AmericanPreset::accurate:
      return accurate.rule();
  }
  return precise.rule();
}

}  // namespace zomma::kernels
