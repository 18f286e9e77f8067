// allocate.cpp: see allocate.h.
#include "portfolio/options/allocate.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "portfolio/valuation.h"

namespace zomma::options {
namespace {

using Counts = std::vector<std::int64_t>;

// Draws contracts without replacement.
Counts by_lottery(const Counts& shorts, std::int64_t open, std::int64_t exercised, Random& random) {
  Counts left = shorts, assigned(shorts.size());
  for (; exercised > 0; --exercised, --open) {
    auto ticket = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(open)));
    std::size_t seat = 0;
    while (ticket >= left[seat]) ticket -= left[seat++];
    --left[seat];
    ++assigned[seat];
  }
  return assigned;
}

Counts by_share(const Counts& shorts, std::int64_t open, std::int64_t exercised) {
  Counts assigned(shorts.size());
  std::vector<std::pair<std::int64_t, std::size_t>> remainders;
  std::int64_t rest = exercised;
  for (std::size_t i = 0; i < shorts.size(); ++i) {
    const Int128 share = static_cast<Int128>(shorts[i]) * exercised;
    assigned[i] = static_cast<std::int64_t>(share / open);
    rest -= assigned[i];
    remainders.emplace_back(-static_cast<std::int64_t>(share % open), i);
  }
  std::sort(remainders.begin(), remainders.end());
  for (std::size_t i = 0; rest > 0; ++i, --rest) ++assigned[remainders[i].second];
  return assigned;
}

Counts in_order(const Counts& shorts, std::int64_t exercised) {
  Counts assigned(shorts.size());
  for (std::size_t i = 0; i < shorts.size(); ++i) {
    assigned[i] = std::min(shorts[i], exercised);
    exercised -= assigned[i];
  }
  return assigned;
}

}  // namespace

Result<Counts> allocate(const Counts& shorts, std::int64_t exercised, Allocation method,
                        Random& random) {
  if (exercised < 0 || std::any_of(shorts.begin(), shorts.end(), [](auto n) { return n < 0; }))
    return Error{Errc::invalid_argument, "assignment of a negative number of contracts"};
  const std::int64_t open = std::accumulate(shorts.begin(), shorts.end(), std::int64_t{0});
  if (exercised > open)
    return Error{Errc::invalid_argument, std::to_string(exercised) + " contracts exercised, but " +
                                             std::to_string(open) + " are short"};
  if (exercised == 0) return Counts(shorts.size());
  switch (method) {
    case Allocation::random:
      return by_lottery(shorts, open, exercised, random);
    case Allocation::pro_rata:
      return by_share(shorts, open, exercised);
    case Allocation::fifo:
      break;
  }
  return in_order(shorts, exercised);
}

}  // namespace zomma::options
