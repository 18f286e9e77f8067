// tape.h: order flow for benchmarks and long tests: many symbols that each walk a recorded hour of
// real orders at their own pace, over a deep book of resting orders, as one ITCH BinaryFILE image.
//
// The walk is real (AAPL, 2012-06-21, 9:30), with references renumbered upwards over all symbols as
// a venue gives them and prices shifted per symbol. Under it lie resting orders away from the
// market that are cancelled, replaced and added again at random, which is what makes a book of over
// a million orders miss the cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace zomma::bench {

struct TapeConfig {
  std::uint32_t symbols = 128;
  std::size_t messages = 7'600'000;
  std::uint32_t resting_per_symbol = 11'250;
  std::uint64_t seed = 1;
};

struct Tape {
  std::vector<std::byte> bytes;
  std::size_t messages = 0;
  std::size_t live_orders = 0;  // at the end
  bool real = false;  // false: the recording is not on this machine, the walk is synthetic
  std::string mix;    // "A 48.1% D 44.0% ..."
};

// Reads ../shared/data/itch where present; otherwise says loudly that it makes up a flow of similar
// mix.
Tape make_tape(const TapeConfig& config);

}  // namespace zomma::bench
