#include "serve/http_server.h"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "serve/http_session.h"
#include "serve/listen_error.h"
#include "serve/unix_socket.h"

namespace zomma {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Protocol = asio::generic::stream_protocol;  // TCP and Unix sockets alike
using boost::system::error_code;

// How long to wait before accepting again when accepting failed (no file descriptors left).
constexpr std::chrono::milliseconds accept_pause{100};

}  // namespace

// Lives as long as anything waits for it on the io_context.
struct HttpServer::Impl : std::enable_shared_from_this<Impl> {
  explicit Impl(asio::io_context& context)
      : acceptor(context), pause(context), shared(std::make_shared<serve::Shared>()) {}

  error_code open(const Protocol::endpoint& endpoint) {
    error_code error;
    const bool local = endpoint.protocol().family() == AF_UNIX;
    acceptor.open(endpoint.protocol(), error);
    if (!error && !local) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    // Before it is bound, so that the file never has another mode.
    if (!error && local && ::fchmod(acceptor.native_handle(), 0600) != 0)
      error.assign(errno, boost::system::system_category());
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    return error;
  }

  void accept() {
    acceptor.async_accept([self = shared_from_this()](error_code error, Protocol::socket socket) {
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

  void take(Protocol::socket socket) {
    const std::size_t open = shared->sessions.size();
    const bool overloaded = open >= shared->options.max_connections;
    ++(overloaded ? shared->counters.refused : shared->counters.connections);
    if (open >= 2 * shared->options.max_connections) return;  // not even a refusal for a flood
    serve::start_session(std::move(socket), shared, overloaded);
  }

  void close() {
    shared->closed = true;
    error_code ignored;
    acceptor.close(ignored);
    pause.cancel();
    const auto sessions = shared->sessions;
    for (serve::Session* session : sessions) session->close();
    const std::string& path = shared->options.unix_path;
    if (socket_file != serve::FileIdentity{} && serve::identity_of(path) == socket_file)
      ::unlink(path.c_str());
    socket_file = {};
  }

  asio::basic_socket_acceptor<Protocol> acceptor;
  asio::steady_timer pause;
  std::shared_ptr<serve::Shared> shared;
  std::uint16_t port = 0;
  serve::FileIdentity socket_file;
};

namespace {

Result<void> listen_tcp(HttpServer::Impl& impl) {
  const HttpOptions& options = impl.shared->options;
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error)
    return Error{Errc::invalid_argument,
                 "\"" + options.address + "\" is no IP address; expected one as in 127.0.0.1"};
  impl.shared->loopback = address.is_loopback();
  if (!address.is_loopback() && !options.allow_remote) {
    return Error{Errc::refused, options.address +
                                    " can be reached by other machines; use 127.0.0.1, or set [" +
                                    options.section + "] allow_remote = true"};
  }
  error = impl.open(tcp::endpoint{address, options.port});
  if (error) return serve::listen_error(options.address, options.port, error, options.section);
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (::getsockname(impl.acceptor.native_handle(), reinterpret_cast<sockaddr*>(&bound), &size) == 0)
    impl.port =
        ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                                          : reinterpret_cast<const sockaddr_in&>(bound).sin_port);
  return {};
}

Result<void> listen_unix(HttpServer::Impl& impl) {
  const std::string& path = impl.shared->options.unix_path;
  std::error_code code;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), code);
  if (const auto free = serve::clear_socket_path(path); !free) return free.error();
  if (const error_code error = impl.open(asio::local::stream_protocol::endpoint(path)))
    return Error{Errc::io, "cannot listen on " + path + ": " + error.message()};
  impl.socket_file = serve::identity_of(path);
  return {};
}

}  // namespace

bool is_loopback(const std::string& address) {
  error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  return !error && parsed.is_loopback();
}

Result<std::unique_ptr<HttpServer>> HttpServer::listen(asio::io_context& context,
                                                       const HttpOptions& options,
                                                       std::vector<HttpRoute> routes) {
  auto impl = std::make_shared<Impl>(context);
  impl->shared->options = options;
  impl->shared->routes = std::move(routes);
  if (!options.tls_certificate.empty() || !options.tls_key.empty()) {
    auto tls = serve::load_tls(options.tls_certificate, options.tls_key);
    if (!tls) return tls.error();
    impl->shared->tls = std::move(*tls);
  }
  const auto listening = options.unix_path.empty() ? listen_tcp(*impl) : listen_unix(*impl);
  if (!listening) return listening.error();
  impl->accept();
  return std::make_unique<HttpServer>(std::move(impl));
}

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() { impl_->close(); }
std::uint16_t HttpServer::port() const { return impl_->port; }
HttpCounters HttpServer::counters() const { return impl_->shared->counters; }

}  // namespace zomma
