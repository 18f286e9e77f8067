#include "market/feeds/file/byte_source.h"

#include <fcntl.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"

namespace zomma {
namespace {

constexpr std::size_t block_size = 256 << 10;
// What a decoder may take for its history: far above what `xz -9` and `zstd --ultra -22` need, far
// below what a damaged header could ask for.
constexpr std::uint64_t xz_memory_limit = 256u << 20;

class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::span<const std::byte> bytes) : rest_(bytes) {}
  Result<std::size_t> read(std::span<std::byte> to) override {
    const std::size_t count = std::min(to.size(), rest_.size());
    if (count != 0) std::memcpy(to.data(), rest_.data(), count);
    rest_ = rest_.subspan(count);
    return count;
  }

 private:
  std::span<const std::byte> rest_;
};

class FileSource : public ByteSource {
 public:
  FileSource(std::string path, FileDescriptor file)
      : path_(std::move(path)), file_(std::move(file)) {}
  Result<std::size_t> read(std::span<std::byte> to) override {
    auto count = read_at(file_, path_, to, offset_);
    if (count) offset_ += *count;
    return count;
  }

 private:
  std::string path_;
  FileDescriptor file_;
  std::uint64_t offset_ = 0;
};

// What the packed kinds share: packed blocks go in, unpacked bytes come out, and damage is reported
// after what was good.
class PackedSource : public ByteSource {
 public:
  PackedSource(std::string name, const char* kind, std::unique_ptr<ByteSource> packed)
      : name_(std::move(name)), kind_(kind), packed_(std::move(packed)), block_(block_size) {}

  Result<std::size_t> read(std::span<std::byte> to) final {
    std::size_t filled = 0;
    while (filled != to.size() && !finished_ && !failure_) {
      if (input_.empty() && !input_ended_) next_block();
      if (failure_) break;
      const std::size_t packed_before = input_.size();
      const std::size_t count = unpack(to.subspan(filled));
      filled += count;
      unpacked_ += count;
      packed_used_ += packed_before - input_.size();
      if (failure_) say_where();
    }
    if (filled == 0 && failure_) return *failure_;
    return filled;
  }

 protected:
  // Takes from the front of input_, returns the bytes written. Must make progress, or set
  // finished_, or call fail(), as soon as input_ended_ is set.
  virtual std::size_t unpack(std::span<std::byte> to) = 0;

  void truncated() { fail(Errc::truncated, "ends too early"); }
  void fail(Errc code, std::string what) { failure_ = Error{code, std::move(what)}; }

  std::span<const std::byte> input_;
  bool input_ended_ = false;
  bool finished_ = false;

 private:
  void next_block() {
    const auto count = packed_->read(block_);
    if (!count) {
      failure_ = count.error();
      return;
    }
    input_ended_ = *count < block_.size();
    input_ = std::span<const std::byte>(block_).first(*count);
  }

  void say_where() {
    failure_->message = name_ + ": the " + kind_ + " data " + failure_->message + ", near byte " +
                        std::to_string(packed_used_) + " of the file and byte " +
                        std::to_string(unpacked_) + " of what is packed in it";
  }

  std::string name_;
  const char* kind_;
  std::unique_ptr<ByteSource> packed_;
  std::vector<std::byte> block_;
  std::uint64_t packed_used_ = 0;
  std::uint64_t unpacked_ = 0;
  std::optional<Error> failure_;
};

class GzipSource final : public PackedSource {
 public:
  GzipSource(std::string name, std::unique_ptr<ByteSource> packed)
      : PackedSource(std::move(name), "gzip", std::move(packed)) {}
  ~GzipSource() override { inflateEnd(&stream_); }
  bool start() { return inflateInit2(&stream_, 15 + 16) == Z_OK; }

 private:
  std::size_t unpack(std::span<std::byte> to) override {
    if (between_members_) {
      if (input_.empty() && input_ended_) {
        finished_ = true;
        return 0;
      }
      inflateReset(&stream_);
      between_members_ = false;
    }
    // zlib's pointer is not const, but it only reads through it.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(input_.data()));
    stream_.avail_in = static_cast<uInt>(input_.size());
    stream_.next_out = reinterpret_cast<Bytef*>(to.data());
    const std::size_t room = std::min<std::size_t>(to.size(), 1u << 30);
    stream_.avail_out = static_cast<uInt>(room);
    const int status = inflate(&stream_, Z_NO_FLUSH);
    const std::size_t written = room - stream_.avail_out;
    input_ = input_.last(stream_.avail_in);
    if (status == Z_STREAM_END) {
      between_members_ = true;  // another member may follow
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      fail(Errc::corrupt,
           std::string("is damaged (") + (stream_.msg != nullptr ? stream_.msg : "unknown") + ")");
    } else if (written == 0 && input_.empty() && input_ended_) {
      truncated();
    }
    return written;
  }

  z_stream stream_{};
  bool between_members_ = false;
};

class XzSource final : public PackedSource {
 public:
  XzSource(std::string name, std::unique_ptr<ByteSource> packed)
      : PackedSource(std::move(name), "xz", std::move(packed)) {}
  ~XzSource() override { lzma_end(&stream_); }
  bool start() {
    return lzma_stream_decoder(&stream_, xz_memory_limit, LZMA_CONCATENATED) == LZMA_OK;
  }

 private:
  std::size_t unpack(std::span<std::byte> to) override {
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(input_.data());
    stream_.avail_in = input_.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(to.data());
    stream_.avail_out = to.size();
    const lzma_ret status = lzma_code(&stream_, input_ended_ ? LZMA_FINISH : LZMA_RUN);
    input_ = input_.last(stream_.avail_in);
    if (status == LZMA_STREAM_END)
      finished_ = true;
    else if (status == LZMA_MEMLIMIT_ERROR)
      fail(Errc::exhausted, "needs more than 256 MiB to unpack");
    else if (status == LZMA_BUF_ERROR && input_ended_)
      truncated();
    else if (status != LZMA_OK && status != LZMA_BUF_ERROR)
      fail(Errc::corrupt, "is damaged (liblzma's code " + std::to_string(status) + ")");
    return to.size() - stream_.avail_out;
  }

  lzma_stream stream_ = LZMA_STREAM_INIT;
};

class ZstdSource final : public PackedSource {
 public:
  ZstdSource(std::string name, std::unique_ptr<ByteSource> packed)
      : PackedSource(std::move(name), "zstd", std::move(packed)), context_(ZSTD_createDCtx()) {}
  ~ZstdSource() override { ZSTD_freeDCtx(context_); }
  bool start() { return context_ != nullptr; }

 private:
  std::size_t unpack(std::span<std::byte> to) override {
    ZSTD_inBuffer in{input_.data(), input_.size(), 0};
    ZSTD_outBuffer out{to.data(), to.size(), 0};
    if (in.size == 0 && between_frames_) {
      finished_ = input_ended_;
      return 0;
    }
    const std::size_t status = ZSTD_decompressStream(context_, &out, &in);
    input_ = input_.subspan(in.pos);
    if (ZSTD_isError(status) != 0) {
      fail(Errc::corrupt, std::string("is damaged (") + ZSTD_getErrorName(status) + ")");
      return out.pos;
    }
    between_frames_ = status == 0;  // another frame may follow
    if (!between_frames_ && out.pos == 0 && input_.empty() && input_ended_) truncated();
    return out.pos;
  }

  ZSTD_DCtx* context_;
  bool between_frames_ = false;
};

template <class Source>
Result<std::unique_ptr<ByteSource>> unpacking(std::string name,
                                              std::unique_ptr<ByteSource> packed) {
  auto source = std::make_unique<Source>(name, std::move(packed));
  if (!source->start()) return Error{Errc::exhausted, name + ": no memory to unpack it"};
  return std::unique_ptr<ByteSource>(std::move(source));
}

Result<std::unique_ptr<ByteSource>> open_by_magic(std::string name,
                                                  std::span<const std::byte> first,
                                                  std::unique_ptr<ByteSource> bytes) {
  const auto starts_with = [&](std::string_view magic) {
    return first.size() >= magic.size() &&
           std::memcmp(first.data(), magic.data(), magic.size()) == 0;
  };
  using namespace std::string_view_literals;
  if (starts_with("\x1f\x8b"sv)) return unpacking<GzipSource>(std::move(name), std::move(bytes));
  if (starts_with("\xfd"
                  "7zXZ\0"sv))
    return unpacking<XzSource>(std::move(name), std::move(bytes));
  // A frame, or a skippable frame, of which there are sixteen kinds.
  const bool skippable = first.size() >= 4 && (first[0] & std::byte{0xF0}) == std::byte{0x50} &&
                         std::memcmp(first.data() + 1, "\x2a\x4d\x18", 3) == 0;
  if (skippable || starts_with("\x28\xb5\x2f\xfd"sv))
    return unpacking<ZstdSource>(std::move(name), std::move(bytes));
  return bytes;
}

}  // namespace

Result<std::unique_ptr<ByteSource>> open_byte_source(const std::string& path) {
  auto file = FileDescriptor::open(path, O_RDONLY);
  if (!file) return file.error();
  std::array<std::byte, 6> first{};
  const auto count = read_at(*file, path, first, 0);
  if (!count) return count.error();
  return open_by_magic(path, std::span(first).first(*count),
                       std::make_unique<FileSource>(path, std::move(*file)));
}

Result<std::unique_ptr<ByteSource>> open_byte_source(std::string name,
                                                     std::span<const std::byte> bytes) {
  return open_by_magic(std::move(name), bytes.first(std::min<std::size_t>(bytes.size(), 6)),
                       std::make_unique<MemorySource>(bytes));
}

}  // namespace zomma
