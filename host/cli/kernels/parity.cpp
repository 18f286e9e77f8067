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
  const auto nearest = std::min_element(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) {
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

}  // namespace

bool fit_parity(const std::vector<ParityPair>& all, std::optional<double> discount,
                ParityForward* out) {
  std::vector<ParityPair> pairs = near_the_money(all);
  for (int round = 0; round < 3; ++round) {
    if (pairs.size() < (discount ? 1u : 3u)) return false;
    Sums s;
    for (const auto& p : pairs) {
      const double w = 1 / (p.half_spread * p.half_spread);
      s.weight += w, s.k += w * p.strike, s.y += w * p.difference;
      s.kk += w * p.strike * p.strike, s.ky += w * p.strike * p.difference;
    }
    if (!solve(s, discount, out)) return false;
    const auto off = [&](const ParityPair& p) {
      return std::fabs(p.difference - out->discount * (out->forward - p.strike)) / p.half_spread;
    };
    double squares = 0;
    for (const auto& p : pairs) squares += off(p) * off(p);
    out->error = std::sqrt(squares / static_cast<double>(pairs.size()));
    out->pairs = static_cast<int>(pairs.size());
    const auto kept = std::remove_if(pairs.begin(), pairs.end(),
                                     [&](const auto& p) { return off(p) > outlier; });
    if (kept == pairs.end()) break;
    if (static_cast<std::size_t>(kept - pairs.begin()) < std::max(enough_pairs, pairs.size() / 2)) break;
    pairs.erase(kept, pairs.end());
  }
  return true;
}

}  // namespace zomma::cli
