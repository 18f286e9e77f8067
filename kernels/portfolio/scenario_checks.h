// scenario_checks.h: what a call of scenario.h is refused for, and how its groups are cut into
// chunks, the same on every backend.
#pragma once

#include <zomma/kernels/portfolio/scenario_element.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace zomma::kernels::detail {

struct Chunk {
  std::uint32_t group, begin, end;  // in Grouping::order
};

inline std::vector<Chunk> chunks_of(const Grouping& groups) {
  std::vector<Chunk> out;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (std::uint32_t at = groups.first[g]; at < groups.first[g + 1]; at += positions_in_chunk) {
      out.push_back({static_cast<std::uint32_t>(g), at,
                     std::min(at + positions_in_chunk, groups.first[g + 1])});
    }
  }
  return out;
}

inline bool book_fits(const OptionBook& b, const Grouping& groups) {
  const std::size_t n = groups.order.size();
  return b.spot.size() == n && b.strike.size() == n && b.expiry.size() == n &&
         b.volatility.size() == n && b.rate.size() == n && b.dividend.size() == n &&
         b.weight.size() == n && b.call.size() == n;
}

inline bool move_good(double spot, double volatility, double time, double rate) {
  return spot > -1 && spot < 1e6 && std::abs(volatility) < 1e6 && time >= 0 && time < 1e6 &&
         std::abs(rate) < 1e3;
}

inline bool grid_good(const ScenarioGrid& grid) {
  const auto all = [](std::span<const double> list, auto&& good) {
    return std::all_of(list.begin(), list.end(), good);
  };
  return grid.size() > 0 && all(grid.spot_moves, [](double x) { return move_good(x, 0, 0, 0); }) &&
         all(grid.volatility_moves, [](double x) { return move_good(0, x, 0, 0); }) &&
         all(grid.times, [](double x) { return move_good(0, 0, x, 0); }) &&
         all(grid.rate_moves, [](double x) { return move_good(0, 0, 0, x); });
}

inline bool answers_fit(const Grouping& groups, std::size_t scenarios, std::span<double> out,
                        std::span<std::uint32_t> excluded, std::span<ElementStatus> status) {
  return out.size() == groups.size() * scenarios &&
         (excluded.empty() || excluded.size() == groups.size()) &&
         (status.empty() || status.size() == groups.order.size());
}

inline bool shocks_good(std::span<const Shock> shocks) {
  return std::all_of(shocks.begin(), shocks.end(), [](const Shock& s) {
    return move_good(s.spot_move, s.volatility_move, s.time, s.rate_move);
  });
}

}  // namespace zomma::kernels::detail
