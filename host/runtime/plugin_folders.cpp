#include "runtime/plugin_folders.h"

#include <filesystem>

namespace zomma {
namespace fs = std::filesystem;

std::vector<std::string> plugin_folders(const std::string& first) {
  std::vector<std::string> folders;
  if (!first.empty()) folders.push_back(first);
  std::error_code code;
  const fs::path program = fs::read_symlink("/proc/self/exe", code);
  if (code) return folders;
  const fs::path root = program.parent_path().parent_path();
  for (const char* relative :
       {"plugins", "lib/zomma/plugins", "lib/x86_64-linux-gnu/zomma/plugins"})
    if (fs::is_directory(root / relative, code)) folders.push_back((root / relative).string());
  return folders;
}

std::string find_plugin(const std::string& path, const std::string& first) {
  const fs::path given(path);
  const bool bare = !given.has_parent_path();
  // With a folder of its own choice the caller wants that build of every plugin, wherever the
  // configuration found it.
  if (!bare && first.empty()) return path;
  for (const std::string& folder : plugin_folders(first)) {
    fs::path candidate = fs::path(folder) / given.filename();
    if (candidate.extension() != ".so") candidate += ".so";
    std::error_code code;
    if (fs::exists(candidate, code)) return candidate.string();
  }
  return path;
}

}  // namespace zomma
