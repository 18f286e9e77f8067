// What staging knows of a plugin before the host loads it, and that no bytes hurt it.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/random.h"
#include "plugin/check/staging.h"
#include "plugin/image.h"

using namespace zomma;

namespace {

std::string plugin(const std::string& name) {
  return std::string(ZOMMA_TEST_PLUGINS) + "/" + name + ".so";
}

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

TEST_CASE(
    "a foreign library, another ABI and a missing file are refused before anything of them runs") {
  CHECK(staged("no_note").error().message.find("not a Zomma plugin") != std::string::npos);
  CHECK(staged("other_major").error().message.find("ABI 2.7") != std::string::npos);
  CHECK(staged("nowhere").error().code == Errc::not_found);
}

TEST_CASE("the probe says what a plugin did and where, and the host lives") {
  const auto sentence = [](const char* name) {
    const auto result = staged(name);
    REQUIRE(!result);
    return result.error().message;
  };
  CHECK_THAT(sentence("ctor_throws"),
             Catch::Contains("exception") && Catch::Contains("constructors"));
  CHECK_THAT(sentence("ctor_exits"),
             Catch::Contains("ended the process") && Catch::Contains("constructors"));
  CHECK_THAT(sentence("ctor_segfaults"),
             Catch::Contains("SIGSEGV") && Catch::Contains("constructors"));
  CHECK_THAT(sentence("dtor_segfaults"),
             Catch::Contains("SIGSEGV") && Catch::Contains("unloading"));
  CHECK_THAT(sentence("unresolved_symbol"), Catch::Contains("a_function_that_nobody_has"));
  CHECK_THAT(sentence("init_trusts_the_host"),
             Catch::Contains("SIGSEGV") && Catch::Contains("in init"));
  CHECK_THAT(sentence("creates_nothing"), Catch::Contains("create returned null"));
  CHECK_THAT(sentence("extra_exports"), Catch::Contains("another_export"));
}

TEST_CASE("a plugin that hangs while it is loaded is given up after the timeout") {
  ProbeOptions options{ZOMMA_PROGRAM, Nanoseconds{300'000'000}};
  const auto hung = probe(plugin("ctor_hangs"), options);
  REQUIRE(!hung);
  CHECK_THAT(hung.error().message, Catch::Contains("within 300 ms"));
}

TEST_CASE("a forbidden import is refused with its reason, unless the operator waives it") {
  StageOptions options;
  options.path = plugin("imports_threads");
  options.run_probe = false;
  const auto refused = stage(options);
  REQUIRE(!refused);
  CHECK_THAT(refused.error().message,
             Catch::Contains("pthread_create") && Catch::Contains("unloaded"));
  options.waived = {"pthread_create"};
  const auto waived = stage(options);
  REQUIRE(waived);
  REQUIRE(waived->warnings.size() == 1);
  CHECK_THAT(waived->warnings[0], Catch::Contains("waived"));
}

TEST_CASE("unique symbols are known before the plugin is loaded") {
  const auto symbols = read_plugin_symbols(*read_plugin_file(plugin("unique_symbol")));
  REQUIRE(symbols);
  CHECK(symbols->unique == std::vector<std::string>{"kept_for_ever"});
}

TEST_CASE("no bit flip and no truncation makes the symbol reader read outside the file") {
  const auto whole = *read_plugin_file(plugin("witness"));
  for (std::size_t size = 0; size < whole.size(); size += 251)
    CHECK(!read_plugin_symbols(std::span(whole).first(size)));
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

namespace {

// A folder of its own for images, gone afterwards.
struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("zomma-staging-" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

Result<std::shared_ptr<PluginImage>> loaded(const Folder& folder, const std::string& file) {
  PluginImage::Options options{file, folder.path / "gen", "", std::nullopt, std::nullopt};
  options.staging.emplace();
  options.staging->waived = {"pthread_create"};
  options.staging->prober = ZOMMA_PROGRAM;
  return PluginImage::load(options);
}

}  // namespace

TEST_CASE("corrupted and truncated plugins are refused in words or load, and the host lives") {
  const Folder folder;
  const auto whole = *read_plugin_file(plugin("witness"));
  const char* asked = std::getenv("ZOMMA_IMAGES");
  const int images = asked == nullptr ? 60 : std::atoi(asked);
  SplitMix64 random(11);
  int refused = 0, sound = 0;
  for (int round = 0; round < images; ++round) {
    auto bytes = whole;
    if (round % 4 == 0)
      bytes.resize(random() % bytes.size());
    else
      for (std::uint64_t flips = 1 + random() % 64; flips > 0; --flips)
        bytes[random() % bytes.size()] ^= static_cast<std::byte>(1u << (random() % 8));
    const std::string file = (folder.path / "damaged.so").string();
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    const auto image = loaded(folder, file);
    if (image)
      ++sound;  // nothing that loading needs was hit
    else
      CHECK(image.error().message.find("damaged.so") != std::string::npos);
    refused += !image;
  }
  CHECK(refused + sound == images);
  CHECK(refused > images / 4);
  CHECK(PluginImage::leaked().empty());
}

TEST_CASE("code that may have started threads is never unmapped, and the operator hears of it") {
  const Folder folder;
  const std::size_t before = PluginImage::leaked().size();
  std::filesystem::path copy;
  {
    const auto image = loaded(folder, plugin("imports_threads"));
    REQUIRE(image);
    copy = (*image)->copy();
  }
  const auto leaked = PluginImage::leaked();
  REQUIRE(leaked.size() == before + 1);
  CHECK(leaked.back() == copy.string());
}
