// A plain blocking HTTP client for the tests: bytes out, bytes in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace zomma::test {

class Client {
 public:
  explicit Client(std::uint16_t port);
  explicit Client(const std::string& unix_path);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // False when the server has closed.
  bool send(const std::string& bytes);
  // One response: header and as much body as Content-Length says (none after HEAD). "" when the
  // server closed.
  std::string response(bool head_only = false);
  // True when the server closes the connection (waits for it).
  bool closed();

 private:
  void connect(const void* address, std::size_t size);

  int socket_;
  std::string received_;
};

// "GET /path" with a proper Host on a connection of its own.
std::string get(std::uint16_t port, const std::string& path, const std::string& method = "GET");
std::string body_of(const std::string& response);
int status_of(const std::string& response);

}  // namespace zomma::test
