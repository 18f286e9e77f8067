#include "market/options/parity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace zomma::options {
namespace {

struct Line {
  double intercept, slope;
};

Line least_squares(const std::vector<ParityPair>& pairs) {
  double x = 0, y = 0;
  for (const ParityPair& pair : pairs) x += pair.strike, y += pair.call_mid - pair.put_mid;
  x /= static_cast<double>(pairs.size());
  y /= static_cast<double>(pairs.size());
  double xx = 0, xy = 0;
  for (const ParityPair& pair : pairs) {
    xx += (pair.strike - x) * (pair.strike - x);
    xy += (pair.strike - x) * (pair.call_mid - pair.put_mid - y);
  }
  const double slope = xy / xx;
  return {y - slope * x, slope};
}

double residual(const Line& line, const ParityPair& pair) {
  return std::fabs(pair.call_mid - pair.put_mid - line.intercept - line.slope * pair.strike);
}

}  // namespace

ParityForward fit_parity(std::span<const ParityPair> pairs, double discount) {
  ParityForward fit;
  fit.forward = fit.discount = std::numeric_limits<double>::quiet_NaN();
  std::vector<ParityPair> used(pairs.begin(), pairs.end());
  if (used.size() == 1 && discount > 0) {
    fit.forward = used[0].strike + (used[0].call_mid - used[0].put_mid) / discount;
    fit.discount = discount;
    fit.pairs = fit.inside = 1;
    return fit;
  }
  if (used.size() < 2) return fit;
  Line line = least_squares(used);
  if (used.size() >= 5) {
    std::vector<double> residuals;
    for (const ParityPair& pair : used) residuals.push_back(residual(line, pair));
    std::nth_element(residuals.begin(),
                     residuals.begin() + static_cast<std::ptrdiff_t>(residuals.size() / 2),
                     residuals.end());
    const double median = residuals[residuals.size() / 2];
    std::vector<ParityPair> kept;
    for (const ParityPair& pair : used)
      if (residual(line, pair) <= 3 * std::max(median, pair.half_spreads)) kept.push_back(pair);
    if (kept.size() >= 2 && kept.size() < used.size()) {
      used = std::move(kept);
      line = least_squares(used);
    }
  }
  if (!(line.slope < 0) || !std::isfinite(line.intercept / line.slope)) return fit;
  fit.forward = -line.intercept / line.slope;
  fit.discount = -line.slope;
  fit.pairs = used.size();
  for (const ParityPair& pair : used)
    fit.inside += residual(line, pair) <= pair.half_spreads + 1e-9;
  return fit;
}

}  // namespace zomma::options
