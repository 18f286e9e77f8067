// walk.h: a whole sweep from its file to its verdict: over the recording as one piece, or walking forward through it.
#pragma once

#include "runtime/sweep/verdict.h"

namespace zomma {

// Every point over the whole recording; walking forward also every point in every training window, and the best of each in the
// test that follows. Nothing when stopped, or when runs of other shards are missing.
Result<std::optional<SweepVerdict>> run_sweep(Search& search);

}  // namespace zomma
