#include "observe/statistics/overfitting.h"

#include <fmt/core.h>

#include <bit>
#include <cmath>
#include <limits>

namespace zomma {
namespace {

constexpr std::uint32_t most_blocks = 20;  // 184,756 choices

// Sums over some intervals, from which a Sharpe ratio follows; blocks add up.
struct BlockSums {
  double sum = 0, squares = 0;
};

double ratio_of(const BlockSums& sums, double n) {
  const double mean = sums.sum / n;
  const double variance = (sums.squares - n * mean * mean) / (n - 1);
  // Below this the difference of the squares is rounding alone.
  return variance > 1e-13 * sums.squares / n ? mean / std::sqrt(variance) : 0.0;
}

Result<void> check(std::span<const std::vector<double>> trials, std::uint32_t blocks) {
  const auto refuse = [](std::string text) { return Error{Errc::invalid_argument, std::move(text)}; };
  if (trials.size() < 2) return refuse(fmt::format("{} trials, expected at least 2", trials.size()));
  if (blocks < 2 || blocks > most_blocks || blocks % 2 != 0)
    return refuse(fmt::format("{} blocks, expected an even number from 2 to {}", blocks, most_blocks));
  const std::size_t length = trials[0].size();
  if (length < std::size_t{2} * blocks)
    return refuse(fmt::format("{} intervals, expected at least {} for {} blocks", length, 2 * blocks, blocks));
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (trials[i].size() != length)
      return refuse(fmt::format("trial {} has {} intervals, the first has {}", i, trials[i].size(), length));
    for (const double x : trials[i])
      if (!std::isfinite(x)) return refuse(fmt::format("trial {} has a return that is not finite", i));
  }
  return {};
}

double slope_of(const std::vector<double>& x, const std::vector<double>& y) {
  const double n = static_cast<double>(x.size());
  double mx = 0, my = 0, xx = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    mx += x[i] / n;
    my += y[i] / n;
  }
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mx) * (x[i] - mx);
    xy += (x[i] - mx) * (y[i] - my);
  }
  return xx > 0 ? xy / xx : std::numeric_limits<double>::quiet_NaN();
}

// Place of `winner` in rising order, from 1; equal values share the mean of their places.
double rank_of(const std::vector<double>& ratios, std::size_t winner) {
  double below = 0, equal = 0;
  for (const double ratio : ratios) {
    below += ratio < ratios[winner] ? 1 : 0;
    equal += ratio == ratios[winner] ? 1 : 0;
  }
  return below + (equal + 1) / 2;
}

}  // namespace

Result<Overfitting> backtest_overfitting(std::span<const std::vector<double>> trials, std::uint32_t blocks) {
  if (const auto fit = check(trials, blocks); !fit) return fit.error();
  const std::size_t length = trials[0].size() / blocks, count = trials.size();
  const double half = static_cast<double>(length * blocks / 2);
  std::vector<BlockSums> sums(count * blocks);
  for (std::size_t trial = 0; trial < count; ++trial)
    for (std::size_t i = 0; i < length * blocks; ++i) {
      const double x = trials[trial][i];
      BlockSums& block = sums[trial * blocks + i / length];
      block.sum += x;
      block.squares += x * x;
    }
  Overfitting out;
  out.blocks = blocks;
  out.intervals = static_cast<std::uint32_t>(length * blocks);
  std::vector<double> inside(count), outside(count);
  std::uint64_t lost = 0, below_median = 0;
  for (std::uint32_t choice = 0; choice < (std::uint32_t{1} << blocks); ++choice) {
    if (std::popcount(choice) != static_cast<int>(blocks / 2)) continue;
    std::size_t winner = 0;
    for (std::size_t trial = 0; trial < count; ++trial) {
      BlockSums both[2];
      for (std::uint32_t block = 0; block < blocks; ++block) {
        BlockSums& side = both[(choice >> block) & 1u];
        side.sum += sums[trial * blocks + block].sum;
        side.squares += sums[trial * blocks + block].squares;
      }
      inside[trial] = ratio_of(both[1], half);
      outside[trial] = ratio_of(both[0], half);
      if (inside[trial] > inside[winner]) winner = trial;
    }
    const double w = rank_of(outside, winner) / static_cast<double>(count + 1);
    out.logits.push_back(std::log(w / (1 - w)));
    out.in_sample.push_back(inside[winner]);
    out.out_of_sample.push_back(outside[winner]);
    below_median += w <= 0.5 ? 1 : 0;
    lost += outside[winner] < 0 ? 1 : 0;
  }
  const double choices = static_cast<double>(out.logits.size());
  out.probability = static_cast<double>(below_median) / choices;
  out.loss_probability = static_cast<double>(lost) / choices;
  out.slope = slope_of(out.in_sample, out.out_of_sample);
  return out;
}

}  // namespace zomma
