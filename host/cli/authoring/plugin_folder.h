// plugin_folder.h: a plugin's folder as its author has it: sources, plugin.toml, and the build/
// that CMake makes below it.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace zomma::cli {

struct BuildReport {
  bool built{};
  double seconds{};
  std::string
      errors;  // what the compiler, the linker or CMake said, without the build tool's own lines
};

class PluginFolder {
 public:
  // `named`: a folder, or the name of one below the current folder. Errors say what is missing in
  // it.
  static Result<PluginFolder> open(const std::string& named);

  // Configures if that has not been done, builds. `sdk`: where Zomma is installed; empty = where
  // this program is. An error is a build that could not be tried at all.
  Result<BuildReport> build(const std::string& sdk) const;

  // The configuration that runs it on recorded ticks: the one its build made, or, with `on`, the
  // operator's with its strategies replaced by this one, on its own state folder. Errors carry
  // every mistake of `on`.
  Result<std::filesystem::path> configuration(const std::string& on) const;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path build_path() const { return path_ / "build"; }
  std::filesystem::path state_path() const { return build_path() / "run"; }
  std::string name() const { return path_.filename().string(); }

 private:
  explicit PluginFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

// The compiler's lines out of a build tool's output.
std::string compiler_lines(const std::string& output);

}  // namespace zomma::cli
