// region.h: an array that can grow to its capacity without ever moving: address space is reserved
// at once, memory is taken page by page when it is touched, zeroed. With huge pages where the
// system gives them.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace zomma {

// The untyped part: reserve, advise, give back. Throws std::bad_alloc when the system refuses the
// address space.
class RegionBytes {
 public:
  RegionBytes() = default;
  RegionBytes(std::size_t bytes, bool huge_pages);
  ~RegionBytes();
  RegionBytes(RegionBytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  RegionBytes& operator=(RegionBytes&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }

  void* data() const { return data_; }
  // Takes the memory of the first `bytes` now instead of at first touch.
  void populate(std::size_t bytes) const;
  // Gives all memory back; everything reads as zero again.
  void reset() const;

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

template <class T>
class Region {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  Region() = default;
  explicit Region(std::size_t capacity, bool huge_pages = true)
      : bytes_(capacity * sizeof(T), huge_pages),
        data_(static_cast<T*>(bytes_.data())),
        capacity_(capacity) {}

  T* data() const { return data_; }
  T& operator[](std::size_t index) const { return data_[index]; }
  std::size_t capacity() const { return capacity_; }
  void populate(std::size_t count) const { bytes_.populate(count * sizeof(T)); }
  void reset() const { bytes_.reset(); }

 private:
  RegionBytes bytes_;
  T* data_ = nullptr;
  std::size_t capacity_ = 0;
};

}  // namespace zomma
