// config_watch.h: an operator edits parameters while the run goes on. A changed file is read whole and checked; a mistake
// leaves everything as it was and is told with its place. What changed in [plugin.NAME.params] becomes events.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "runtime/config/config.h"
#include "runtime/session.h"

namespace zomma {

class ConfigWatch {
 public:
  using Say = std::function<void(std::uint32_t level, const std::string& text)>;

  // `config` as it was read from `path`, which made it read `files`.
  ConfigWatch(std::string path, std::vector<std::string> files, Config config, Say say);

  // Looks whether a file changed; the parameters that have a new value since the last call.
  std::vector<ParameterChange> poll();

 private:
  std::vector<std::filesystem::file_time_type> times() const;

  std::string path_;
  std::vector<std::string> files_;
  Config config_;
  Say say_;
  std::vector<std::filesystem::file_time_type> times_;
};

}  // namespace zomma
