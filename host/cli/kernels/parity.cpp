// parity.cpp: forwards from put-call parity.
#include <algorithm>
#include <cmath>

#include "cli/kernels/chain.h"

namespace zomma::cli {
namespace {

// How far from the money pairs are taken: deep ones are stale, and in the money American options
// are worth more than parity knows.
constexpr double widest_moneyness = 0.15;
constexpr std::size_t enough_pairs = 4;
constexpr double outlier = 4;  // half spreads

struct Sums {
  double weight = 0, k = 0, y = 0, kk = 0, ky = 0;
};

std::vector<ParityPair> near_the_money(const std::vector<ParityPair>& pairs) {
  const auto nearest =
      std::min_element(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) {
        return std::fabs(a.difference) < std::fabs(b.difference);
      });
  if (nearest == pairs.end()) return pairs;
  std::vector<ParityPair> near;
  for (const auto& pair : pairs)
    if (std::fabs(pair.strike / nearest->strike - 1) < widest_moneyness) near.push_back(pair);
  return near.size() >= enough_pairs ? near : pairs;
}

// Forward and discount from the sums; false where they do not give them.
bool solve(const Sums& s, std::optional<double> discount, ParityForward* out) {
  if (discount) {
    out->discount = *discount;
    out->forward = (s.y / *discount + s.k) / s.weight;
  } else {
    const double spread = s.weight * s.kk - s.k * s.k;
    if (!(spread > 1e-12 * s.weight * s.kk)) return false;
    out->discount = -(s.weight * s.ky - s.k * s.y) / spread;
    out->forward = (s.y + out->discount * s.k) / s.weight / out->discount;
  }
  return out->discount > 0.3 && out->discount < 1.2 && out->forward > 0;
}

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// A line that a few wrong pairs cannot turn (Theil 1950): the median of all slopes, then of levels.
ParityForward robust_line(const std::vector<ParityPair>& pairs, std::optional<double> discount) {
  ParityForward line;
  std::vector<double> slopes, levels;
  for (std::size_t i = 0; i < pairs.size(); ++i)
    for (std::size_t j = i + 1; j < pairs.size(); ++j)
      slopes.push_back((pairs[i].difference - pairs[j].difference) /
                       (pairs[j].strike - pairs[i].strike));
  line.discount = discount ? *discount : median_of(slopes);
  for (const auto& p : pairs) levels.push_back(p.difference + line.discount * p.strike);
  line.forward = median_of(levels) / line.discount;
  return line;
}

double misfit(const ParityForward& line, const ParityPair& p) {
  return std::fabs(p.difference - line.discount * (line.forward - p.strike)) / p.half_spread;
}

}  // namespace

bool fit_parity(const std::vector<ParityPair>& all, std::optional<double> discount,
                ParityForward* out) {
  const std::vector<ParityPair> near = near_the_money(all);
  if (near.size() < (discount ? 1u : 3u)) return false;
  ParityForward line = robust_line(near, discount);
  for (int round = 0; round < 3; ++round) {
    std::vector<ParityPair> kept;
    for (const auto& p : near)
      if (misfit(line, p) <= outlier) kept.push_back(p);
    if (kept.size() < std::max<std::size_t>(discount ? 1 : 3, near.size() / 2)) kept = near;
    Sums s;
    for (const auto& p : kept) {
      const double w = 1 / (p.half_spread * p.half_spread);
      s.weight += w, s.k += w * p.strike, s.y += w * p.difference;
      s.kk += w * p.strike * p.strike, s.ky += w * p.strike * p.difference;
    }
    if (!solve(s, discount, &line)) return false;
    double squares = 0;
    for (const auto& p : kept) squares += misfit(line, p) * misfit(line, p);
    line.error = std::sqrt(squares / static_cast<double>(kept.size()));
    line.pairs = static_cast<int>(kept.size());
  }
  *out = line;
  return true;
}

}  // namespace zomma::cli
