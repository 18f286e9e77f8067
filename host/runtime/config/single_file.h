// single_file.h: a TOML file that stands alone (a search, a simulation), read by the same rules and
// with the same errors as the host's configuration.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/config/section.h"

namespace zomma {

// Parses `text`, hands its root to `read`, complains of what `read` did not ask for. Errors are
// added to `errors`, which end in the order of line and column. Relative paths start from `folder`.
void read_single_text(std::string_view text, const std::string& name, const std::string& folder,
                      std::vector<ConfigError>& errors,
                      const std::function<void(Section& root)>& read);

// The same with a file's content; one that cannot be opened is the only error.
void read_single_file(const std::string& path, std::vector<ConfigError>& errors,
                      const std::function<void(Section& root)>& read);

}  // namespace zomma
