// batch.cpp: split, processor, refuse.
#include "gpu/memory/batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace zomma::gpu {
namespace {

bool lacks_memory(const Error& error) {
  return error.code == Errc::exhausted || error.code == Errc::refused || error.code == Errc::timeout;
}

struct Piece {
  std::uint64_t first, count;
  bool half;  // of one that did not fit
};

}  // namespace

Result<BatchReport> run_batch(DeviceHeap& heap, std::uint64_t items, const BatchWork& work) {
  const std::uint64_t least = std::max<std::uint64_t>(work.least, 1);
  BatchReport report;
  std::vector<Piece> pieces;
  if (items != 0) pieces.push_back({0, items, false});
  while (!pieces.empty()) {
    const Piece piece = pieces.back();
    pieces.pop_back();
    auto done = work.device(piece.first, piece.count);
    if (done) {
      ++report.pieces;
      report.device_items += piece.count;
      if (piece.half) heap.rung_helped(Rung::split);
      continue;
    }
    if (!lacks_memory(done.error())) return done.error();
    if (piece.count / 2 >= least && !heap.try_rung(Rung::split)) {
      ++report.splits;
      const std::uint64_t left = piece.count - piece.count / 2;
      pieces.push_back({piece.first + left, piece.count - left, true});
      pieces.push_back({piece.first, left, true});
      continue;
    }
    if (work.processor && !heap.try_rung(Rung::cpu)) {
      if (auto computed = work.processor(piece.first, piece.count); !computed) {
        return computed.error();
      }
      heap.rung_helped(Rung::cpu);
      ++report.pieces;
      report.processor_items += piece.count;
      continue;
    }
    (void)heap.try_rung(Rung::refuse);
    return Error{Errc::exhausted,
                 fmt::format("items {} to {} of {} found no memory on device {} ({}), and {}",
                             piece.first, piece.first + piece.count, items, heap.device(),
                             done.error().message,
                             work.processor ? "the processor was passed over"
                                            : "there is no version for the processor")};
  }
  return report;
}

}  // namespace zomma::gpu
