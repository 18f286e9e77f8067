// plugin_commands.cpp: zomma plugin list. Reads notes only; no plugin runs.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/sha256.h"
#include "cli/commands.h"
#include "plugin/elf_note.h"
#include "runtime/plugin_folders.h"

namespace zomma::cli {
namespace fs = std::filesystem;

int plugin_list_command(const std::vector<std::string>& paths) {
  std::vector<fs::path> files;
  std::vector<std::string> wanted = paths;
  if (wanted.empty()) wanted = plugin_folders("");
  for (const std::string& path : wanted) {
    std::error_code code;
    if (!fs::is_directory(path, code)) {
      files.emplace_back(path);
      continue;
    }
    for (const auto& entry : fs::directory_iterator(path, code))
      if (entry.path().extension() == ".so") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  int status = files.empty() ? 1 : 0;
  if (files.empty()) fmt::print(stderr, "no plugin found in {}\n", fmt::join(wanted, ", "));
  for (const fs::path& file : files) {
    std::ifstream stream(file, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
    const auto note = stream.is_open()
                          ? read_plugin_note(std::as_bytes(std::span(bytes)))
                          : Result<PluginNote>(Error{Errc::not_found, "cannot be read"});
    const auto fits = note ? check_abi(*note) : Result<void>(note.error());
    if (!fits) {
      fmt::print("{}\n  refused: {}\n", file.string(), fits.error().message);
      status = 1;
      continue;
    }
    fmt::print("{}\n  {} {}   ABI {}.{}   SDK {}   state schema {}\n  sha256 {}\n", file.string(),
               note->id, note->version, note->abi_major, note->abi_minor, note->sdk,
               note->state_schema, to_hex(sha256(bytes.data(), bytes.size())));
  }
  return status;
}

}  // namespace zomma::cli
