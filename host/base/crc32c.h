// crc32c.h: CRC-32C (Castagnoli, RFC 3720 B.4), reflected, initial value and final xor all ones.
// With the processor's instruction where the build's baseline has it (x86-64-v2 and above), by
// table elsewhere. Both are always compiled and must agree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace zomma {

// CRC of `size` bytes that follow bytes whose CRC is `before` (0 = nothing before).
std::uint32_t crc32c(const void* data, std::size_t size, std::uint32_t before = 0) noexcept;

// The same by table, for any machine.
std::uint32_t crc32c_by_table(const void* data, std::size_t size,
                              std::uint32_t before = 0) noexcept;

namespace detail {

// One step over 8 bytes on the inverted register; the inner loop of the journal, inlined there.
inline std::uint32_t crc32c_step8(std::uint32_t inverted, const void* eight_bytes) noexcept {
#ifdef __SSE4_2__
  std::uint64_t word;
  std::memcpy(&word, eight_bytes, sizeof word);
  return static_cast<std::uint32_t>(__builtin_ia32_crc32di(inverted, word));
#else
  return ~crc32c_by_table(eight_bytes, 8, ~inverted);
#endif
}

}  // namespace detail

// As crc32c, inlined, for sizes that are small multiples of 8 known to the caller.
inline std::uint32_t crc32c_words(const void* data, std::size_t words,
                                  std::uint32_t before) noexcept {
  const auto* bytes = static_cast<const unsigned char*>(data);
  std::uint32_t inverted = ~before;
  for (std::size_t word = 0; word < words; ++word)
    inverted = detail::crc32c_step8(inverted, bytes + word * 8);
  return ~inverted;
}

}  // namespace zomma
