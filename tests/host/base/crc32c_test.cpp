#include "base/crc32c.h"

#include <catch2/catch.hpp>

#include <array>
#include <numeric>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace zomma {

// RFC 3720, B.4, and the check value of the CRC catalogue.
TEST_CASE("CRC-32C gives the published values") {
  std::array<unsigned char, 32> bytes{};
  CHECK(crc32c(bytes.data(), bytes.size()) == 0x8A9136AAu);
  bytes.fill(0xFF);
  CHECK(crc32c(bytes.data(), bytes.size()) == 0x62A8AB43u);
  std::iota(bytes.begin(), bytes.end(), static_cast<unsigned char>(0));
  CHECK(crc32c(bytes.data(), bytes.size()) == 0x46DD794Eu);
  std::iota(bytes.rbegin(), bytes.rend(), static_cast<unsigned char>(0));
  CHECK(crc32c(bytes.data(), bytes.size()) == 0x113FDB5Cu);
  CHECK(crc32c("123456789", 9) == 0xE3069283u);
  CHECK(crc32c("", 0) == 0u);
}

TEST_CASE("the instruction and the table agree at every length and alignment") {
  Random random(1);
  std::vector<unsigned char> bytes(300);
  for (auto& byte : bytes) byte = static_cast<unsigned char>(random());
  for (std::size_t from = 0; from < 9; ++from) {
    for (std::size_t size = 0; size + from <= bytes.size(); ++size) {
      REQUIRE(crc32c(bytes.data() + from, size, 77) ==
              crc32c_by_table(bytes.data() + from, size, 77));
    }
  }
}

TEST_CASE("a CRC can be continued where it stopped, also word by word") {
  constexpr std::string_view text = "forty-eight bytes of text, for a CRC in pieces!!";
  static_assert(text.size() == 48);
  const auto whole = crc32c(text.data(), text.size());
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    REQUIRE(crc32c(text.data() + cut, text.size() - cut, crc32c(text.data(), cut)) == whole);
  }
  CHECK(crc32c_words(text.data(), 6, 0) == whole);
}

}  // namespace zomma
