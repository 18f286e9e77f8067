// Saved state is given to nobody but newer code of the same plugin, and only as it was written.
#include <catch2/catch.hpp>

#include "plugin/state_envelope.h"

using namespace zomma;

namespace {

StateEnvelope sample() {
  StateEnvelope state{"com.acme.wheel", 3, 2, 12345, {}};
  for (int i = 0; i < 300; ++i) state.bytes.push_back(static_cast<std::byte>(i));
  return state;
}

std::vector<std::byte> sealed(const StateEnvelope& state) {
  ArchiveWriter out;
  state.seal(out);
  return {out.bytes().begin(), out.bytes().end()};
}

}  // namespace

TEST_CASE("what was sealed is opened as it was") {
  const StateEnvelope state = sample();
  const auto bytes = sealed(state);
  ArchiveReader in(bytes);
  const auto opened = StateEnvelope::open(in);
  REQUIRE(opened);
  CHECK(opened->plugin == state.plugin);
  CHECK(opened->schema == 3);
  CHECK(opened->min_reader == 2);
  CHECK(opened->last_seq == 12345);
  CHECK(opened->bytes == state.bytes);
}

TEST_CASE("any changed or missing byte is found") {
  const auto bytes = sealed(sample());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto damaged = bytes;
    damaged[i] ^= std::byte{0x10};
    ArchiveReader in(damaged);
    INFO("byte " << i);
    CHECK(!StateEnvelope::open(in));
    const std::span<const std::byte> all(bytes);
    ArchiveReader cut(all.first(i));
    CHECK(!StateEnvelope::open(cut));
  }
}

TEST_CASE("older state is accepted, newer and foreign state is refused in words") {
  const StateEnvelope state = sample();
  CHECK(state.readable_by("com.acme.wheel", 3));
  CHECK(state.readable_by("com.acme.wheel", 4));
  CHECK(state.readable_by("com.acme.wheel", 2));
  const auto older_code = state.readable_by("com.acme.wheel", 1);
  REQUIRE(!older_code);
  CHECK(older_code.error().message ==
        "its state has schema 3, the new code reads up to 1: an older build was named");
  const auto foreign = state.readable_by("com.acme.spreads", 3);
  REQUIRE(!foreign);
  CHECK(foreign.error().message.find(
            "the state is of \"com.acme.wheel\", the code is \"com.acme.spreads\"") == 0);
}
