// batch.h: the upper rungs of the ladder: work over a range of items that must get done, on the device
// if there is room for it, in halves if there is room for half, on the processor if there is none.
#pragma once

#include <cstdint>
#include <functional>

#include "gpu/memory/device_heap.h"

namespace zomma::gpu {

// Work over items [first, first + count). Each call stands for itself: pieces may be of any size from
// `least` on (the last one of a range may be shorter), run in order, and a piece that failed for lack
// of memory is run again in another shape, so it frees what it took and overwrites its results.
struct BatchWork {
  using Piece = std::function<Result<void>(std::uint64_t first, std::uint64_t count)>;
  Piece device;
  Piece processor;  // empty: there is no such version
  std::uint64_t least = 1;  // no piece below this is halved
};

struct BatchReport {
  std::uint64_t device_items = 0, processor_items = 0;
  std::uint64_t pieces = 0, splits = 0;
};

// Lack of memory is Errc::exhausted, Errc::refused (a budget) or Errc::timeout from `device`; any other
// error ends the batch at once. Errc::exhausted: not even the smallest piece found room, and there is
// no version for the processor.
Result<BatchReport> run_batch(DeviceHeap& heap, std::uint64_t items, const BatchWork& work);

}  // namespace zomma::gpu
