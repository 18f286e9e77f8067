// An admin server in a folder of its own, turned by a thread of its own, and ways to speak to it.
#pragma once

#include <string>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "host/serve/fake_operator.h"
#include "serve/admin_server.h"

namespace zomma::test {

class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  const std::string& path() const { return path_; }
  std::string write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const;

 private:
  std::string path_;
};

class RunningAdmin {
 public:
  explicit RunningAdmin(const TemporaryFolder& folder, AdminOptions options = {});
  ~RunningAdmin();

  // A whole answer. `token`: "" for none.
  std::string over_tcp(const std::string& method, const std::string& path,
                       const std::string& body = {}, const std::string& token = {}) const;
  std::string over_socket(const std::string& method, const std::string& path,
                          const std::string& body = {}) const;
  std::string token() const;
  std::uint16_t port() const { return port_; }

  FakeOperator control;

 private:
  const TemporaryFolder& folder_;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::unique_ptr<AdminServer> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

// The options that RunningAdmin completes: socket and token in the folder, any port of 127.0.0.1.
AdminOptions options_in(const TemporaryFolder& folder);

}  // namespace zomma::test
