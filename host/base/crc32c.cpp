#include "base/crc32c.h"

#include <array>

namespace zomma {
namespace {

using Table = std::array<std::array<std::uint32_t, 256>, 8>;

// Slicing by eight: row r holds the CRC of one byte followed by r zero bytes.
constexpr Table make_table() {
  constexpr std::uint32_t reflected_polynomial = 0x82F63B78u;
  Table table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? reflected_polynomial : 0);
    table[0][byte] = crc;
  }
  for (std::size_t row = 1; row < 8; ++row) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t shorter = table[row - 1][byte];
      table[row][byte] = (shorter >> 8) ^ table[0][shorter & 0xFF];
    }
  }
  return table;
}

constexpr Table table = make_table();

}  // namespace

std::uint32_t crc32c_by_table(const void* data, std::size_t size, std::uint32_t before) noexcept {
  const auto* bytes = static_cast<const unsigned char*>(data);
  std::uint32_t crc = ~before;
  for (; size >= 8; size -= 8, bytes += 8) {
    std::uint32_t low;
    std::memcpy(&low, bytes, 4);
    low ^= crc;
    crc = table[7][low & 0xFF] ^ table[6][(low >> 8) & 0xFF] ^ table[5][(low >> 16) & 0xFF] ^
          table[4][low >> 24] ^ table[3][bytes[4]] ^ table[2][bytes[5]] ^ table[1][bytes[6]] ^
          table[0][bytes[7]];
  }
  for (; size > 0; --size, ++bytes) crc = (crc >> 8) ^ table[0][(crc ^ *bytes) & 0xFF];
  return ~crc;
}

std::uint32_t crc32c(const void* data, std::size_t size, std::uint32_t before) noexcept {
#ifdef __SSE4_2__
  const auto* bytes = static_cast<const unsigned char*>(data);
  std::uint32_t inverted = ~before;
  for (; size >= 8; size -= 8, bytes += 8) inverted = detail::crc32c_step8(inverted, bytes);
  for (; size > 0; --size, ++bytes) inverted = __builtin_ia32_crc32qi(inverted, *bytes);
  return ~inverted;
#else
  return crc32c_by_table(data, size, before);
#endif
}

}  // namespace zomma
