// The file on the disk: replaced whole, its mode kept, untouched by an edit that fails.
#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "runtime/config_edit/persist.h"

using namespace zomma;
namespace fs = std::filesystem;

namespace {

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/zomma-persist-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~Folder() { fs::remove_all(path_); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
  }
  fs::path path_;
};

std::string read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a parameter and the switch of a plugin are written to its file") {
  Folder folder;
  const std::string file =
      folder.write("a.toml", "# mine\n[plugin.maker]\npath = \"m.so\" # here\n");
  const auto first = persist_parameter(file, "maker", "edge", 1.5);
  REQUIRE(first);
  CHECK(*first);
  REQUIRE(persist_enabled(file, "maker", false));
  CHECK(read(file) ==
        "# mine\n[plugin.maker]\npath = \"m.so\" # here\nenabled = "
        "false\n\n[plugin.maker.params]\nedge = 1.5\n");
  CHECK(folder.files() == 1);
}

TEST_CASE("a value that is there already leaves the file alone") {
  Folder folder;
  const std::string file = folder.write("a.toml", "[plugin.maker]\nenabled = false\n");
  const auto before = fs::last_write_time(file);
  const auto changed = persist_enabled(file, "maker", false);
  REQUIRE(changed);
  CHECK_FALSE(*changed);
  CHECK(fs::last_write_time(file) == before);
}

TEST_CASE("the mode is kept and a link still points to the file") {
  Folder folder;
  const std::string file = folder.write("real.toml", "[plugin.maker]\npath = \"m.so\"\n");
  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  const std::string link = (folder.path_ / "link.toml").string();
  fs::create_symlink("real.toml", link);
  REQUIRE(persist_enabled(link, "maker", true));
  CHECK(fs::is_symlink(link));
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0640);
  CHECK(read(file).find("enabled = true") != std::string::npos);
}

TEST_CASE("an edit that cannot be made leaves file and folder as they were") {
  Folder folder;
  const std::string broken = "[plugin.maker\n", file = folder.write("a.toml", broken);
  const auto refused = persist_enabled(file, "maker", true);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find(file) == 0);
  CHECK(read(file) == broken);
  const auto other = persist_enabled(folder.write("b.toml", "[plugin.other]\n"), "maker", true);
  REQUIRE_FALSE(other);
  CHECK(other.error().code == Errc::not_found);
  const auto missing = persist_enabled((folder.path_ / "none.toml").string(), "maker", true);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::not_found);
  CHECK(folder.files() == 2);
}
