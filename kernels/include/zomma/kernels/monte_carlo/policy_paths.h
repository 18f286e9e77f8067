// policy_paths.h: one policy over kept paths (growth_paths.h), with what is needed of each path:
// its end, its deepest drawdown, how often it went into the stock and out of it. A policy here has
// act_on(book, growth) beside policy.h's members.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <zomma/kernels/monte_carlo/lanes.h>

namespace zomma::kernels {

// A number a path; sizes equal.
struct PathsOutcome {
  std::vector<double> wealth;         // at the end; 1 at the start
  std::vector<double> drawdown;       // greatest (peak - wealth) / peak, at the ends of cycles
  std::vector<double> entered, left;  // cycles that ended newly in stock, newly in cash
  std::vector<double> in_stock;       // at the end, 0 or 1

  void resize(std::size_t paths) {
    for (auto* part : {&wealth, &drawdown, &entered, &left, &in_stock}) part->resize(paths);
  }
};

namespace detail {

template <class Real, class Policy>
ZM_HOST_DEVICE inline void live_through(const Policy& policy, const double* growth,
                                        std::uint32_t cycles, std::uint64_t paths, Real (&out)[5]) {
  using lanes::all, lanes::larger;
  auto book = policy.template start<Real>();
  Real peak = policy.wealth(book), drawdown{}, entered{}, left{}, before = policy.in_stock(book);
  for (std::uint32_t cycle = 0; cycle < cycles; ++cycle) {
    policy.act_on(book, lanes::load<Real>(growth + cycle * paths));
    const Real wealth = policy.wealth(book), after = policy.in_stock(book), change = after - before;
    peak = larger(peak, wealth);
    drawdown = larger(drawdown, 1.0 - wealth / peak);
    entered = entered + larger(change, Real{});
    left = left + larger(Real{} - change, Real{});
    before = after;
  }
  out[0] = policy.wealth(book);
  out[1] = drawdown;
  out[2] = entered;
  out[3] = left;
  out[4] = before;
}

}  // namespace detail

// `growth`: cycles * paths, as growth_paths.h fills it. One thread; the same bits with and without
// vectors.
template <class Policy>
void run_on_paths(const Policy& policy, std::span<const double> growth, std::uint32_t cycles,
                  std::uint64_t paths, PathsOutcome& out) {
  constexpr std::size_t width = lanes::Traits<lanes::Pack>::width;
  out.resize(paths);
  const auto keep = [&](std::size_t path, double wealth, double drawdown, double entered,
                        double left, double in_stock) {
    out.wealth[path] = wealth;
    out.drawdown[path] = drawdown;
    out.entered[path] = entered;
    out.left[path] = left;
    out.in_stock[path] = in_stock;
  };
  std::size_t path = 0;
  for (; path + width <= paths; path += width) {
    lanes::Pack end[5];
    detail::live_through<lanes::Pack>(policy, growth.data() + path, cycles, paths, end);
    for (std::size_t i = 0; i < width; ++i)
      keep(path + i, lanes::lane(end[0], i), lanes::lane(end[1], i), lanes::lane(end[2], i),
           lanes::lane(end[3], i), lanes::lane(end[4], i));
  }
  for (; path < paths; ++path) {
    double end[5];
    detail::live_through<double>(policy, growth.data() + path, cycles, paths, end);
    keep(path, end[0], end[1], end[2], end[3], end[4]);
  }
}

}  // namespace zomma::kernels
