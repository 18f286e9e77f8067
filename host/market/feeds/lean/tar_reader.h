// tar_reader.h: the files of a tar archive, which may be packed, one after the other.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace zomma::lean {

// Calls `take` with name and content of every regular file; `wanted` says beforehand which are
// read. Errc::not_found, io, corrupt (a header without its checksum, at its offset), truncated.
Result<void> read_tar(const std::string& path,
                      const std::function<bool(std::string_view name)>& wanted,
                      const std::function<void(std::string name, std::string content)>& take);

}  // namespace zomma::lean
