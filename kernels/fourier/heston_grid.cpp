// heston_grid.cpp: the coefficients of an expiry, block by block until the integrand has ended.
#include "heston_grid.h"

namespace zomma::kernels {

bool HestonGrid::fill(const HestonParameters& model, const JumpParameters& jumps, double expiry,
                      double reach, int series) {
  constexpr double ramp[Lanes::width] = {0, 1, 2, 3};
  constexpr double half_first[Lanes::width] = {0.5, 1, 1, 1};
  const auto node = heston_detail::Node::make(model, jumps, expiry, reach, series);
  node_ = node;
  coefficients_.clear();
  blocks_ = 0;
  for (double first = 0;; first += Lanes::width) {
    if (first >= static_cast<double>(heston_detail::most_nodes)) return false;
    const Lanes u = Lanes(node.step) * (Lanes(first) + Lanes::load(ramp));
    const std::size_t at = coefficients_.size();
    coefficients_.resize(at + static_cast<std::size_t>(series));
    Complex<Lanes>* c = &coefficients_[at];
    const Lanes size = node.coefficients(u, first == 0 ? Lanes::load(half_first) : Lanes(1.0), c);
    ++blocks_;
    if (!(magnitude(c[0].re[0]) < 1e300)) return false;
    if (blocks_ % 2 == 0 && node.ended(u[3], size[3])) return true;
  }
}

void HestonGrid::sums(double k, double* out) const {
  heston_detail::sums(node_.series, coefficients_.data(), blocks_, node_.step * k, out);
}

}  // namespace zomma::kernels
