// bytes.h: unaligned loads and stores in a stated byte order. Compile to one (byte-swapping) move.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace zomma {

static_assert(std::endian::native == std::endian::little,
              "Zomma is built for little-endian machines");

template <class T>
inline T load_le(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

inline std::uint16_t load_be16(const void* from) {
  return __builtin_bswap16(load_le<std::uint16_t>(from));
}
inline std::uint32_t load_be32(const void* from) {
  return __builtin_bswap32(load_le<std::uint32_t>(from));
}
inline std::uint64_t load_be64(const void* from) {
  return __builtin_bswap64(load_le<std::uint64_t>(from));
}
// Six bytes, big-endian. Reads two 32-bit words inside [from, from + 6), never beyond.
inline std::uint64_t load_be48(const void* from) {
  const auto* bytes = static_cast<const unsigned char*>(from);
  return (static_cast<std::uint64_t>(load_be16(bytes)) << 32) | load_be32(bytes + 2);
}

template <class T>
inline void store_le(void* to, T value) {
  std::memcpy(to, &value, sizeof value);
}
inline void store_be16(void* to, std::uint16_t value) { store_le(to, __builtin_bswap16(value)); }
inline void store_be32(void* to, std::uint32_t value) { store_le(to, __builtin_bswap32(value)); }
inline void store_be64(void* to, std::uint64_t value) { store_le(to, __builtin_bswap64(value)); }

}  // namespace zomma
