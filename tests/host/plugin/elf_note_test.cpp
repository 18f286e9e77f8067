// A plugin's note is read from bytes, and no bytes can hurt the reader.
#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

#include "base/random.h"
#include "plugin/elf_note.h"

using namespace zomma;

namespace {

std::vector<std::byte> file_of(const char* name) {
  std::ifstream file(std::string(ZOMMA_TEST_PLUGINS) + "/" + name + ".so", std::ios::binary);
  const std::vector<char> chars{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::byte> bytes(chars.size());
  std::transform(chars.begin(), chars.end(), bytes.begin(),
                 [](char c) { return static_cast<std::byte>(c); });
  REQUIRE(!bytes.empty());
  return bytes;
}

}  // namespace

TEST_CASE("the note tells who a plugin is without running it") {
  const auto note = read_plugin_note(file_of("witness"));
  REQUIRE(note);
  CHECK(note->id == "test.witness");
  CHECK(note->version == "1.0.0");
  CHECK(note->abi_major == ZM_ABI_MAJOR);
  CHECK(note->state_schema == 1);
  CHECK(check_abi(*note));
}

TEST_CASE("a plugin of another ABI is refused with both versions and what to do") {
  const auto note = read_plugin_note(file_of("other_major"));
  REQUIRE(note);
  const auto fits = check_abi(*note);
  REQUIRE(!fits);
  CHECK(fits.error().code == Errc::incompatible);
  CHECK(fits.error().message.find("ABI 2.7") != std::string::npos);
  CHECK(fits.error().message.find("rebuild") != std::string::npos);
}

TEST_CASE("a newer minor than the host's is refused") {
  auto note = *read_plugin_note(file_of("witness"));
  note.abi_minor = ZM_ABI_MINOR + 1;
  REQUIRE(!check_abi(note));
  CHECK(check_abi(note).error().message.find("upgrade the host") != std::string::npos);
}

TEST_CASE("a library without a note is no plugin") {
  const auto note = read_plugin_note(file_of("no_note"));
  REQUIRE(!note);
  CHECK(note.error().code == Errc::not_found);
}

TEST_CASE("every truncation of a plugin is refused before the loader sees it") {
  const auto whole = file_of("witness");
  for (std::size_t size = 0; size < whole.size(); size += 509) {
    const auto note = read_plugin_note(std::span(whole).first(size));
    REQUIRE(!note);
  }
}

TEST_CASE("no bit flip in a plugin makes the note reader read outside the file") {
  const auto whole = file_of("witness");
  SplitMix64 random(20240517);
  for (int round = 0; round < 2000; ++round) {
    auto bytes = whole;
    for (int flip = 0; flip < 8; ++flip) {
      const std::uint64_t bit = random() % (4096 * 8);  // headers live in the first pages
      bytes[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    }
    const auto note = read_plugin_note(bytes);
    if (note) CHECK(note->id.size() <= 64);
  }
}
