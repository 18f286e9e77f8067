#include "serve/http_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>

#include "serve/http_session.h"
#include "serve/listen_error.h"

namespace zomma {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// How long to wait before accepting again when accepting failed (no file descriptors left).
constexpr std::chrono::milliseconds accept_pause{100};

}  // namespace

// Lives as long as anything waits for it on the io_context.
struct HttpServer::Impl : std::enable_shared_from_this<Impl> {
  explicit Impl(asio::io_context& context)
      : acceptor(context), pause(context), shared(std::make_shared<serve::Shared>()) {}

  error_code open(const tcp::endpoint& endpoint) {
    error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    return error;
  }

  void accept() {
    acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
      if (self->shared->closed) return;
      if (error) return self->accept_later();
      self->take(std::move(socket));
      self->accept();
    });
  }

  void accept_later() {
    pause.expires_after(accept_pause);
    pause.async_wait([self = shared_from_this()](error_code error) {
      if (!error && !self->shared->closed) self->accept();
    });
  }

  void take(tcp::socket socket) {
    const std::size_t open = shared->sessions.size();
    if (open >= 2 * shared->options.max_connections) {  // not even a refusal for a flood
      ++shared->counters.refused;
      return;
    }
    const auto session = std::make_shared<serve::Session>(std::move(socket), shared);
    if (open >= shared->options.max_connections) {
      ++shared->counters.refused;
      session->run_overloaded();
    } else {
      ++shared->counters.connections;
      session->run();
    }
  }

  void close() {
    shared->closed = true;
    error_code ignored;
    acceptor.close(ignored);
    pause.cancel();
    for (serve::Session* session : shared->sessions) session->close();
  }

  tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::shared_ptr<serve::Shared> shared;
  std::uint16_t port = 0;
};

bool is_loopback(const std::string& address) {
  error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  return !error && parsed.is_loopback();
}

Result<std::unique_ptr<HttpServer>> HttpServer::listen(asio::io_context& context,
                                                       const HttpOptions& options,
                                                       std::vector<HttpRoute> routes) {
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error)
    return Error{Errc::invalid_argument,
                 "\"" + options.address + "\" is no IP address; expected one as in 127.0.0.1"};
  if (!address.is_loopback() && !options.allow_remote) {
    return Error{Errc::refused,
                 options.address +
                     " can be reached by other machines and nothing here asks for a password; "
                     "use 127.0.0.1, or set [metrics] allow_remote = true"};
  }
  auto impl = std::make_shared<Impl>(context);
  impl->shared->options = options;
  impl->shared->routes = std::move(routes);
  impl->shared->loopback = address.is_loopback();
  error = impl->open({address, options.port});
  if (error) return serve::listen_error(options.address, options.port, error);
  impl->port = impl->acceptor.local_endpoint(error).port();
  impl->accept();
  return std::make_unique<HttpServer>(std::move(impl));
}

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() { impl_->close(); }
std::uint16_t HttpServer::port() const { return impl_->port; }
HttpCounters HttpServer::counters() const { return impl_->shared->counters; }

}  // namespace zomma
