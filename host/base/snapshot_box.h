// snapshot_box.h: the latest value of a plain struct, from one writer thread to any number of
// readers (a sequence lock). The writer never waits; a reader retries while it is being overtaken.
// Hot path for the writer: no allocation, lock or system call. Every word is atomic, so a reader
// never sees half a value and no data race exists to be excused.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace zomma {

template <class T>
class SnapshotBox {
  static_assert(std::is_trivially_copyable_v<T>, "values are copied word by word");

 public:
  SnapshotBox() { store(T{}); }

  // [one writer thread]
  void store(const T& value) {
    std::uint64_t words[word_count]{};
    std::memcpy(words, &value, sizeof value);
    const std::uint64_t version = version_.load(std::memory_order_relaxed);
    version_.store(version + 1, std::memory_order_relaxed);  // odd: in progress
    // Release on each word keeps it behind the odd version for whoever reads it; on x86 these are
    // plain moves.
    for (std::size_t i = 0; i < word_count; ++i)
      words_[i].store(words[i], std::memory_order_release);
    version_.store(version + 2, std::memory_order_release);
  }

  // [any thread] The newest value stored completely.
  T load() const {
    T value;
    while (!try_load(value)) {
    }
    return value;
  }

  // [any thread] False if the writer was at work; `value` is then meaningless.
  bool try_load(T& value) const {
    const std::uint64_t before = version_.load(std::memory_order_acquire);
    if (before & 1) return false;
    std::uint64_t words[word_count];
    for (std::size_t i = 0; i < word_count; ++i)
      words[i] = words_[i].load(std::memory_order_acquire);
    if (version_.load(std::memory_order_relaxed) != before) return false;
    std::memcpy(&value, words, sizeof value);
    return true;
  }

 private:
  static constexpr std::size_t word_count = (sizeof(T) + 7) / 8;
  alignas(64) std::atomic<std::uint64_t> version_{0};
  std::atomic<std::uint64_t> words_[word_count]{};
};

}  // namespace zomma
