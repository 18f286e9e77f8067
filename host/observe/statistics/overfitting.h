// overfitting.h: the probability that a strategy chosen for its back-test is worse than the median afterwards.
//
// Combinatorially symmetric cross-validation, after Bailey, Borwein, Lopez de Prado and Zhu (2017), "The probability of
// backtest overfitting": the returns of all trials, over the same intervals, are cut into S blocks of equal length. For each
// choice of S/2 blocks as the sample, the trial with the best Sharpe ratio there gets its rank among all trials in the other
// S/2 blocks; w = rank / (N + 1), logit = ln(w / (1 - w)). The probability is the share of choices with logit <= 0.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace zomma {

struct Overfitting {
  double probability{};              // share of choices whose winner came out at or below the median
  double loss_probability{};         // share of choices whose winner lost money out of sample
  double slope{};                    // of out-of-sample on in-sample Sharpe ratio of the winners; NaN if they do not vary
  std::uint32_t blocks{}, intervals{};  // S, and intervals used: the last ones that fill no block are left out
  std::vector<double> logits;        // by choice
  std::vector<double> in_sample, out_of_sample;  // Sharpe ratios of the winners, by choice
};

// `trials`: returns of each trial, all of the same length. `blocks`: even, 2 to 20. A trial that does not vary has the
// ratio 0; equal ratios share the mean of their ranks, and of equal winners the first counts. invalid_argument: fewer than
// two trials, of different lengths, with a return that is not finite, or fewer than two intervals a block.
Result<Overfitting> backtest_overfitting(std::span<const std::vector<double>> trials, std::uint32_t blocks = 16);

}  // namespace zomma
