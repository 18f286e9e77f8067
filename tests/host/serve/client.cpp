#include "host/serve/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>

namespace zomma::test {

Client::Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connect(&address, sizeof address);
}

Client::Client(const std::string& unix_path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  unix_path.copy(address.sun_path, sizeof address.sun_path - 1);
  connect(&address, sizeof address);
}

void Client::connect(const void* address, std::size_t size) {
  const timeval patience{10, 0};  // a hanging server fails the test instead of the suite
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(socket_, static_cast<const sockaddr*>(address), static_cast<socklen_t>(size)) !=
      0) {
    ::close(socket_);
    socket_ = -1;
  }
}

Client::~Client() {
  if (socket_ >= 0) ::close(socket_);
}

bool Client::send(const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

std::string Client::response(bool head_only) {
  while (true) {
    const std::size_t end = received_.find("\r\n\r\n");
    if (end != std::string::npos) {
      const std::size_t field = received_.find("Content-Length: ");
      const std::size_t body = head_only || field == std::string::npos
                                   ? 0
                                   : std::strtoul(received_.c_str() + field + 16, nullptr, 10);
      if (received_.size() >= end + 4 + body) {
        const std::string result = received_.substr(0, end + 4 + body);
        received_.erase(0, result.size());
        return result;
      }
    }
    char block[4096];
    const ssize_t count = ::recv(socket_, block, sizeof block, 0);
    if (count <= 0) return {};
    received_.append(block, static_cast<std::size_t>(count));
  }
}

bool Client::closed() {
  char byte;
  const ssize_t count = ::recv(socket_, &byte, 1, 0);
  return count == 0 || (count < 0 && errno == ECONNRESET);
}

std::string get(std::uint16_t port, const std::string& path, const std::string& method) {
  Client client(port);
  client.send(method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
              "\r\nConnection: close\r\n\r\n");
  return client.response(method == "HEAD");
}

std::string body_of(const std::string& response) {
  const std::size_t end = response.find("\r\n\r\n");
  return end == std::string::npos ? "" : response.substr(end + 4);
}

int status_of(const std::string& response) {
  return response.size() < 12 ? 0 : std::atoi(response.c_str() + 9);
}

}  // namespace zomma::test
