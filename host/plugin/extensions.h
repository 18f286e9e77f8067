// extensions.h: the tables a plugin gets from zm_host.get_ext. `host->self` is the Instance.
#pragma once

#include <cstdint>

#include <zomma/host.h>

namespace zomma {

// The host's own, for strategies in other processes: buffers in memory that can be mapped there, by
// the host's descriptor.
inline constexpr const char* shared_buffers_id = "zomma.host.shared-buffers";
struct SharedBuffers {
  zm_status (*adopt)(const zm_host* host, const char* name, std::uint64_t bytes, int* file);
};

// The table of the extension `id`, or null. The tables are constants of the program.
const void* find_extension(const char* id);

}  // namespace zomma
