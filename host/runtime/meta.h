// meta.h: a journal's first record: everything that must be known to run its inputs again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace zomma {

struct PluginIdentity {
  std::string instance;  // name in the configuration
  std::string id, version, sha256, path;
};

struct RunMeta {
  std::string release;  // of the host that wrote it
  std::uint32_t run_number{};
  std::int64_t created_ns{};
  std::string config;  // the effective configuration, as TOML
  std::vector<PluginIdentity> plugins;
};

std::string to_json(const RunMeta& meta);
// Errc::corrupt for anything that to_json does not write.
Result<RunMeta> parse_meta(std::string_view json);

}  // namespace zomma
