// spline_slice.cpp: the natural cubic spline of one expiry and its wings.
#include <zomma/kernels/surface/spline_slice.h>

#include <algorithm>
#include <cmath>

namespace zomma::kernels {
namespace {

constexpr double lee_slope = 1.999;

}  // namespace

VarianceJet lee_wing(const VarianceJet& edge, double distance, bool right) {
  const double slope = right ? std::clamp(edge.dw, 0.0, lee_slope) : std::clamp(edge.dw, -lee_slope, 0.0);
  return {edge.w + slope * distance, slope, 0.0};
}

ElementStatus SplineSlice::make(std::span<const double> k, std::span<const double> w, SplineSlice* out) {
  *out = {};
  const std::size_t n = k.size();
  if (n < 2 || w.size() != n) return ElementStatus::domain;
  for (std::size_t i = 0; i < n; ++i)
    if (!std::isfinite(k[i]) || !std::isfinite(w[i]) || !(w[i] > 0) || (i > 0 && !(k[i] > k[i - 1])))
      return ElementStatus::domain;
  out->k_.assign(k.begin(), k.end());
  out->w_.assign(w.begin(), w.end());
  out->bend_.assign(n, 0.0);
  // Tridiagonal system of the inner second derivatives, eliminated downward and solved upward.
  std::vector<double> upper(n, 0.0);
  for (std::size_t i = 1; i + 1 < n; ++i) {
    const double before = k[i] - k[i - 1], after = k[i + 1] - k[i];
    const double right = 6.0 * ((w[i + 1] - w[i]) / after - (w[i] - w[i - 1]) / before);
    const double pivot = 2.0 * (before + after) - before * upper[i - 1];
    upper[i] = after / pivot;
    out->bend_[i] = (right - before * out->bend_[i - 1]) / pivot;
  }
  for (std::size_t i = n - 1; i-- > 1;) out->bend_[i] -= upper[i] * out->bend_[i + 1];
  return ElementStatus::ok;
}

VarianceJet SplineSlice::operator()(double k) const {
  const double inside = std::clamp(k, k_.front(), k_.back());
  const auto after = std::upper_bound(k_.begin() + 1, k_.end() - 1, inside) - k_.begin();
  const auto i = static_cast<std::size_t>(after);
  const double h = k_[i] - k_[i - 1], a = (k_[i] - inside) / h, b = 1.0 - a;
  const VarianceJet jet{
      a * w_[i - 1] + b * w_[i] + ((a * a - 1) * a * bend_[i - 1] + (b * b - 1) * b * bend_[i]) * h * h / 6.0,
      (w_[i] - w_[i - 1]) / h + ((3 * b * b - 1) * bend_[i] - (3 * a * a - 1) * bend_[i - 1]) * h / 6.0,
      a * bend_[i - 1] + b * bend_[i]};
  if (k < k_.front()) return lee_wing(jet, k - k_.front(), false);
  if (k > k_.back()) return lee_wing(jet, k - k_.back(), true);
  return jet;
}

}  // namespace zomma::kernels
