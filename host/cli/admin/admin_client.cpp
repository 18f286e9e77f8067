#include "cli/admin/admin_client.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/json.hpp>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/file_descriptor.h"
#include "runtime/config/config.h"

namespace zomma::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t largest_answer = std::size_t{64} << 20;
constexpr timeval patience{60, 0};

Result<FileDescriptor> connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return Error{Errc::invalid_argument, path + " is too long for a socket's path"};
  std::memcpy(address.sun_path, path.data(), path.size());
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return system_error("make a socket for", path, errno);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return socket;
  if (errno == ENOENT || errno == ENOTDIR) return Error{Errc::not_found, path + ": no such socket"};
  if (errno == ECONNREFUSED)
    return Error{Errc::not_found, path + ": left by a host that has ended"};
  return system_error("connect to", path, errno);
}

std::string token_beside(const std::string& socket) {
  std::ifstream file(fs::path(socket).parent_path() / "admin.token");
  std::string token;
  std::getline(file, token);
  const bool plain =
      std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  return plain ? token : std::string();
}

Result<void> send_all(int socket, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    // A host that refuses a request early may stop reading; its answer says why.
    if (count < 0 && (errno == EPIPE || errno == ECONNRESET)) return {};
    if (count < 0) return system_error("write to", path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<std::string> receive_all(int socket, const std::string& path) {
  std::string all;
  char block[16384];
  while (true) {
    const ssize_t count = ::recv(socket, block, sizeof block, 0);
    if (count == 0) return all;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      return Error{Errc::timeout, "the host behind " + path + " did not answer within a minute"};
    if (count < 0) return system_error("read from", path, errno);
    all.append(block, static_cast<std::size_t>(count));
    if (all.size() > largest_answer)
      return Error{Errc::corrupt, "the answer from " + path + " does not end"};
  }
}

// The connection is closed behind the answer, so the body is what follows the header, if it is
// whole.
Result<AdminAnswer> parse_answer(const std::string& all, const std::string& path) {
  const Error broken{Errc::corrupt, "what answers on " + path +
                                        " is no admin API of a host, or it ended while answering"};
  const std::size_t end = all.find("\r\n\r\n");
  AdminAnswer answer;
  const char* digits = all.data() + 9;
  if (end == std::string::npos || all.compare(0, 7, "HTTP/1.") != 0 ||
      std::from_chars(digits, digits + 3, answer.status).ec != std::errc())
    return broken;
  std::string header = all.substr(0, end + 2);
  std::transform(header.begin(), header.end(), header.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::string field = "\r\ncontent-length: ";
  const std::size_t at = header.find(field);
  std::size_t length = 0;
  answer.text = all.substr(end + 4);
  if (at == std::string::npos ||
      std::from_chars(header.data() + at + field.size(), header.data() + header.size(), length)
              .ec != std::errc() ||
      length != answer.text.size())
    return broken;
  boost::system::error_code error;
  answer.json = boost::json::parse(answer.text, error);
  if (error) return broken;
  return answer;
}

}  // namespace

Result<AdminAnswer> ask_host(const std::string& socket, const std::string& method,
                             const std::string& path, const std::string& body) {
  const auto connection = connect_to(socket);
  if (!connection) return connection.error();
  std::string request =
      method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
  if (const std::string token = token_beside(socket); !token.empty())
    request += "Authorization: Bearer " + token + "\r\n";
  if (method != "GET")
    request +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  request += "\r\n" + body;
  if (const auto sent = send_all(connection->get(), request, socket); !sent) return sent.error();
  const auto all = receive_all(connection->get(), socket);
  if (!all) return all.error();
  return parse_answer(*all, socket);
}

std::vector<std::string> likely_sockets() {
  std::vector<std::string> sockets, files;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator("config", code))
    if (entry.path().extension() == ".toml") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  std::stable_partition(files.begin(), files.end(), [](const std::string& file) {
    return fs::path(file).filename() == "zomma.toml";
  });
  for (const std::string& file : files) {
    // A mistake elsewhere in the file does not matter here: the host that runs was started without
    // it.
    const std::string socket = load_config(file).config.admin.socket;
    if (!socket.empty()) sockets.push_back(fs::path(socket).lexically_normal().string());
  }
  sockets.push_back("run/state/admin.sock");
  std::vector<std::string> unique;
  for (std::string& socket : sockets)
    if (std::find(unique.begin(), unique.end(), socket) == unique.end())
      unique.push_back(std::move(socket));
  return unique;
}

Result<std::string> find_host(const std::vector<std::string>& candidates) {
  std::string tried;
  for (const std::string& candidate : candidates) {
    const auto connection = connect_to(candidate);
    if (connection) return candidate;
    tried += "\n  " + connection.error().message;
  }
  return Error{Errc::not_found,
               "no host runs here; tried:" + tried +
                   "\nstart one with \"zomma run CONFIG\", or name its socket with --socket"};
}

}  // namespace zomma::cli
