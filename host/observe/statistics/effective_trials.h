// effective_trials.h: how many independent trials a search was worth. Neighbouring parameters earn
// nearly the same, and a hundred copies of one trial are one.
#pragma once

#include <span>
#include <vector>

namespace zomma {

// N = r + (1 - r) M, with M the number of trials and r the mean correlation over all pairs of them,
// not below 0: Bailey and Lopez de Prado (2014), "The deflated Sharpe ratio", appendix A.3. Between
// 1 and M. `trials`: returns over the same intervals; those that do not vary count as one trial
// together. 0 for no trial, M where the lengths differ or an element is not finite.
double effective_trials(std::span<const std::vector<double>> trials);

}  // namespace zomma
