// space.h: the points that a sweep tries, by number. Point n is the same whoever asks, in whatever order.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "runtime/sweep/sweep_config.h"

namespace zomma {

// A value for each parameter of the sweep, in their order.
using SweepPoint = std::vector<SweepValue>;

// How many points; exhausted, with the count, when they (times `runs_each`) are more than max_runs.
Result<std::uint64_t> count_points(const SweepConfig& sweep, std::uint64_t runs_each);

// Grid: the last parameter changes fastest. Random: drawn from the seed and `index` alone.
SweepPoint point_at(const SweepConfig& sweep, std::uint64_t index);

// What a parameter may take, for checking: all values of a grid, the ends of a random range.
std::vector<SweepValue> values_to_check(const SweepParameter& parameter);

// Keys and their values as TOML, for a point on a simulated path (from 0).
using Assignments = std::vector<std::pair<std::string, std::string>>;
Assignments assignments_of(const SweepConfig& sweep, const SweepPoint& point, std::uint32_t path);

}  // namespace zomma
