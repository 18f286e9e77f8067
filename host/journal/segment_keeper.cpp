#include "journal/segment_keeper.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "base/clock.h"
#include "base/random.h"
#include "journal/segment_image.h"

namespace zomma {
namespace {

// Pages kept present ahead of the writer: enough for the time between two looks at several GB/s.
constexpr std::uint64_t populate_window = 16u << 20;
// Looked at again each time: the kernel write-protects pages when it writes them back.
constexpr std::uint64_t hot_window = 256u << 10;
constexpr auto shortest_pause = std::chrono::milliseconds(2);
constexpr auto longest_pause = std::chrono::milliseconds(20);
// Written with zeros before use: pages that write(2) brought into the page cache are mapped twice
// as fast as pages that a page fault must bring in, one by one (measured on ext4: 490 against 950
// ns a page). The first segment keeps open() waiting.
constexpr std::uint64_t zeroed_at_open = 4u << 20;
constexpr std::size_t zero_step = 1u << 20;
constexpr std::int64_t retry_after_ns = 500'000'000;

}  // namespace

SegmentKeeper::SegmentKeeper(std::string directory, const JournalOptions& options,
                             std::uint64_t first, std::vector<std::uint64_t> backlog)
    : directory_(std::move(directory)),
      options_(options),
      next_number_(first),
      to_compress_(backlog.begin(), backlog.end()),
      zeros_(std::min<std::uint64_t>(zero_step, options.segment_bytes)) {}

SegmentKeeper::~SegmentKeeper() { (void)stop(nullptr); }

Result<WritableSegment*> SegmentKeeper::start() {
  auto first = make_segment(zeroed_at_open);
  if (!first) return first.error();
  WritableSegment* const segment = (*first).release();
  segment->file.populate(0, hot_window);
  segment->populated = hot_window;
  current_.store(segment, std::memory_order_relaxed);
  last_sync_ns_ = monotonic_now().value;
  // Signals are for the host's threads: the new thread inherits a mask that blocks all of them.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return segment;
}

WritableSegment* SegmentKeeper::wait_ready() noexcept {
  // Only an attempt begun after now counts as a refusal: space may have been freed since the last.
  const std::uint64_t attempts = failed_attempts_.load(std::memory_order_acquire);
  urgent_.store(true, std::memory_order_release);
  for (;;) {
    if (WritableSegment* const ready = take_ready()) {
      urgent_.store(false, std::memory_order_relaxed);
      return ready;
    }
    if (failed_attempts_.load(std::memory_order_acquire) != attempts || !healthy()) {
      failed_.store(true, std::memory_order_relaxed);
      return nullptr;
    }
    wake_.notify_one();
    std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
}

void SegmentKeeper::retire(WritableSegment* finished, WritableSegment* current) noexcept {
  current_.store(current, std::memory_order_release);
  // The keeper empties the ring before it makes a segment, and each roll needs one: two entries
  // would do.
  (void)retired_.try_push(finished);
}

std::optional<Error> SegmentKeeper::trouble() const {
  const std::lock_guard guard(mutex_);
  return trouble_;
}

void SegmentKeeper::add_to(JournalStats& stats) const {
  stats.segments_rolled = rolled_.load(std::memory_order_relaxed);
  stats.segments_compressed = compressed_.load(std::memory_order_relaxed);
  stats.compressed_from_bytes = compressed_from_.load(std::memory_order_relaxed);
  stats.compressed_to_bytes = compressed_to_.load(std::memory_order_relaxed);
  stats.next_segment_ready = ready_.load(std::memory_order_relaxed) != nullptr;
  stats.syncs = syncs_.load(std::memory_order_relaxed);
}

void SegmentKeeper::fail(Error error, bool for_good) {
  {
    const std::lock_guard guard(mutex_);
    if (!failed_.load(std::memory_order_relaxed) || !trouble_) trouble_ = std::move(error);
  }
  if (for_good) failed_.store(true, std::memory_order_relaxed);
}

Result<std::unique_ptr<WritableSegment>> SegmentKeeper::make_segment(std::uint64_t zeroed) {
  auto segment = std::make_unique<WritableSegment>();
  segment->number = next_number_;
  segment->path = segment_path(directory_, segment->number);
  auto file = MappedFile::create(segment->path, options_.segment_bytes);
  if (!file) return file.error();
  segment->file = std::move(*file);
  zeroed = std::min(zeroed, options_.segment_bytes);
  for (std::uint64_t at = 0; at < zeroed; at += zero_step) {
    const auto zeros =
        std::span<const std::byte>(zeros_).first(std::min<std::uint64_t>(zero_step, zeroed - at));
    if (auto written = write_all(segment->file.file(), segment->path, zeros, at); !written) {
      unlink(segment->path.c_str());
      return written.error();
    }
  }
  segment->created_ns = wall_now().value;
  const auto noise = static_cast<std::uint64_t>(segment->created_ns ^ monotonic_now().value << 20);
  segment->salt = static_cast<std::uint32_t>(SplitMix64(noise ^ segment->number)());
  if (options_.sync_ms != 0) {
    if (auto synced = sync_directory(directory_); !synced) return synced.error();
  }
  ++next_number_;
  return segment;
}

bool SegmentKeeper::prepare_next() {
  if (ready_.load(std::memory_order_relaxed) != nullptr || failed_.load(std::memory_order_relaxed))
    return false;
  const std::int64_t now = monotonic_now().value;
  if (now < next_attempt_ns_ && !urgent_.load(std::memory_order_acquire)) return false;
  auto made = make_segment(options_.segment_bytes);
  if (!made) {
    fail(made.error(), false);
    next_attempt_ns_ = now + retry_after_ns;
    failed_attempts_.fetch_add(1, std::memory_order_release);
    return false;
  }
  {
    const std::lock_guard guard(mutex_);
    if (!failed_.load(std::memory_order_relaxed)) trouble_.reset();
  }
  WritableSegment* const segment = (*made).release();
  segment->file.populate(0, hot_window);
  segment->populated = hot_window;
  ready_.store(segment, std::memory_order_release);
  return true;
}

void SegmentKeeper::populate_ahead() {
  WritableSegment* const segment = current_.load(std::memory_order_acquire);
  const std::uint64_t committed = segment->committed.load(std::memory_order_relaxed);
  segment->file.populate(committed, hot_window);
  const std::uint64_t target =
      std::min<std::uint64_t>(committed + populate_window, segment->file.size());
  const std::uint64_t from = std::max(segment->populated, committed);
  if (target > from + hot_window || (target == segment->file.size() && target > from)) {
    segment->file.populate(from, target - from);
    segment->populated = target;
  }
  // What the window has left over belongs to the segment that comes next.
  WritableSegment* const next = ready_.load(std::memory_order_relaxed);
  const std::uint64_t over = committed + populate_window - target;
  if (next != nullptr && over > next->populated + hot_window) {
    next->file.populate(next->populated, over - next->populated);
    next->populated = over;
  }
}

void SegmentKeeper::sync_current(bool force) {
  if (options_.sync_ms == 0) return;
  const std::int64_t now = monotonic_now().value;
  if (!force && now - last_sync_ns_ < options_.sync_ms * 1'000'000LL) return;
  last_sync_ns_ = now;
  WritableSegment* const segment = current_.load(std::memory_order_acquire);
  const std::uint64_t committed = segment->committed.load(std::memory_order_acquire);
  if (committed == segment->synced) return;
  const auto synced =
      segment->file.sync(segment->synced, committed - segment->synced, segment->path);
  if (!synced) return fail(synced.error(), true);
  segment->synced = committed;
  syncs_.fetch_add(1, std::memory_order_relaxed);
}

Result<void> SegmentKeeper::finish(WritableSegment& segment) {
  const std::uint64_t used = segment.committed.load(std::memory_order_acquire);
  // The end record stands, so no reader looks beyond it: trimming cannot pull memory from under
  // one.
  if (ftruncate(segment.file.file().get(), static_cast<off_t>(used)) != 0) {
    return system_error("trim", segment.path, errno);
  }
  if (options_.sync_ms != 0 && fdatasync(segment.file.file().get()) != 0) {
    return system_error("sync", segment.path, errno);
  }
  return {};
}

void SegmentKeeper::finish_retired() {
  WritableSegment* taken = nullptr;
  while (retired_.try_pop(taken)) {
    const std::unique_ptr<WritableSegment> segment(taken);
    if (const auto finished = finish(*segment); !finished) fail(finished.error(), true);
    rolled_.fetch_add(1, std::memory_order_relaxed);
    if (options_.compression_level > 0) to_compress_.push_back(segment->number);
  }
}

// A segment that cannot be compressed stays as it is: that costs space, not data, and trouble with
// space shows anyway.
bool SegmentKeeper::compress_some() {
  if (!compressor_) {
    if (to_compress_.empty()) return false;
    auto started =
        SegmentCompressor::start(directory_, to_compress_.front(), options_.compression_level);
    to_compress_.pop_front();
    if (!started) return true;
    compressor_.emplace(std::move(*started));
  }
  const auto done = compressor_->step();
  if (done && !*done) return true;
  if (done) {
    compressed_from_.fetch_add(compressor_->from_bytes(), std::memory_order_relaxed);
    compressed_to_.fetch_add(compressor_->to_bytes(), std::memory_order_relaxed);
    compressed_.fetch_add(1, std::memory_order_relaxed);
  }
  compressor_.reset();
  return true;
}

void SegmentKeeper::run() {
  auto pause = shortest_pause;
  std::uint64_t seen = 0;
  while (!stopping_.load(std::memory_order_acquire)) {
    finish_retired();
    bool worked = prepare_next();
    populate_ahead();
    sync_current(false);
    worked |= compress_some();
    if (worked) continue;
    const auto* const current = current_.load(std::memory_order_acquire);
    const std::uint64_t mark =
        current->number << 40 ^ current->committed.load(std::memory_order_relaxed);
    pause = mark == seen ? std::min(pause * 2, longest_pause) : shortest_pause;
    seen = mark;
    std::unique_lock lock(mutex_);
    if (options_.sync_ms != 0) pause = std::min(pause, std::chrono::milliseconds(options_.sync_ms));
    if (!stopping_.load(std::memory_order_acquire)) wake_.wait_for(lock, pause);
  }
}

Result<void> SegmentKeeper::stop(WritableSegment* last) {
  if (thread_.joinable()) {
    stopping_.store(true, std::memory_order_release);
    {
      const std::lock_guard guard(mutex_);
      wake_.notify_one();
    }
    thread_.join();
  }
  compressor_.reset();
  finish_retired();
  if (const std::unique_ptr<WritableSegment> prepared(take_ready()); prepared)
    unlink(prepared->path.c_str());
  const std::unique_ptr<WritableSegment> owned(
      current_.exchange(nullptr, std::memory_order_acq_rel));
  if (last == nullptr) return {};
  return finish(*last);
}

}  // namespace zomma
