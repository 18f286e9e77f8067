#include "runtime/config/single_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace zomma {

void read_single_text(std::string_view text, const std::string& name, const std::string& folder,
                      std::vector<ConfigError>& errors,
                      const std::function<void(Section& root)>& read) {
  const TomlDocument document = parse_toml(text);
  for (const TomlSyntaxError& error : document.errors)
    errors.push_back({ConfigFault::syntax, name, error.at.line, error.at.column, "",
                      "not TOML: " + error.message, "", ""});
  const ConfigSource source{name, folder, !document.errors.empty(), &errors};
  Section root(source, document.root, {1, 1}, "");
  read(root);
  root.finish();
  std::stable_sort(errors.begin(), errors.end(), [](const ConfigError& a, const ConfigError& b) {
    return a.line != b.line ? a.line < b.line : a.column < b.column;
  });
}

void read_single_file(const std::string& path, std::vector<ConfigError>& errors,
                      const std::function<void(Section& root)>& read) {
  std::error_code code;
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path, code)) {
    errors.push_back({ConfigFault::file, path, 0, 0, "",
                      fmt::format("cannot be opened ({})", std::strerror(errno)), "a TOML file",
                      ""});
    return;
  }
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto absolute = std::filesystem::absolute(path, code);
  read_single_text(text, path, absolute.parent_path().lexically_normal().string(), errors, read);
}

}  // namespace zomma
