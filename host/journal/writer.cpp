#include "journal/writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/clock.h"
#include "base/file_lock.h"
#include "base/random.h"
#include "journal/existing_journal.h"
#include "journal/format.h"
#include "journal/segment_image.h"
#include "journal/segment_keeper.h"

namespace zomma {

namespace format = journal_format;

struct JournalWriter::State {
  // What every append touches comes first.
  WritableSegment* segment = nullptr;
  std::byte* base = nullptr;
  std::uint64_t cursor = 0;
  std::uint64_t limit = 0;  // records end at or before it; the end record fits behind it
  std::uint64_t last_record = 0;
  std::uint32_t salt = 0;
  bool closed = false;
  std::uint64_t last_seq = 0;
  std::size_t chunk_bytes = 0;
  std::uint64_t journal = 0;
  std::uint64_t newest_snapshot = 0;

  std::string directory;
  FileDescriptor lock;
  OpenReport report;
  std::unique_ptr<SegmentKeeper> keeper;
  alignas(64) std::atomic<std::uint64_t> records{0};
  std::atomic<std::uint64_t> bytes_before{0};  // in segments rolled
  std::atomic<std::uint64_t> bytes_here{0};
  std::atomic<std::uint64_t> stalls{0};

  format::SegmentHeader* header() { return reinterpret_cast<format::SegmentHeader*>(base); }

  // Puts `next` into use. Memory only; the magic makes it visible to readers and comes last.
  void activate(WritableSegment* next) noexcept {
    segment = next;
    base = next->file.data();
    salt = next->salt;
    cursor = format::header_bytes;
    limit = next->file.size() - format::end_bytes;
    format::SegmentHeader fresh{};
    fresh.magic = format::magic;
    fresh.version = journal_format_version;
    fresh.size = sizeof fresh;
    fresh.journal = journal;
    fresh.number = next->number;
    fresh.first_seq = last_seq + 1;
    fresh.created_ns = next->created_ns;
    fresh.salt = salt;
    fresh.crc = format::header_crc(fresh);
    fresh.newest_snapshot = newest_snapshot;
    std::memcpy(base + sizeof fresh.magic,
                reinterpret_cast<const std::byte*>(&fresh) + sizeof fresh.magic,
                sizeof fresh - sizeof fresh.magic);
    __atomic_store_n(&header()->magic, format::magic, __ATOMIC_RELEASE);
    commit();
  }

  void commit() noexcept {
    segment->committed.store(cursor, std::memory_order_release);
    bytes_here.store(cursor, std::memory_order_relaxed);
  }

  // The payload first, the word last: until the word is there, the record is not.
  void put(std::uint8_t kind, const void* payload, std::size_t size) noexcept {
    std::byte* const at = base + cursor;
    std::byte* const body = at + format::word_bytes;
    if (size != 0) std::memcpy(body, payload, size);
    const auto length = static_cast<std::uint32_t>(size);
    const std::uint32_t crc = format::record_crc(salt, cursor, length, kind, body);
    __atomic_store_n(reinterpret_cast<std::uint64_t*>(at), format::make_word(crc, length, kind),
                     __ATOMIC_RELEASE);
    last_record = cursor;
    cursor += format::word_bytes + format::padded(size);
  }

  void seal() noexcept {
    const format::EndRecord end{last_seq, 0};
    put(format::end_kind, &end, sizeof end);
    commit();
  }
};

namespace {

Error locked_by_other(const FileDescriptor& lock, const std::string& directory) {
  char text[32]{};
  (void)read_at(lock, lock_path(directory),
                std::as_writable_bytes(std::span(text, sizeof text - 1)), 0);
  const long pid = std::strtol(text, nullptr, 10);
  return {Errc::busy,
          "journal " + directory + " is being written by " +
              (pid > 0 ? "process " + std::to_string(pid) : std::string("another process")) +
              "; stop it or use another folder"};
}

Result<FileDescriptor> lock_directory(const std::string& directory) {
  const auto path = lock_path(directory);
  auto file = FileDescriptor::open(path, O_RDWR | O_CREAT);
  if (!file) return file.error();
  const auto locked = lock_file(*file, path);
  if (!locked) return locked.error();
  if (!*locked) return locked_by_other(*file, directory);
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(file->get(), 0) != 0) return system_error("write", path, errno);
  if (auto written = write_all(*file, path, std::as_bytes(std::span(pid)), 0); !written)
    return written.error();
  return file;
}

Result<void> check_options(const JournalOptions& options) {
  const auto wrong = [](const std::string& text) {
    return Error{Errc::invalid_argument, "journal: " + text};
  };
  if (options.segment_bytes < format::min_segment_bytes ||
      options.segment_bytes > format::max_segment_bytes || options.segment_bytes % 8 != 0) {
    return wrong("segment_bytes is " + std::to_string(options.segment_bytes) +
                 "; expected a multiple of 8 from 4096 to 17179869184");
  }
  if (options.sync_ms < 0)
    return wrong("sync_ms is " + std::to_string(options.sync_ms) + "; expected 0 or more");
  if (options.compression_level < 0 || options.compression_level > 19) {
    return wrong("compression_level is " + std::to_string(options.compression_level) +
                 "; expected 0 to 19");
  }
  return {};
}

}  // namespace

JournalWriter::JournalWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}

JournalWriter::~JournalWriter() { (void)close(); }

Result<std::unique_ptr<JournalWriter>> JournalWriter::open(const std::string& directory,
                                                           const JournalOptions& options) {
  if (auto good = check_options(options); !good) return good.error();
  std::error_code made;
  std::filesystem::create_directories(directory, made);
  if (made) return system_error("create journal folder", directory, made.value());
  auto lock = lock_directory(directory);
  if (!lock) return lock.error();
  auto existing = settle_existing_journal(directory, options);
  if (!existing) return existing.error();

  auto state = std::make_unique<State>();
  state->directory = directory;
  state->lock = std::move(*lock);
  state->report = existing->report;
  state->last_seq = existing->report.last_seq;
  state->newest_snapshot = existing->newest_snapshot;
  const auto now = static_cast<std::uint64_t>(wall_now().value);
  state->journal = existing->journal != 0 ? existing->journal : SplitMix64(now)() | 1;
  state->chunk_bytes = std::min<std::size_t>(1u << 20, options.segment_bytes / 4);
  state->keeper = std::make_unique<SegmentKeeper>(directory, options, existing->next_number,
                                                  options.compression_level > 0
                                                      ? std::move(existing->uncompressed)
                                                      : std::vector<std::uint64_t>{});
  const auto first = state->keeper->start();
  if (!first) return first.error();
  state->activate(*first);
  return std::unique_ptr<JournalWriter>(new JournalWriter(std::move(state)));
}

bool JournalWriter::roll(std::size_t room_wanted) noexcept {
  State& state = *state_;
  if (state.closed || room_wanted > state.chunk_bytes || !state.keeper->healthy()) return false;
  WritableSegment* next = state.keeper->take_ready();
  if (next == nullptr) {
    state.stalls.fetch_add(1, std::memory_order_relaxed);
    next = state.keeper->wait_ready();
    if (next == nullptr) return false;
  }
  state.seal();
  WritableSegment* const finished = state.segment;
  state.bytes_before.fetch_add(state.cursor, std::memory_order_relaxed);
  state.activate(next);
  state.keeper->retire(finished, next);
  return true;
}

inline bool JournalWriter::append_record(std::uint8_t kind, const void* payload,
                                         std::size_t size) noexcept {
  State& state = *state_;
  if (!state.keeper->healthy()) [[unlikely]]
    return false;
  if (state.cursor + format::word_bytes + format::padded(size) > state.limit) [[unlikely]] {
    if (!roll(size)) return false;
  }
  state.put(kind, payload, size);
  state.commit();
  return true;
}

bool JournalWriter::append_chunks(RecordType type, const std::byte* payload, std::size_t size,
                                  std::uint64_t& start) noexcept {
  State& state = *state_;
  std::uint8_t flags = 0;
  for (std::size_t done = 0; done < size;) {
    const std::size_t count = std::min(state.chunk_bytes, size - done);
    const bool last = done + count == size;
    const auto kind = static_cast<std::uint8_t>(static_cast<std::uint8_t>(type) | flags |
                                                (last ? 0 : format::more));
    if (!append_record(kind, payload + done, count)) return false;
    if (done == 0) start = format::pack_position(state.segment->number, state.last_record);
    flags = format::continued;
    done += count;
  }
  return true;
}

bool JournalWriter::append(RecordType type, const void* payload, std::size_t size) noexcept {
  State& state = *state_;
  std::uint64_t start = 0;
  if (size <= state.chunk_bytes) {
    if (!append_record(static_cast<std::uint8_t>(type), payload, size)) return false;
    start = format::pack_position(state.segment->number, state.last_record);
  } else if (!append_chunks(type, static_cast<const std::byte*>(payload), size, start)) {
    return false;
  }
  state.records.store(state.records.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  if (type == RecordType::input && size >= 8) state.last_seq = load_le<std::uint64_t>(payload);
  if (type == RecordType::snapshot) {
    state.newest_snapshot = start;
    __atomic_store_n(&state.header()->newest_snapshot, start, __ATOMIC_RELEASE);
  }
  return true;
}

bool JournalWriter::append_inputs(std::span<const zm_event> events) noexcept {
  State& state = *state_;
  for (const zm_event& event : events) {
    if (!append_record(static_cast<std::uint8_t>(RecordType::input), &event, sizeof event))
      return false;
    state.last_seq = event.seq;
  }
  state.records.store(state.records.load(std::memory_order_relaxed) + events.size(),
                      std::memory_order_relaxed);
  return true;
}

Result<void> JournalWriter::close() {
  State& state = *state_;
  if (state.closed) return {};
  state.closed = true;
  state.seal();
  const bool healthy = state.keeper->healthy();
  auto finished = state.keeper->stop(state.segment);
  state.segment = nullptr;
  state.cursor = state.limit = 0;
  const auto why = state.keeper->trouble();
  state.lock.close();
  if (!healthy && why) return *why;
  return finished;
}

std::optional<Error> JournalWriter::trouble() const { return state_->keeper->trouble(); }

JournalStats JournalWriter::stats() const {
  JournalStats stats;
  stats.records = state_->records.load(std::memory_order_relaxed);
  stats.bytes = state_->bytes_before.load(std::memory_order_relaxed) +
                state_->bytes_here.load(std::memory_order_relaxed);
  stats.stalls = state_->stalls.load(std::memory_order_relaxed);
  state_->keeper->add_to(stats);
  return stats;
}

JournalPosition JournalWriter::position() const {
  return {state_->segment == nullptr ? 0 : state_->segment->number, state_->cursor};
}
std::uint64_t JournalWriter::last_seq() const { return state_->last_seq; }
const OpenReport& JournalWriter::opened() const { return state_->report; }
const std::string& JournalWriter::directory() const { return state_->directory; }

}  // namespace zomma
