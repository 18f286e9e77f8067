#include "serve/admin_server.h"

#include "serve/admin_routes.h"

namespace zomma {

struct AdminServer::Impl {
  Impl(AdminOptions options, OperatorControl& control, AdminToken token)
      : context(std::move(options), control, std::move(token)) {}

  // The servers end first, so that nothing new is asked while the changes end.
  serve::AdminContext context;
  std::unique_ptr<HttpServer> local, remote;
};

AdminServer::AdminServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AdminServer::~AdminServer() = default;
std::uint16_t AdminServer::port() const { return impl_->remote ? impl_->remote->port() : 0; }

Result<std::unique_ptr<AdminServer>> AdminServer::listen(boost::asio::io_context& io,
                                                         AdminOptions options,
                                                         OperatorControl& control) {
  const AdminConfig config = options.config;
  const std::string own_token = options.state_dir + "/admin.token";
  auto token = AdminToken::load(config.token_file.empty() ? own_token : config.token_file,
                                config.token_file.empty());
  if (!token) return token.error();

  HttpOptions http;
  http.section = "admin";
  http.max_connections = options.max_connections;
  http.max_body = options.max_body;
  http.timeout = options.timeout;
  http.refusal = serve::admin_refusal;
  const bool any_port = options.any_free_port;
  auto impl = std::make_unique<Impl>(std::move(options), control, std::move(*token));

  if (config.listen.given() || any_port) {
    const bool loopback = is_loopback(config.listen.address);
    if (!loopback &&
        (!config.allow_remote || config.tls_certificate.empty() || config.tls_key.empty()))
      return Error{
          Errc::refused,
          config.listen.address +
              " can be reached by other machines; use 127.0.0.1, or set [admin] allow_remote = "
              "true with tls_certificate and tls_key"};
    HttpOptions remote = http;
    remote.address = config.listen.address;
    remote.port = any_port ? 0 : config.listen.port;
    remote.allow_remote = config.allow_remote;
    remote.tls_certificate = config.tls_certificate;
    remote.tls_key = config.tls_key;
    auto server = HttpServer::listen(io, remote, serve::admin_routes(impl->context, !loopback));
    if (!server) return server.error();
    impl->remote = std::move(*server);
  }
  if (!config.socket.empty()) {
    HttpOptions local = http;
    local.unix_path = config.socket;
    auto server = HttpServer::listen(io, local, serve::admin_routes(impl->context, false));
    if (!server) return server.error();
    impl->local = std::move(*server);
  }
  return std::make_unique<AdminServer>(std::move(impl));
}

}  // namespace zomma
