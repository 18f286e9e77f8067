// new_plugin.h: zomma plugin new: a folder that builds against the installed SDK, from a name.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace zomma::cli {

struct NewPlugin {
  std::string name;
  std::string kind{"strategy"};
  std::string language{"cpp"};  // "c", "cpp"
  std::string into{"."};
};

// Errc::invalid_argument with the rule and a name that would do.
Result<void> check_plugin_name(std::string_view name);

// Writes the folder and returns it. It must not exist; on an error nothing is left behind.
Result<std::filesystem::path> create_plugin(const NewPlugin& wanted);

}  // namespace zomma::cli
