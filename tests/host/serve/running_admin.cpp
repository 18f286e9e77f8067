#include "host/serve/running_admin.h"

#include <catch2/catch.hpp>

#include <boost/asio/post.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>

#include "host/serve/client.h"

namespace zomma::test {

TemporaryFolder::TemporaryFolder() {
  char name[] = "/tmp/zomma-admin-XXXXXX";
  path_ = ::mkdtemp(name);
}

TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(path_); }

std::string TemporaryFolder::write(const std::string& name, const std::string& text) const {
  std::ofstream(path_ + "/" + name) << text;
  return path_ + "/" + name;
}

std::string TemporaryFolder::read(const std::string& name) const {
  std::ifstream file(path_ + "/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

AdminOptions options_in(const TemporaryFolder& folder) {
  AdminOptions options;
  options.config.socket = folder.path() + "/admin.sock";
  options.config.listen.address = "127.0.0.1";
  options.state_dir = folder.path();
  options.any_free_port = true;
  return options;
}

RunningAdmin::RunningAdmin(const TemporaryFolder& folder, AdminOptions options)
    : folder_(folder), work_(boost::asio::make_work_guard(context_)) {
  const AdminOptions own = options_in(folder);
  if (options.config.socket.empty()) options.config.socket = own.config.socket;
  if (options.config.listen.address.empty())
    options.config.listen.address = own.config.listen.address;
  options.state_dir = own.state_dir;
  options.any_free_port = true;
  auto server = AdminServer::listen(context_, std::move(options), control);
  INFO((server ? std::string() : server.error().message));
  REQUIRE(server);
  server_ = std::move(*server);
  port_ = server_->port();
  thread_ = std::thread([this] { context_.run(); });
}

RunningAdmin::~RunningAdmin() {
  control.release();
  std::promise<void> done;
  boost::asio::post(context_, [&] {
    server_.reset();
    done.set_value();
  });
  done.get_future().wait();
  work_.reset();
  thread_.join();
}

std::string RunningAdmin::token() const {
  const std::string text = folder_.read("admin.token");
  return text.substr(0, text.find('\n'));
}

namespace {

std::string request(const std::string& method, const std::string& path, const std::string& body,
                    const std::string& token) {
  return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
         (token.empty() ? "" : "Authorization: Bearer " + token + "\r\n") +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

std::string RunningAdmin::over_tcp(const std::string& method, const std::string& path,
                                   const std::string& body, const std::string& token) const {
  Client client(port_);
  client.send(request(method, path, body, token));
  return client.response();
}

std::string RunningAdmin::over_socket(const std::string& method, const std::string& path,
                                      const std::string& body) const {
  Client client(folder_.path() + "/admin.sock");
  client.send(request(method, path, body, ""));
  return client.response();
}

}  // namespace zomma::test
