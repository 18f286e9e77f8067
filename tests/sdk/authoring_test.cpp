// What `zomma plugin new` and `run` stand on: names that will do, folders written whole or not at
// all, sources told from an editor's leftovers, the compiler's words out of a build tool's.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/authoring/new_plugin.h"
#include "cli/authoring/plugin_folder.h"
#include "cli/authoring/process.h"
#include "cli/authoring/source_watch.h"

using namespace zomma;
using namespace zomma::cli;
namespace fs = std::filesystem;

namespace {

// A folder of this test's own.
struct Scratch {
  fs::path path;
  Scratch() {
    std::string pattern = (fs::temp_directory_path() / "zomma-authoring-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~Scratch() { fs::remove_all(path); }
};

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "a name that means something else in C, C++, CMake or a file system is refused with one that "
    "does not") {
  for (const char* good : {"a", "wheel", "mean_reversion", "x2", "btc_perp_maker_3"})
    CHECK(check_plugin_name(good));
  const std::pair<const char*, const char*> bad[] = {{"My-Wheel", "example my_wheel"},
                                                     {"9lives", "example lives"},
                                                     {"class", "example my_class"},
                                                     {"test", "example my_test"},
                                                     {"", "example mean_reversion"},
                                                     {"a b", "example a_b"},
                                                     {"../up", "example up"},
                                                     {"_x", "example x"},
                                                     {"a.b", "example a_b"},
                                                     {"caf\xc3\xa9", "example caf"},
                                                     {"\n", "example mean_reversion"},
                                                     {"signal", "example my_signal"},
                                                     {"zm_quote", "example my_zm_quote"},
                                                     {"wheel_", "example wheel"}};
  for (const auto& [name, hint] : bad) {
    const auto refused = check_plugin_name(name);
    INFO(name);
    REQUIRE_FALSE(refused);
    INFO(refused.error().message);
    CHECK(refused.error().code == Errc::invalid_argument);
    CHECK(contains(refused.error().message, hint));
  }
  CHECK_FALSE(check_plugin_name(std::string(41, 'a')));
  CHECK(check_plugin_name(std::string(40, 'a')));
}

TEST_CASE("the name that a refusal proposes is never refused itself") {
  for (const std::string name : {"My-Wheel", "9lives", "class", "test", "a.b.c", "--", "ZM", "New",
                                 "operator ", "1_2_3", "int64_t", "x_t_t", "_t", "zm_t"}) {
    const auto refused = check_plugin_name(name);
    REQUIRE_FALSE(refused);
    const std::string& message = refused.error().message;
    const std::string proposed = message.substr(message.rfind(' ') + 1);
    INFO(proposed);
    CHECK(check_plugin_name(proposed));
  }
}

TEST_CASE("a new plugin's folder has every file, filled in") {
  const Scratch scratch;
  for (const std::string language : {"c", "cpp"}) {
    NewPlugin wanted;
    wanted.name = "wheel_" + language;
    wanted.language = language;
    wanted.into = scratch.path.string();
    const auto folder = create_plugin(wanted);
    REQUIRE(folder);
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(*folder)) {
      if (!entry.is_regular_file()) continue;
      files.push_back(entry.path().lexically_relative(*folder).string());
      CHECK_FALSE(text_of(entry.path()).empty());
      INFO(entry.path());
      CHECK_FALSE(contains(text_of(entry.path()), "@"));
    }
    std::sort(files.begin(), files.end());
    CHECK(files == std::vector<std::string>{"CMakeLists.txt", "README.md", "plugin.toml",
                                            "test/on_ticks.sh", wanted.name + "." + language});
    CHECK(access((*folder / "test/on_ticks.sh").c_str(), X_OK) == 0);
  }
}

TEST_CASE("nothing is written over, and a refused command leaves nothing behind") {
  const Scratch scratch;
  NewPlugin wanted;
  wanted.name = "wheel";
  wanted.into = scratch.path.string();
  write(scratch.path / "wheel", "a file of mine");
  CHECK_FALSE(create_plugin(wanted));
  CHECK(text_of(scratch.path / "wheel") == "a file of mine");
  fs::remove(scratch.path / "wheel");
  fs::create_symlink("nowhere", scratch.path / "wheel");
  CHECK_FALSE(create_plugin(wanted));
  wanted.name = "other";
  wanted.kind = "indicator";
  CHECK_FALSE(create_plugin(wanted));
  wanted.kind = "strategy";
  wanted.language = "rust";
  CHECK_FALSE(create_plugin(wanted));
  wanted.language = "c";
  wanted.into = (scratch.path / "deep/er").string();
  CHECK_FALSE(create_plugin(wanted));
  CHECK(std::distance(fs::directory_iterator(scratch.path), fs::directory_iterator()) == 1);
}

TEST_CASE("sources are told from what editors leave beside them") {
  for (const char* source :
       {"a.cpp", "a.c", "deep/a.hpp", "a.h", "CMakeLists.txt", "plugin.toml", "x.cmake", "a.cu"})
    CHECK(is_source(source));
  for (const char* other : {"a.cpp~", ".a.cpp.swp", "#a.cpp#", ".#a.cpp", "other.toml", "README.md",
                            "4913", "a.o", ".cpp"})
    CHECK_FALSE(is_source(other));
}

TEST_CASE("a save is seen whether the editor writes in place, renames, or saves in a new folder") {
  const Scratch scratch;
  fs::create_directories(scratch.path / "src");
  fs::create_directories(scratch.path / "build");
  write(scratch.path / "src/a.cpp", "1");
  auto watch = SourceWatch::open(scratch.path);
  REQUIRE(watch);
  CHECK(watch->take().empty());
  write(scratch.path / "src/a.cpp", "2");
  CHECK(watch->take() == std::vector<std::string>{"src/a.cpp"});
  write(scratch.path / "src/a.cpp.new", "3");
  fs::rename(scratch.path / "src/a.cpp.new", scratch.path / "src/a.cpp");
  write(scratch.path / "b.h", "3");
  CHECK(watch->take() == std::vector<std::string>{"b.h", "src/a.cpp"});
  write(scratch.path / "build/x.cpp", "not ours");
  write(scratch.path / "README.md", "not built");
  fs::create_directory(scratch.path / "later");
  CHECK(watch->take().empty());
  write(scratch.path / "later/c.cpp", "4");
  CHECK(watch->take() == std::vector<std::string>{"later/c.cpp"});
  fs::remove(scratch.path / "later/c.cpp");
  CHECK(watch->take() == std::vector<std::string>{"later/c.cpp"});
}

TEST_CASE("of a failed build only the compiler's words are shown") {
  const std::string error =
      "/w/a.cpp:3:5: error: 'x' was not declared in this scope\n    3 |     x = 1;\n      |     "
      "^\n";
  CHECK(compiler_lines(
            "[1/2] Building CXX object a.o\nFAILED: a.o \n/usr/bin/c++ -DX -o a.o -c /w/a.cpp\n" +
            error + "ninja: build stopped: subcommand failed.\n") == error);
  CHECK(compiler_lines("[ 50%] Building CXX object a.o\n" + error +
                       "gmake[2]: *** [a.o] Error 1\ngmake: *** [all] Error 2\n") == error);
  CHECK(compiler_lines("ninja: error: loading 'build.ninja'\n") ==
        "ninja: error: loading 'build.ninja'\n");
}

TEST_CASE("a program's output and end are told; one that is not there is an error") {
  const auto done = run_program({"sh", "-c", "echo out; echo err >&2; exit 3"});
  REQUIRE(done);
  CHECK(done->status == 3);
  CHECK(done->output == "out\nerr\n");
  const auto killed = run_program({"sh", "-c", "kill -9 $$"});
  REQUIRE(killed);
  CHECK(killed->status == 128 + 9);
  const auto missing = run_program({"no-program-of-this-name"});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::not_found);
}

TEST_CASE("a folder that is no plugin's is refused with what it lacks") {
  const Scratch scratch;
  CHECK(contains(PluginFolder::open((scratch.path / "none").string()).error().message,
                 "zomma plugin new"));
  CHECK(contains(PluginFolder::open(scratch.path.string()).error().message, "no CMakeLists.txt"));
  write(scratch.path / "CMakeLists.txt", "");
  CHECK(contains(PluginFolder::open(scratch.path.string()).error().message, "no plugin.toml"));
  write(scratch.path / "plugin.toml", "");
  const auto folder = PluginFolder::open(scratch.path.string());
  REQUIRE(folder);
  CHECK(contains(folder->configuration("").error().message, "zomma_ticks_config"));
  fs::create_directory(scratch.path / "build");
  write(scratch.path / "bad.toml", "[run]\nspeeed = 1\n");
  CHECK(contains(folder->configuration((scratch.path / "bad.toml").string()).error().message,
                 "did you mean \"speed\"?"));
}
