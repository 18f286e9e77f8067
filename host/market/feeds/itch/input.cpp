#include "market/feeds/itch/input.h"

#include <fcntl.h>
#include <lzma.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"

namespace zomma::itch {
namespace {

constexpr std::size_t block_size = 256 << 10;

class MemoryInput : public Input {
 public:
  explicit MemoryInput(std::span<const std::byte> bytes) : rest_(bytes) {}
  Result<std::size_t> read(std::span<std::byte> to) override {
    const std::size_t count = std::min(to.size(), rest_.size());
    if (count != 0) std::memcpy(to.data(), rest_.data(), count);
    rest_ = rest_.subspan(count);
    return count;
  }

 private:
  std::span<const std::byte> rest_;
};

class PlainInput : public Input {
 public:
  PlainInput(std::string path, FileDescriptor file)
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

// What gzip and xz share: packed blocks go in, unpacked bytes come out, and damage is reported
// after what was good.
class PackedInput : public Input {
 public:
  PackedInput(std::string path, std::unique_ptr<Input> packed)
      : path_(std::move(path)), packed_(std::move(packed)), block_(block_size) {}

  Result<std::size_t> read(std::span<std::byte> to) final {
    std::size_t filled = 0;
    while (filled != to.size() && !finished_ && !failed_) {
      if (block_left_.empty() && !packed_ended_) {
        auto count = packed_->read(block_);
        if (!count) return count.error();
        packed_ended_ = *count < block_.size();
        block_left_ = std::span<const std::byte>(block_).first(*count);
      }
      filled += unpack(to.subspan(filled));
    }
    if (filled == 0 && failed_) return error_;
    return filled;
  }

 protected:
  // Consumes from block_left_, returns the bytes written; sets finished_ or calls fail().
  virtual std::size_t unpack(std::span<std::byte> to) = 0;
  void fail(Errc code, const std::string& what) {
    failed_ = true;
    error_ = {code, path_ + ": " + what};
  }

  std::span<const std::byte> block_left_;
  bool packed_ended_ = false;
  bool finished_ = false;

 private:
  std::string path_;
  std::unique_ptr<Input> packed_;
  std::vector<std::byte> block_;
  bool failed_ = false;
  Error error_;
};

class GzipInput : public PackedInput {
 public:
  using PackedInput::PackedInput;
  ~GzipInput() override { inflateEnd(&stream_); }
  bool start() { return inflateInit2(&stream_, 15 + 16) == Z_OK; }

 private:
  std::size_t unpack(std::span<std::byte> to) override {
    // zlib's pointers are not const; it does not write through next_in.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(block_left_.data()));
    stream_.avail_in = static_cast<uInt>(block_left_.size());
    stream_.next_out = reinterpret_cast<Bytef*>(to.data());
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(to.size(), 1u << 30));
    const std::size_t offered = stream_.avail_out;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    const std::size_t written = offered - stream_.avail_out;
    block_left_ = block_left_.last(stream_.avail_in);
    if (status == Z_STREAM_END) {
      // Files may be several members, one after the other.
      if (block_left_.empty() && packed_ended_)
        finished_ = true;
      else
        inflateReset(&stream_);
      member_open_ = false;
    } else if (status == Z_OK) {
      member_open_ = true;
    } else if (status == Z_BUF_ERROR && written == 0 && block_left_.empty() && packed_ended_) {
      if (member_open_)
        fail(Errc::truncated, "the gzip file ends too early");
      else
        finished_ = true;
    } else if (status != Z_BUF_ERROR) {
      fail(Errc::corrupt, std::string("not readable as gzip: ") +
                              (stream_.msg != nullptr ? stream_.msg : "damaged"));
    }
    return written;
  }

  z_stream stream_{};
  bool member_open_ = true;
};

class XzInput : public PackedInput {
 public:
  using PackedInput::PackedInput;
  ~XzInput() override { lzma_end(&stream_); }
  bool start() { return lzma_stream_decoder(&stream_, UINT64_MAX, LZMA_CONCATENATED) == LZMA_OK; }

 private:
  std::size_t unpack(std::span<std::byte> to) override {
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(block_left_.data());
    stream_.avail_in = block_left_.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(to.data());
    stream_.avail_out = to.size();
    const lzma_ret status = lzma_code(&stream_, packed_ended_ ? LZMA_FINISH : LZMA_RUN);
    block_left_ = block_left_.last(stream_.avail_in);
    if (status == LZMA_STREAM_END)
      finished_ = true;
    else if (status == LZMA_BUF_ERROR && packed_ended_)
      fail(Errc::truncated, "the xz file ends too early");
    else if (status != LZMA_OK && status != LZMA_BUF_ERROR)
      fail(Errc::corrupt, "not readable as xz, liblzma says " + std::to_string(status));
    return to.size() - stream_.avail_out;
  }

  lzma_stream stream_ = LZMA_STREAM_INIT;
};

template <class Packed>
Result<std::unique_ptr<Input>> unpacking(const std::string& path, std::unique_ptr<Input> plain) {
  auto packed = std::make_unique<Packed>(path, std::move(plain));
  if (!packed->start()) return Error{Errc::exhausted, path + ": no memory to unpack it"};
  return std::unique_ptr<Input>(std::move(packed));
}

}  // namespace

Result<std::unique_ptr<Input>> open_input(const std::string& path) {
  auto file = FileDescriptor::open(path, O_RDONLY);
  if (!file) return file.error();
  std::array<std::byte, 6> magic{};
  const auto read = read_at(*file, path, magic, 0);
  if (!read) return read.error();
  const std::size_t count = *read;
  auto plain = std::make_unique<PlainInput>(path, std::move(*file));
  if (count >= 2 && std::memcmp(magic.data(), "\x1f\x8b", 2) == 0)
    return unpacking<GzipInput>(path, std::move(plain));
  if (count >= 6 && std::memcmp(magic.data(),
                                "\xfd"
                                "7zXZ\0",
                                6) == 0)
    return unpacking<XzInput>(path, std::move(plain));
  return std::unique_ptr<Input>(std::move(plain));
}

std::unique_ptr<Input> memory_input(std::span<const std::byte> bytes) {
  return std::make_unique<MemoryInput>(bytes);
}

}  // namespace zomma::itch
