// What staging knows of a plugin before the host loads it, and that no bytes hurt it.
#include <catch2/catch.hpp>

#include <string>

#include "base/random.h"
#include "plugin/check/staging.h"

using namespace zomma;

namespace {

std::string plugin(const std::string& name) { return std::string(ZOMMA_TEST_PLUGINS) + "/" + name + ".so"; }

Result<StagedPlugin> staged(const std::string& name) {
  StageOptions options;
  options.path = plugin(name);
  options.probe.executable = ZOMMA_PROGRAM;
  return stage(options);
}

}  // namespace

TEST_CASE("a sound plugin is staged with its note and without a warning") {
  const auto result = staged("witness");
  REQUIRE(result);
  CHECK(result->note.id == "test.witness");
  CHECK(result->symbols.exports == std::vector<std::string>{"zm_plugin_entry"});
  CHECK(result->warnings.empty());
}

TEST_CASE("a foreign library, another ABI and a missing file are refused before anything of them runs") {
  CHECK(staged("no_note").error().message.find("not a Zomma plugin") != std::string::npos);
  CHECK(staged("other_major").error().message.find("ABI 2.7") != std::string::npos);
  CHECK(staged("nowhere").error().code == Errc::not_found);
}

TEST_CASE("no bit flip and no truncation makes the symbol reader read outside the file") {
  const auto whole = *read_plugin_file(plugin("witness"));
  for (std::size_t size = 0; size < whole.size(); size += 251) CHECK(!read_plugin_symbols(std::span(whole).first(size)));
  SplitMix64 random(7);
  const std::uint64_t tail = whole.size() - 4096;
  for (int round = 0; round < 1000; ++round) {
    auto bytes = whole;
    for (int flip = 0; flip < 8; ++flip) {
      const std::uint64_t at = random() % 8192;
      bytes[at < 4096 ? at : tail + at - 4096] ^= static_cast<std::byte>(1u << (random() % 8));
    }
    const auto symbols = read_plugin_symbols(bytes);
    if (symbols) CHECK(symbols->exports.size() < bytes.size());
  }
}
