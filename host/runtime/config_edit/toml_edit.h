// toml_edit.h: changes one value of a TOML document and leaves every other byte as it was:
// comments, order, blanks, line ends. No file is touched here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace zomma {

using TomlScalar = std::variant<std::int64_t, double, bool, std::string>;

// The document with `key` of the table `path` (as in {"plugin", "maker", "params"}) set to `value`.
// A value that is there is replaced in its place, in the number's kind as it was written where
// that loses nothing (`1.0` set to the integer 2 becomes `2.0`). A missing key is added behind the
// table's last one, a missing table behind what there is of the table around it; that one must
// exist. The result was parsed again: it holds the new value and otherwise the same as before.
// Errc::corrupt: `text` is no TOML; not_found: no such table around; unsupported: what stands there
// is no scalar, or the place is written in a way that only a person should edit;
// invalid_argument: a value TOML does not have.
Result<std::string> set_toml_value(std::string_view text, const std::vector<std::string>& path,
                                   std::string_view key, const TomlScalar& value);

}  // namespace zomma
