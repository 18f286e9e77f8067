// archive.h: flat binary snapshots of engine state. Fields are written and read in one fixed order;
// a reader that runs out of bytes or meets a wrong mark fails for good (`ok()` turns false) and
// yields zeros, so callers check once at the end.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace zomma {

class ArchiveWriter {
 public:
  template <class T>
  requires std::is_trivially_copyable_v<T>
  void put(const T& value) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), bytes, bytes + sizeof value);
  }
  template <class T>
  requires std::is_trivially_copyable_v<T>
  void put_vector(const std::vector<T>& values) {
    put<std::uint64_t>(values.size());
    const auto* bytes = reinterpret_cast<const std::byte*>(values.data());
    bytes_.insert(bytes_.end(), bytes, bytes + values.size() * sizeof(T));
  }
  void put_text(std::string_view text) {
    put<std::uint64_t>(text.size());
    const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
    bytes_.insert(bytes_.end(), bytes, bytes + text.size());
  }
  std::span<const std::byte> bytes() const { return bytes_; }
  void clear() { bytes_.clear(); }

 private:
  std::vector<std::byte> bytes_;
};

class ArchiveReader {
 public:
  explicit ArchiveReader(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <class T>
  requires std::is_trivially_copyable_v<T> T get() {
    std::array<std::byte, sizeof(T)> bytes{};
    if (rest_.size() < sizeof(T)) {
      ok_ = false;
      rest_ = {};
    } else {
      std::memcpy(bytes.data(), rest_.data(), sizeof(T));
      rest_ = rest_.subspan(sizeof(T));
    }
    return std::bit_cast<T>(bytes);
  }
  template <class T>
  requires std::is_trivially_copyable_v<T> std::vector<T> get_vector() {
    const auto count = get<std::uint64_t>();
    if (count > rest_.size() / sizeof(T)) {
      ok_ = false;
      return {};
    }
    std::vector<T> values(count);
    if (count != 0) std::memcpy(values.data(), rest_.data(), count * sizeof(T));
    rest_ = rest_.subspan(count * sizeof(T));
    return values;
  }
  std::string get_text() {
    const auto chars = get_vector<char>();
    return {chars.begin(), chars.end()};
  }
  // A fixed number written between components, so that a layout mistake is found where it was made.
  void expect_mark(std::uint32_t mark) {
    if (get<std::uint32_t>() != mark) ok_ = false;
  }
  void fail() { ok_ = false; }
  bool ok() const { return ok_; }
  std::size_t remaining() const { return rest_.size(); }

 private:
  std::span<const std::byte> rest_;
  bool ok_ = true;
};

}  // namespace zomma
