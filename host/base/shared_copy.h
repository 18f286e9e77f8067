// shared_copy.h: copies to and from memory that another thread or process may be changing
// meanwhile, for protocols that notice afterwards whether a copy was disturbed and throw it away
// then (sequence locks, broadcast rings).
//
// A 32-byte access is not atomic for the language, only indivisible enough for the protocol's check
// to be sound. Under ThreadSanitizer the same copies are made of atomic words, so that it checks
// everything around them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#if defined(__SANITIZE_THREAD__)
#define ZOMMA_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ZOMMA_THREAD_SANITIZER 1
#endif
#endif

namespace zomma {

#ifdef ZOMMA_THREAD_SANITIZER

// `lines` cache lines of 64 bytes, both sides aligned to 8.
inline void copy_from_shared(void* to, const void* shared, std::size_t lines) {
  for (std::size_t word = 0; word < lines * 8; ++word) {
    static_cast<std::uint64_t*>(to)[word] =
        __atomic_load_n(static_cast<const std::uint64_t*>(shared) + word, __ATOMIC_ACQUIRE);
  }
}
inline void copy_to_shared(void* shared, const void* from, std::size_t lines) {
  for (std::size_t word = 0; word < lines * 8; ++word) {
    __atomic_store_n(static_cast<std::uint64_t*>(shared) + word,
                     static_cast<const std::uint64_t*>(from)[word], __ATOMIC_RELEASE);
  }
}
// [reader] What was copied before is not read again after.
inline void after_shared_read() {}
// [writer] What is announced before is seen before what is written after.
inline void before_shared_write() {}

#else

// `lines` cache lines of 64 bytes, both sides aligned to 8.
inline void copy_from_shared(void* to, const void* shared, std::size_t lines) {
  typedef long long Block __attribute__((vector_size(32)));
  auto* out = static_cast<std::byte*>(to);
  const auto* in = static_cast<const std::byte*>(shared);
  for (const auto* const end = in + lines * 64; in != end; in += 64, out += 64) {
    Block low, high;
    __builtin_memcpy(&low, in, sizeof low);
    __builtin_memcpy(&high, in + sizeof low, sizeof high);
    __builtin_memcpy(out, &low, sizeof low);
    __builtin_memcpy(out + sizeof low, &high, sizeof high);
  }
}
inline void copy_to_shared(void* shared, const void* from, std::size_t lines) {
  copy_from_shared(shared, from, lines);
}
// [reader] What was copied before is not read again after.
inline void after_shared_read() { std::atomic_thread_fence(std::memory_order_acquire); }
// [writer] What is announced before is seen before what is written after.
inline void before_shared_write() { std::atomic_thread_fence(std::memory_order_release); }

#endif

}  // namespace zomma
