// plugin_folders.h: where plugins are looked for that are named without a folder.
#pragma once

#include <string>
#include <vector>

namespace zomma {

// In order: `first` if given, then beside the program as in a build tree (../plugins), then as
// installed
// (../lib*/zomma/plugins).
std::vector<std::string> plugin_folders(const std::string& first);

// The full path of a plugin "name" or "name.so": itself if it names a folder, else the first match
// in plugin_folders; unchanged if there is none.
std::string find_plugin(const std::string& path, const std::string& first);

}  // namespace zomma
