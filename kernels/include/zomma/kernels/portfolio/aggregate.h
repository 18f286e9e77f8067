// aggregate.h: the Greeks of a book from the Greeks of its positions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <zomma/kernels/backend.h>
#include <zomma/kernels/portfolio/grouping.h>
#include <zomma/kernels/status.h>

namespace zomma::kernels {

// Sums of weight * value, each product rounded once and the sums exact until their one rounding:
// neither the order of the positions nor the number of threads changes a bit.
// values: columns * positions, column after column (all deltas, then all gammas ...). weights: one
// a position (quantity times multiplier). out: groups * columns, group after group. A position
// whose weight, value or product is not finite has status domain and is left out of all columns;
// `excluded`, if given, counts these by group, so that no total is silently short. A group whose
// sum is beyond the largest double gets zeros, and all its positions count as excluded.
Status aggregate(Backend& backend, const Grouping& groups, std::span<const double> values,
                 std::size_t columns, std::span<const double> weights, std::span<double> out,
                 std::span<std::uint32_t> excluded = {}, std::span<ElementStatus> status = {});

}  // namespace zomma::kernels
