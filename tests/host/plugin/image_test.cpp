// An image is a private copy: what the operator does to the original afterwards does not matter,
// and a wrong file never reaches the loader.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/sha256.h"
#include "plugin/image.h"

using namespace zomma;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("zomma-image-" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

PluginImage::Options options_for(const Folder& folder, const std::string& name) {
  return {fs::path(ZOMMA_TEST_PLUGINS) / (name + ".so"), folder.path / "gen", ""};
}

}  // namespace

TEST_CASE("a plugin is loaded from a private copy and leaves nothing behind") {
  Folder folder;
  fs::path copy;
  {
    const auto image = PluginImage::load(options_for(folder, "witness"));
    REQUIRE(image);
    copy = (*image)->copy();
    CHECK(fs::exists(copy));
    CHECK(copy != options_for(folder, "witness").path);
    CHECK((*image)->factory().desc->id == std::string("test.witness"));
  }
  CHECK(!fs::exists(copy));
}

TEST_CASE("overwriting the original does not touch a loaded plugin") {
  Folder folder;
  const auto original = folder.path / "mine.so";
  fs::copy_file(options_for(folder, "witness").path, original);
  const auto image = PluginImage::load({original, folder.path / "gen", ""});
  REQUIRE(image);
  std::ofstream(original, std::ios::trunc) << "garbage";
  CHECK((*image)->factory().desc->version == std::string("1.0.0"));
  const auto again = PluginImage::load({original, folder.path / "gen", ""});
  REQUIRE(!again);
  CHECK(again.error().message.find("not an ELF file") != std::string::npos);
}

TEST_CASE("two loads of one file are two images") {
  Folder folder;
  const auto first = PluginImage::load(options_for(folder, "witness"));
  const auto second = PluginImage::load(options_for(folder, "witness"));
  REQUIRE(first);
  REQUIRE(second);
  CHECK(&(*first)->factory() != &(*second)->factory());
}

TEST_CASE(
    "a missing plugin, another ABI, a foreign library and a changed file each get their own "
    "sentence") {
  Folder folder;
  const auto missing = PluginImage::load(options_for(folder, "nowhere"));
  REQUIRE(!missing);
  CHECK(missing.error().message.find("does not exist") != std::string::npos);
  const auto other = PluginImage::load(options_for(folder, "other_major"));
  REQUIRE(!other);  // and the process is still here: its constructor never ran
  CHECK(other.error().message.find("ABI 2.7") != std::string::npos);
  const auto foreign = PluginImage::load(options_for(folder, "no_note"));
  REQUIRE(!foreign);
  CHECK(foreign.error().message.find("not a Zomma plugin") != std::string::npos);
  auto changed = options_for(folder, "witness");
  changed.expected_sha256 = std::string(64, '0');
  const auto refused = PluginImage::load(changed);
  REQUIRE(!refused);
  CHECK(refused.error().code == Errc::refused);
}
