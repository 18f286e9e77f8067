// segment_keeper.h: the journal's background thread. It does for the writer whatever needs a system
// call: makes the next segment before it is needed, keeps the pages ahead of the writer present,
// syncs, trims and compresses finished segments.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/mapped_file.h"
#include "base/result.h"
#include "base/spsc_ring.h"
#include "journal/compression.h"
#include "journal/writer.h"

namespace zomma {

// A segment being written. The writer's thread owns the bytes, the keeper everything else.
struct WritableSegment {
  MappedFile file;
  std::string path;
  std::uint64_t number = 0;
  std::int64_t created_ns = 0;
  std::uint32_t salt = 0;
  // Set by the writer after each record: bytes that will not change any more.
  alignas(64) std::atomic<std::uint64_t> committed{0};
  // Keeper only.
  alignas(64) std::uint64_t populated = 0;
  std::uint64_t synced = 0;
};

class SegmentKeeper {
 public:
  // `first` is the number of the first segment to make; `backlog` are finished segments still to be
  // compressed.
  SegmentKeeper(std::string directory, const JournalOptions& options, std::uint64_t first,
                std::vector<std::uint64_t> backlog);
  ~SegmentKeeper();

  // Makes the first segment on the caller's thread, then starts the background thread.
  Result<WritableSegment*> start();

  // [writer thread] The next segment if it is ready, else null.
  WritableSegment* take_ready() noexcept {
    return ready_.exchange(nullptr, std::memory_order_acquire);
  }
  // [writer thread] Waits for the next segment; null if it cannot be made.
  WritableSegment* wait_ready() noexcept;
  // [writer thread] `finished` is sealed and will not be touched by the writer again; `current` is
  // being written now.
  void retire(WritableSegment* finished, WritableSegment* current) noexcept;

  // [writer thread] False once the disk has failed: nothing more may be promised.
  bool healthy() const noexcept { return !failed_.load(std::memory_order_relaxed); }
  // [any thread]
  std::optional<Error> trouble() const;
  void add_to(JournalStats& stats) const;

  // [writer thread] Stops the thread, removes what was prepared, and finishes `last`, which is
  // sealed: trims it to its committed bytes and syncs if asked for.
  Result<void> stop(WritableSegment* last);

 private:
  void run();
  bool prepare_next();
  void populate_ahead();
  void sync_current(bool force);
  void finish_retired();
  Result<void> finish(WritableSegment& segment);
  bool compress_some();
  // Only a segment that nobody uses yet may be written with zeros.
  Result<std::unique_ptr<WritableSegment>> make_segment(std::uint64_t zeroed);
  void fail(Error error, bool for_good);

  const std::string directory_;
  const JournalOptions options_;
  std::uint64_t next_number_;
  std::deque<std::uint64_t> to_compress_;
  const std::vector<std::byte> zeros_;
  std::optional<SegmentCompressor> compressor_;
  std::int64_t last_sync_ns_ = 0;
  std::int64_t next_attempt_ns_ = 0;

  std::atomic<WritableSegment*> ready_{nullptr};
  std::atomic<WritableSegment*> current_{nullptr};
  SpscRing<WritableSegment*> retired_{64};
  std::atomic<bool> failed_{false};
  std::atomic<bool> urgent_{false};  // the writer waits
  std::atomic<std::uint64_t> failed_attempts_{0};

  mutable std::mutex mutex_;  // trouble_, and sleeping
  std::optional<Error> trouble_;
  std::condition_variable wake_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;

  std::atomic<std::uint64_t> rolled_{0}, compressed_{0}, compressed_from_{0}, compressed_to_{0},
      syncs_{0};
};

}  // namespace zomma
