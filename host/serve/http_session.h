// http_session.h: one connection of the HTTP server, and what all connections of one server share.
// Private to serve/.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <optional>
#include <set>

#include "serve/http_server.h"

namespace zomma::serve {

class Session;

struct Shared {
  HttpOptions options;
  std::vector<HttpRoute> routes;
  HttpCounters counters;
  std::set<Session*> sessions;
  bool closed{false};  // the server is gone: handlers must not be called any more
  bool loopback{true};
};

// Reads a request, answers it, and again, until the peer closes, asks to close, errs, or is too
// slow.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(boost::asio::ip::tcp::socket socket, std::shared_ptr<Shared> shared);
  ~Session();

  void run();
  // Tells the peer that there are too many connections.
  void run_overloaded();
  void close();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using Response = boost::beast::http::response<boost::beast::http::string_body>;

  void read();
  void on_read(boost::beast::error_code error);
  void answer(const HttpResponse& content, bool keep_alive, bool head_only,
              const std::string& allow = {});
  void on_written(boost::beast::error_code error, bool keep_alive);
  void drain(std::size_t drained);
  HttpResponse dispatch(const HttpRequest& request, std::string& allow) const;
  bool host_is_ours() const;

  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  std::shared_ptr<Shared> shared_;
  std::optional<Parser> parser_;
  std::shared_ptr<void> pending_;  // the message being written
};

}  // namespace zomma::serve
