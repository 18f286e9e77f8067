#include "support/shared_data.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace zomma::test {

std::string shared_data(const std::string& relative) {
  const char* override_root = std::getenv("ZOMMA_SHARED_DATA");
  const std::filesystem::path root =
      override_root ? override_root
                    : std::filesystem::path(ZOMMA_SOURCE_DIR) / ".." / "shared" / "data";
  const auto path = root / relative;
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return path.string();
  std::fprintf(stderr, "SKIPPED: %s is not on this machine\n", path.c_str());
  return {};
}

}  // namespace zomma::test
