// source_watch.h: which of a plugin's sources were saved. Knows editors that write in place and
// those that rename.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace zomma::cli {

class SourceWatch {
 public:
  // Watches `folder` and what is below it, but for build/ and hidden folders; new folders are taken
  // in.
  static Result<SourceWatch> open(const std::filesystem::path& folder);
  SourceWatch(SourceWatch&& other) noexcept;
  SourceWatch& operator=(SourceWatch&&) = delete;
  ~SourceWatch();

  // Becomes readable when something happened.
  int descriptor() const { return descriptor_; }
  // The sources saved since the last call, each once, relative to the folder. Waits until no more
  // has come for 20 ms, so that one save of several files is one answer. Empty if it was nothing of
  // them.
  std::vector<std::string> take();

 private:
  SourceWatch(int descriptor, std::filesystem::path folder)
      : descriptor_(descriptor), folder_(std::move(folder)) {}
  void add(const std::filesystem::path& folder);

  int descriptor_;
  std::filesystem::path folder_;
  std::map<int, std::filesystem::path> watched_;  // by inotify's number
};

// Sources, headers, CMake files and plugin.toml; not an editor's backups and swap files.
bool is_source(const std::filesystem::path& file);

}  // namespace zomma::cli
