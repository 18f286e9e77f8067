// unix_socket.h: where a Unix socket may be made. Private to serve/.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace zomma::serve {

// Makes `path` free to bind: removes a socket that nobody listens on. Errc::busy when a program
// listens there, refused when something else than a socket stands there, invalid_argument when the
// path is too long for a socket.
Result<void> clear_socket_path(const std::string& path);

// True when the other end of a connected Unix socket is a process of our own user.
bool peer_is_same_user(int socket);

// Which file a path names now; {0, 0} for none. To remove no other program's socket in the end.
struct FileIdentity {
  std::uint64_t device{}, inode{};
  bool operator==(const FileIdentity&) const = default;
};
FileIdentity identity_of(const std::string& path);

}  // namespace zomma::serve
