// http_session.h: one connection of the HTTP server, and what all connections of one server share.
// Private to serve/. Beast is seen by http_session.cpp alone.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>

#include <set>

#include "serve/http_server.h"

namespace boost::asio::ssl {
class context;
}

namespace zomma::serve {

class Session;

struct Shared {
  HttpOptions options;
  std::vector<HttpRoute> routes;
  HttpCounters counters;
  std::set<Session*> sessions;
  std::shared_ptr<boost::asio::ssl::context> tls;  // null: in the clear
  bool closed{false};  // the server is gone: handlers must not be called any more
  bool loopback{true};
};

// Reads a request, answers it, and again, until the peer closes, asks to close, errs, or is too
// slow.
class Session {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;

  explicit Session(std::shared_ptr<Shared> shared);
  virtual ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  virtual void close() = 0;

 protected:
  std::shared_ptr<Shared> shared_;
};

// The session keeps itself alive. `overloaded`: it only tells the peer that there are too many.
void start_session(Session::Socket socket, const std::shared_ptr<Shared>& shared, bool overloaded);

// Reads certificate and key; what is wrong with which file otherwise.
Result<std::shared_ptr<boost::asio::ssl::context>> load_tls(const std::string& certificate,
                                                            const std::string& key);

}  // namespace zomma::serve
