// Configurations on disk: the plugins.d folder, files that are not there, and the ones the project
// ships.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "host/config/support.h"

using namespace zomma;
using namespace zomma::test;

namespace {

// A folder that is gone afterwards.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "zomma-config-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

const std::string includes = "plugins_dir = \"plugins.d\"\n" + sound_config;
const std::string taker =
    "[plugin.taker]\npath = \"lib/taker.so\"\nallow_unlisted = true\ninstruments = "
    "[\"BTCUSDT.spot\"]\n";

}  // namespace

TEST_CASE(
    "plugins.d is read in the order of its names, each file with its own folder and messages") {
  const Folder folder;
  const std::string main = folder.write("zomma.toml", includes);
  folder.write("plugins.d/20-b.toml",
               "[plugin.b]\npath = \"./b.so\"\nallow_unlisted = true\ninstruments = []\n");
  folder.write("plugins.d/10-taker.toml", taker);
  folder.write("plugins.d/.hidden.toml", "not even toml");
  folder.write("plugins.d/README", "not toml at all");
  const ConfigResult result = load_config(main);
  CHECK(format(result.errors) == "");
  CHECK(result.files == std::vector<std::string>{main, folder / "plugins.d/10-taker.toml",
                                                 folder / "plugins.d/20-b.toml"});
  REQUIRE(result.config.plugins.size() == 3);
  CHECK(result.config.plugins[0].name == "b");
  CHECK(result.config.plugins[1].name == "maker");
  CHECK(result.config.plugins[2].path == folder / "plugins.d/lib/taker.so");
  CHECK(result.config.plugins[2].at.file == folder / "plugins.d/10-taker.toml");
}

TEST_CASE("errors of all files come together, the main file's first") {
  const Folder folder;
  std::string broken = includes;
  broken.replace(broken.find("speed = 0"), 9, "speed = \"\"");
  const std::string main = folder.write("zomma.toml", broken);
  const std::string a =
      folder.write("plugins.d/a.toml", "[plugin.maker]\npath = \"x\"\n[run]\nseed = 1\n");
  const std::string b =
      folder.write("plugins.d/b.toml", "[plugin.taker]\npat = \"x\"\nenabled = = false\n");
  CHECK(format(load_config(main).errors) ==
        main + ":5:9: run.speed: found the string \"\", expected a number from 0 to 1000\n" + a +
            ":1:1: plugin.maker: found [plugin.maker] again, expected it once; " + main +
            ":38 has it already\n" + a + ":3:2: run: unknown key, expected one of plugin\n" + b +
            ":2:1: plugin.taker.pat: unknown key; did you mean \"path\"?\n" + b +
            ":3:11: not TOML: value: could not determine value type\n");
}

TEST_CASE("a file, a folder, a missing plugins.d: each with its own sentence") {
  const Folder folder;
  CHECK(format(load_config(folder / "none.toml").errors) ==
        (folder / "none.toml") +
            ": cannot be opened (No such file or directory), expected a TOML file\n");
  CHECK(format(load_config(folder / "").errors) ==
        (folder / "") + ": a folder, expected a TOML file\n");
  const std::string main = folder.write("zomma.toml", includes);
  CHECK(format(load_config(main).errors) ==
        main + ":1:15: plugins_dir: found the string \"plugins.d\", expected a folder; " +
            (folder / "plugins.d") + " is none (No such file or directory)\n");
  CHECK(format(parse(includes).errors) ==
        "t.toml:1:15: plugins_dir: found the string \"plugins.d\", expected no such key, because "
        "this text stands for itself\n");
}

TEST_CASE("files that a run needs are looked for apart from reading") {
  const Folder folder;
  std::string text = sound_config;
  text.replace(text.find("\"maker.so\""), 10, "\"./maker.so\"");
  const std::string main = folder.write("zomma.toml", text);
  const ConfigResult result = load_config(main);
  REQUIRE(result);
  CHECK(format(missing_files(result.config)) ==
        main + ":25:8: feed[0].path: found no file " + (folder / "data/spot.jsonl.gz") +
            ", expected an existing file\n" + main + ":38:8: plugin.maker.path: found no file " +
            (folder / "maker.so") + ", expected an existing file\n");
  folder.write("data/spot.jsonl.gz", "");
  folder.write("maker.so", "");
  CHECK(missing_files(result.config).empty());
  std::string optional = sound_config;
  optional.replace(optional.find("name = \"spot\""), 13, "name = \"spot\"\nrequired = false");
  CHECK(missing_files(load_config(folder.write("optional/zomma.toml", optional)).config).empty());
}

TEST_CASE("the configurations that ship are sound") {
  for (const char* name : {"/config/zomma.toml", "/config/aapl.toml", "/config/chains.toml",
                           "/config/wheel.toml", "/config/wheel_years.toml"}) {
    const ConfigResult result = load_config(std::string(ZOMMA_SOURCE_DIR) + name);
    CHECK(format(result.errors) == "");
    CHECK(!result.config.plugins.empty());
    const std::string dump = dump_config(result.config);
    const ConfigResult again = parse_config(dump, "dump", "/");
    CHECK(format(again.errors) == "");
    CHECK(dump_config(again.config) == dump);
  }
}
