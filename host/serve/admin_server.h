// admin_server.h: the HTTP/JSON API through which operators see and change a running host; routes
// and their meaning: docs/reference/admin-api.md. What it may do is OperatorControl; it knows no
// engine.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "runtime/config/config.h"
#include "runtime/operator_control.h"

namespace boost::asio {
class io_context;
}

namespace zomma {

struct AdminOptions {
  AdminConfig config;
  std::string state_dir;      // the token's place unless the configuration names one
  bool any_free_port{false};  // on config.listen's address; see AdminServer::port
  // The file that defines [plugin.NAME], for changes that shall last. [any thread]
  std::function<Result<std::string>(std::string_view plugin)> file_of;
  // One line for each change that was asked for and what became of it. [any thread]
  std::function<void(const std::string& line)> log;
  std::size_t max_connections{32};  // on the socket and on the address each
  std::size_t max_body{64u << 10};
  Nanoseconds timeout{5'000'000'000};  // for a whole request, and for a whole answer
};

class AdminServer {
 public:
  // Listens on the Unix socket and, when given, on the address; answers as soon as `context` runs.
  // Pages are made on the context's thread; changes are asked of `control` on two further threads:
  // one for kill and drain, which wait for nothing else, one for all others, in order.
  // `control` and `context` outlive the server. Errors: those of HttpServer::listen and
  // AdminToken::load; Errc::refused for an address other machines can reach without TLS.
  static Result<std::unique_ptr<AdminServer>> listen(boost::asio::io_context& context,
                                                     AdminOptions options,
                                                     OperatorControl& control);
  // Waits for the change at work, then closes everything; on the context's thread, or after the
  // context has stopped.
  ~AdminServer();

  std::uint16_t port() const;  // 0: the Unix socket alone

  struct Impl;
  explicit AdminServer(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

// The API's description: OpenAPI 3, JSON.
std::string_view admin_openapi();

}  // namespace zomma
