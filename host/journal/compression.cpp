#include "journal/compression.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <span>

#include <zstd.h>

#include "base/mapped_file.h"
#include "journal/segment_image.h"

namespace zomma {
namespace {

constexpr std::uint32_t skippable_magic = 0x184D2A5Au;  // any of 0x184D2A50..5F (RFC 8878, 3.1.2)
constexpr std::size_t step_bytes = 1 << 20;

struct Preamble {
  std::uint32_t magic;
  std::uint32_t size;
  PackedInfo info;
};
static_assert(sizeof(Preamble) == 144);

Error not_packed(const std::string& path, const char* what) {
  return {Errc::corrupt, path + " is no compressed journal segment: " + what};
}

Error zstd_error(const std::string& path, std::size_t code) {
  return {Errc::corrupt, path + ": zstd: " + ZSTD_getErrorName(code)};
}

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

}  // namespace

struct SegmentCompressor::Work {
  std::string directory;
  std::string source_path;
  std::string temporary_path;
  std::string final_path;
  MappedFile source;
  FileDescriptor target;
  std::unique_ptr<ZSTD_CCtx, FreeContext> context;
  std::vector<std::byte> output;
  std::size_t consumed = 0;
  std::uint64_t written = 0;
  bool finished = false;

  ~Work() {
    if (!finished) unlink(temporary_path.c_str());
  }

  Result<void> write(std::span<const std::byte> bytes) {
    auto result = write_all(target, temporary_path, bytes, written);
    if (result) written += bytes.size();
    return result;
  }

  // The order is the point: the new form is complete and on the disk before the name exists, and
  // the name is on the disk before the old form goes.
  Result<void> replace_original() {
    if (fsync(target.get()) != 0) return system_error("sync", temporary_path, errno);
    if (rename(temporary_path.c_str(), final_path.c_str()) != 0)
      return system_error("rename", temporary_path, errno);
    finished = true;
    if (auto synced = sync_directory(directory); !synced) return synced;
    if (unlink(source_path.c_str()) != 0) return system_error("remove", source_path, errno);
    return {};
  }
};

SegmentCompressor::SegmentCompressor(std::unique_ptr<Work> work) : work_(std::move(work)) {}
SegmentCompressor::SegmentCompressor(SegmentCompressor&&) noexcept = default;
SegmentCompressor& SegmentCompressor::operator=(SegmentCompressor&&) noexcept = default;
SegmentCompressor::~SegmentCompressor() = default;

Result<SegmentCompressor> SegmentCompressor::start(const std::string& directory,
                                                   std::uint64_t number, int level) {
  auto work = std::make_unique<Work>();
  work->directory = directory;
  work->source_path = segment_path(directory, number);
  work->final_path = compressed_segment_path(directory, number);
  work->temporary_path = work->final_path + ".tmp";
  auto source = MappedFile::open_read_only(work->source_path);
  if (!source) return source.error();
  work->source = std::move(*source);
  work->source.advise_sequential();
  if (work->source.size() < journal_format::header_bytes) {
    return Error{Errc::corrupt, work->source_path + " is shorter than a segment header"};
  }
  auto target = FileDescriptor::open(work->temporary_path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!target) return target.error();
  work->target = std::move(*target);

  work->context.reset(ZSTD_createCCtx());
  if (!work->context)
    return Error{Errc::exhausted, "no memory for compressing " + work->source_path};
  ZSTD_CCtx_setParameter(work->context.get(), ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(work->context.get(), ZSTD_c_checksumFlag, 1);
  ZSTD_CCtx_setPledgedSrcSize(work->context.get(), work->source.size());
  work->output.resize(ZSTD_CStreamOutSize());

  Preamble preamble{skippable_magic, sizeof(PackedInfo), {{}, work->source.size()}};
  std::memcpy(&preamble.info.header, work->source.data(), sizeof preamble.info.header);
  if (auto result = work->write(std::as_bytes(std::span(&preamble, 1))); !result)
    return result.error();
  return SegmentCompressor(std::move(work));
}

Result<bool> SegmentCompressor::step() {
  Work& work = *work_;
  const std::size_t count = std::min(step_bytes, work.source.size() - work.consumed);
  const bool last = work.consumed + count == work.source.size();
  ZSTD_inBuffer input{work.source.data() + work.consumed, count, 0};
  for (;;) {
    ZSTD_outBuffer output{work.output.data(), work.output.size(), 0};
    const std::size_t left = ZSTD_compressStream2(work.context.get(), &output, &input,
                                                  last ? ZSTD_e_end : ZSTD_e_continue);
    if (ZSTD_isError(left)) return zstd_error(work.source_path, left);
    if (auto result = work.write(std::span(work.output).first(output.pos)); !result)
      return result.error();
    if (last ? left == 0 : input.pos == input.size) break;
  }
  work.consumed += count;
  if (!last) return false;
  if (auto result = work.replace_original(); !result) return result.error();
  return true;
}

std::uint64_t SegmentCompressor::from_bytes() const { return work_->source.size(); }
std::uint64_t SegmentCompressor::to_bytes() const { return work_->written; }

Result<PackedInfo> read_packed_info(const std::string& path) {
  auto file = FileDescriptor::open(path, O_RDONLY);
  if (!file) return file.error();
  Preamble preamble{};
  const auto count = read_at(*file, path, std::as_writable_bytes(std::span(&preamble, 1)), 0);
  if (!count) return count.error();
  if (*count != sizeof preamble) return not_packed(path, "too short");
  if (preamble.magic != skippable_magic || preamble.size != sizeof(PackedInfo)) {
    return not_packed(path, "it does not start with the journal's own frame");
  }
  if (preamble.info.unpacked_bytes < journal_format::header_bytes ||
      preamble.info.unpacked_bytes > journal_format::max_segment_bytes) {
    return not_packed(path, "the size it states is impossible");
  }
  return preamble.info;
}

Result<std::vector<std::byte>> unpack_segment(const std::string& path) {
  const auto info = read_packed_info(path);
  if (!info) return info.error();
  auto file = MappedFile::open_read_only(path);
  if (!file) return file.error();
  const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  if (!context) return Error{Errc::exhausted, "no memory for unpacking " + path};
  ZSTD_inBuffer input{file->data() + sizeof(Preamble), file->size() - sizeof(Preamble), 0};
  std::vector<std::byte> bytes;
  // Grown as the data comes: a damaged size must not reserve gigabytes.
  for (;;) {
    const std::size_t done = bytes.size();
    const std::size_t room =
        std::min<std::size_t>(info->unpacked_bytes - done, std::max(step_bytes, done));
    bytes.resize(done + room);
    ZSTD_outBuffer output{bytes.data() + done, room, 0};
    const std::size_t left = ZSTD_decompressStream(context.get(), &output, &input);
    if (ZSTD_isError(left)) return zstd_error(path, left);
    bytes.resize(done + output.pos);
    if (left == 0) break;
    if (output.pos == 0 && input.pos == input.size) return not_packed(path, "it ends too early");
    if (output.pos == 0 && room == 0) return not_packed(path, "it is longer than it states");
  }
  if (bytes.size() != info->unpacked_bytes || input.pos != input.size) {
    return not_packed(path, "its content has another size than it states");
  }
  return bytes;
}

}  // namespace zomma
