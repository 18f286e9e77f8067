// Bytes come out of a packed file as they went in, or with an error that says where they stop being
// good.
#include <catch2/catch.hpp>

#include "base/random.h"
#include "market/feeds/file/byte_source.h"
#include "recordings.h"

using namespace zomma;
using test::Bytes;
using test::Packing;

namespace {

constexpr Packing packings[] = {Packing::gzip, Packing::xz, Packing::zstd};

Bytes some_text(std::size_t lines) {
  std::string text;
  for (std::size_t i = 0; i < lines; ++i)
    text += "line " + std::to_string(i * 7919 % 10'007) + " of a recording\n";
  return test::bytes_of(text);
}

struct Unpacked {
  Bytes bytes;
  std::optional<Error> error;
};

Unpacked unpack(const Bytes& packed, std::size_t step = 1000) {
  Unpacked result;
  auto source = open_byte_source("memory", packed);
  REQUIRE(source);
  Bytes block(step);
  for (;;) {
    const auto count = (*source)->read(block);
    if (!count) {
      result.error = count.error();
      const auto again = (*source)->read(block);
      REQUIRE_FALSE(again);
      CHECK(again.error().message == count.error().message);
      return result;
    }
    result.bytes.insert(result.bytes.end(), block.begin(),
                        block.begin() + static_cast<std::ptrdiff_t>(*count));
    if (*count == 0) return result;
  }
}

bool is_front_of(const Bytes& part, const Bytes& whole) {
  return part.size() <= whole.size() && std::equal(part.begin(), part.end(), whole.begin());
}

}  // namespace

TEST_CASE("packed bytes come out as they went in, whatever the step") {
  const Bytes text = some_text(20'000);
  for (const Packing packing : {Packing::plain, Packing::gzip, Packing::xz, Packing::zstd}) {
    const Bytes packed = test::pack(text, packing);
    for (const std::size_t step : {std::size_t{1000}, std::size_t{77'777}, text.size() + 1}) {
      const auto result = unpack(packed, step);
      CHECK_FALSE(result.error);
      CHECK(result.bytes == text);
    }
  }
}

TEST_CASE("a file from disk is told by its content, not by its name") {
  const Bytes text = some_text(100);
  for (const Packing packing : {Packing::plain, Packing::gzip, Packing::xz, Packing::zstd}) {
    const test::TemporaryFile file(test::pack(text, packing), "misleading.gz");
    auto source = open_byte_source(file.path());
    REQUIRE(source);
    Bytes out(text.size() + 10);
    const auto count = (*source)->read(out);
    REQUIRE(count);
    CHECK(*count == text.size());
  }
}

TEST_CASE("a missing file is not found, and named") {
  const auto source = open_byte_source("/nowhere/at/all.gz");
  REQUIRE_FALSE(source);
  CHECK(source.error().code == Errc::not_found);
  CHECK(source.error().message.find("/nowhere/at/all.gz") != std::string::npos);
}

TEST_CASE("an empty file has no bytes and no error") {
  const auto result = unpack({});
  CHECK_FALSE(result.error);
  CHECK(result.bytes.empty());
}

TEST_CASE("several packed parts, one after the other, are one stream") {
  const Bytes first = some_text(300);
  const Bytes second = some_text(500);
  for (const Packing packing : packings) {
    Bytes packed = test::pack(first, packing);
    const Bytes more = test::pack(second, packing);
    packed.insert(packed.end(), more.begin(), more.end());
    Bytes expected = first;
    expected.insert(expected.end(), second.begin(), second.end());
    const auto result = unpack(packed);
    CHECK_FALSE(result.error);
    CHECK(result.bytes == expected);
  }
}

TEST_CASE("a packed file cut anywhere gives its good beginning and then says where it stopped") {
  const Bytes text = some_text(3'000);
  for (const Packing packing : packings) {
    const Bytes packed = test::pack(text, packing);
    for (std::size_t size = 12; size < packed.size(); size += 37) {
      const auto result =
          unpack(Bytes(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size)));
      REQUIRE(result.error);
      CHECK(result.error->code == Errc::truncated);
      CHECK(result.error->message.find("near byte " + std::to_string(size) + " of the file") !=
            std::string::npos);
      CHECK(is_front_of(result.bytes, text));
    }
  }
}

TEST_CASE("a flipped bit in a packed file never passes silently") {
  const Bytes text = some_text(3'000);
  SplitMix64 random(11);
  for (const Packing packing : packings) {
    const Bytes packed = test::pack(text, packing);
    for (int i = 0; i < 300; ++i) {
      Bytes damaged = packed;
      // Behind the magic, which decides what the file is; gzip's time, flags and system (4 to 9)
      // carry no data.
      const std::size_t at = 10 + random() % (damaged.size() - 10);
      damaged[at] ^= std::byte{1} << static_cast<int>(random() % 8);
      const auto result = unpack(damaged);
      if (!result.error) CHECK(result.bytes == text);  // a bit that means nothing
    }
  }
}
