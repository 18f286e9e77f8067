// persist.h: makes an operator's change of a plugin last: the file that defines the plugin gets the
// new value, with its comments and its order kept.
#pragma once

#include <string>
#include <string_view>

#include "runtime/config_edit/toml_edit.h"

namespace zomma {

// Sets `key` of [plugin.NAME.params], or `enabled` of [plugin.NAME], in `file`, which must define
// [plugin.NAME]. The file is replaced in one step (written beside it, synced, renamed) and keeps
// its mode; a link is followed. On any error it stays as it was. Returns whether it changed: a
// value that stands there already is not written again. [control thread]
Result<bool> persist_parameter(const std::string& file, std::string_view plugin,
                               std::string_view key, const TomlScalar& value);
Result<bool> persist_enabled(const std::string& file, std::string_view plugin, bool enabled);

}  // namespace zomma
