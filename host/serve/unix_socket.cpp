#include "serve/unix_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/file_descriptor.h"

namespace zomma::serve {

Result<void> clear_socket_path(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Error{Errc::invalid_argument, path + " has " + std::to_string(path.size()) +
                                             " characters, a socket's path at most " +
                                             std::to_string(sizeof address.sun_path - 1) +
                                             "; choose a shorter state_dir or socket"};
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return system_error("look at", path, errno);
  }
  if (!S_ISSOCK(status.st_mode))
    return Error{Errc::refused, path + " is no socket; move it away or choose another path"};
  const FileDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!probe.valid()) return system_error("make a socket for", path, errno);
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
      errno == EAGAIN)  // its queue is full: somebody is there
    return Error{
        Errc::busy,
        path + " is served by another running host; stop it, or give this one another state_dir"};
  if (errno != ECONNREFUSED) return system_error("reach who owns", path, errno);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return system_error("remove the stale", path, errno);
  return {};
}

bool peer_is_same_user(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && size == sizeof peer &&
         peer.uid == ::geteuid();
}

FileIdentity identity_of(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

}  // namespace zomma::serve
