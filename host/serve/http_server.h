// http_server.h: the host's own small HTTP server, for Prometheus, operators and their tools: on a
// TCP address, with TLS if wanted, or on a Unix socket. Runs on an io_context that the caller
// turns, on its control thread; never touches the engine but through the handlers given to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/types.h"

namespace boost::asio {
class io_context;
}

namespace zomma {

struct HttpRequest {
  std::string method;  // "GET", "HEAD", "POST"
  std::string path;    // "/metrics", without the query
  std::string query;   // what follows '?', undecoded
  std::string body;
  std::string authorization;            // the header of that name
  std::vector<std::string> parameters;  // what the route's {..} stand for here, decoded
  bool same_user{false};                // came through a Unix socket from this process's own user
};

struct HttpResponse {
  unsigned status{200};
  std::string content_type{"text/plain; charset=utf-8"};
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};  // further ones
};

// Called on the io_context's thread. An exception it throws becomes a 500.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

// Gives the answer of a request, once, from any thread, before the io_context is gone. When the
// peer has gone it is dropped.
using HttpReply = std::function<void(HttpResponse)>;
// For answers that take their time: returns at once and calls the reply later. Until then the
// server works on other connections.
using HttpLater = std::function<void(const HttpRequest&, HttpReply)>;

struct HttpRoute {
  std::string method;  // GET also answers HEAD
  std::string path;    // exact, but for segments in braces, which any one segment fits: "/p/{name}"
  HttpHandler handler;
  HttpLater later{};  // in place of `handler` if that is empty
};

// The three read-only pages. Health is an empty list when all is well, reasons otherwise.
struct StatusPages {
  std::function<std::string()> metrics;              // Prometheus text
  std::function<std::vector<std::string>()> health;  // reasons why not
  std::function<std::string()> status;               // JSON
};
std::vector<HttpRoute> status_routes(StatusPages pages);

struct HttpOptions {
  std::string address{"127.0.0.1"};
  std::uint16_t port{9464};        // 0 = any free one; see HttpServer::port
  bool allow_remote{false};        // without it an address that others can reach is refused
  std::string section{"metrics"};  // of the configuration, for messages that say what to change
  std::string unix_path;           // if not empty: a socket there instead, of mode 0600
  std::string tls_certificate;     // PEM files, both or none: TLS 1.2 or newer
  std::string tls_key;
  // The form of the server's own answers, as for a page that is not there; plain text if empty.
  std::function<HttpResponse(unsigned status, const std::string& text)> refusal{};
  std::size_t max_connections{32};     // further ones are told 503 and closed
  std::size_t max_body{64u << 10};     // larger bodies are told 413
  Nanoseconds timeout{5'000'000'000};  // for a whole request, and for a whole answer
};

struct HttpCounters {
  std::uint64_t connections{}, refused{}, requests{}, malformed{}, timeouts{};
};

class HttpServer {
 public:
  // Listens at once and answers as soon as `context` runs. Errc::refused for a remote address
  // without allow_remote, Errc::busy when the port or the Unix socket is another program's,
  // Errc::invalid_argument for an address that is none and for TLS files that do not fit. A socket
  // file that nobody listens on any more is replaced. `context` outlives the server.
  static Result<std::unique_ptr<HttpServer>> listen(boost::asio::io_context& context,
                                                    const HttpOptions& options,
                                                    std::vector<HttpRoute> routes);
  // Stops listening, removes its socket file and drops what is open; on the context's thread, or
  // after the context has stopped.
  ~HttpServer();

  std::uint16_t port() const;     // 0 on a Unix socket
  HttpCounters counters() const;  // on the context's thread, or when it does not run

  struct Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl);

 private:
  std::shared_ptr<Impl> impl_;
};

// True for 127.0.0.0/8 and ::1, false for everything else, text that is no address included.
bool is_loopback(const std::string& address);

}  // namespace zomma
