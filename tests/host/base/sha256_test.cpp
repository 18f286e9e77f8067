#include "base/sha256.h"

#include <catch2/catch.hpp>

#include <cstdio>
#include <fstream>
#include <string>

namespace zomma {

// FIPS 180-4 examples and NIST's long message.
TEST_CASE("SHA-256 gives the published values") {
  CHECK(to_hex(sha256("", 0)) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(to_hex(sha256("abc", 3)) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const std::string two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  CHECK(to_hex(sha256(two_blocks.data(), two_blocks.size())) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  Sha256 hash;
  const std::string thousand(1000, 'a');
  for (int i = 0; i < 1000; ++i) hash.update(thousand.data(), thousand.size());
  CHECK(hash.hex() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("an intermediate digest does not disturb the running one") {
  Sha256 hash;
  hash.update("a", 1);
  CHECK(hash.digest() == sha256("a", 1));
  hash.update("bc", 2);
  CHECK(hash.digest() == sha256("abc", 3));
  CHECK(hash.digest() == sha256("abc", 3));
  hash.reset();
  CHECK(hash.digest() == sha256("", 0));
}

TEST_CASE("a file's digest is that of its bytes, and a missing file is an error that names it") {
  char path[] = "/tmp/zomma_sha256_XXXXXX";
  const int made = mkstemp(path);
  REQUIRE(made >= 0);
  const std::string content(700'001, 'z');
  std::ofstream(path, std::ios::binary) << content;
  const auto digest = sha256_file(path);
  std::remove(path);
  REQUIRE(digest);
  CHECK(*digest == sha256(content.data(), content.size()));
  const auto missing = sha256_file(path);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::not_found);
  CHECK(missing.error().message.find(path) != std::string::npos);
}

}  // namespace zomma
