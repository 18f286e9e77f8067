// The admin server's doors: who may open them, and what a slow, large or crowded client does to the
// others.
#include <catch2/catch.hpp>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "host/serve/client.h"
#include "host/serve/running_admin.h"

using namespace zomma;
using namespace zomma::test;

namespace {

Error refusal_of(AdminOptions options) {
  boost::asio::io_context context;
  FakeOperator control;
  const auto server = AdminServer::listen(context, std::move(options), control);
  REQUIRE_FALSE(server);
  return server.error();
}

unsigned mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("socket and token are their owner's alone, and the socket goes with the server") {
  TemporaryFolder folder;
  std::string token;
  {
    RunningAdmin admin(folder);
    CHECK(mode_of(folder.path() + "/admin.sock") == 0600);
    CHECK(mode_of(folder.path() + "/admin.token") == 0600);
    token = admin.token();
  }
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/admin.sock"));
  RunningAdmin again(folder);
  CHECK(again.token() == token);  // programs that know it go on working
}

TEST_CASE("a stale socket is replaced, a live one and a file are left alone") {
  TemporaryFolder folder;
  const std::string path = folder.path() + "/admin.sock";
  const int stale = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(stale, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  ::close(stale);
  {
    RunningAdmin admin(folder);
    CHECK(status_of(admin.over_socket("GET", "/v1/status")) == 200);
    const Error busy = refusal_of(options_in(folder));
    CHECK(busy.code == Errc::busy);
    CHECK(busy.message.find(path) == 0);
    CHECK(status_of(admin.over_socket("GET", "/v1/status")) == 200);
  }
  folder.write("admin.sock", "precious");
  CHECK(refusal_of(options_in(folder)).code == Errc::refused);
  CHECK(folder.read("admin.sock") == "precious");
}

TEST_CASE("a socket's path that is too long is refused with the limit") {
  TemporaryFolder folder;
  AdminOptions options = options_in(folder);
  options.config.socket = folder.path() + "/" + std::string(120, 'x');
  CHECK(refusal_of(options).message.find("at most 107") != std::string::npos);
}

TEST_CASE("a token that others can read, an empty one and a missing one are refused") {
  TemporaryFolder folder;
  const std::string path = folder.write("admin.token", std::string(64, 'a') + "\n");
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  CHECK(refusal_of(options_in(folder)).code == Errc::refused);
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  folder.write("admin.token", "\n");
  CHECK(refusal_of(options_in(folder)).code == Errc::invalid_argument);
  AdminOptions named = options_in(folder);
  named.config.token_file = folder.path() + "/none";
  CHECK(refusal_of(named).code == Errc::not_found);
}

TEST_CASE("an address other machines can reach is refused without TLS") {
  TemporaryFolder folder;
  AdminOptions options = options_in(folder);
  options.config.listen.address = "0.0.0.0";
  CHECK(refusal_of(options).code == Errc::refused);
  options.config.allow_remote = true;
  CHECK(refusal_of(options).message.find("tls_certificate") != std::string::npos);
  options.config.tls_certificate = options.config.tls_key = folder.path() + "/none.pem";
  const Error missing = refusal_of(options);
  CHECK(missing.code == Errc::invalid_argument);
  CHECK(missing.message.find("none.pem") != std::string::npos);
}

TEST_CASE("a page in a browser that reaches 127.0.0.1 under another name is refused") {
  TemporaryFolder folder;
  RunningAdmin admin(folder);
  Client client(admin.port());
  client.send("GET /v1/status HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  CHECK(status_of(client.response()) == 403);
}

TEST_CASE("a body over the limit is refused and the next client served") {
  TemporaryFolder folder;
  AdminOptions options;
  options.max_body = 1000;
  RunningAdmin admin(folder, std::move(options));
  const std::string large = admin.over_socket("POST", "/v1/drain", std::string(5000, ' '));
  CHECK(status_of(large) == 413);
  CHECK(body_of(large).find("too_large") != std::string::npos);
  CHECK(admin.control.asked().empty());
  CHECK(status_of(admin.over_socket("POST", "/v1/drain")) == 200);
}

TEST_CASE("a client that never ends its request is cut off, and others do not wait for it") {
  TemporaryFolder folder;
  AdminOptions options;
  options.timeout = Nanoseconds{200'000'000};
  RunningAdmin admin(folder, std::move(options));
  Client slow(folder.path() + "/admin.sock");
  slow.send("POST /v1/drain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{");
  CHECK(status_of(admin.over_socket("GET", "/v1/status")) == 200);
  CHECK(slow.closed());
  CHECK(admin.control.asked().empty());
}

TEST_CASE("while a change takes its time pages are served and a kill goes through") {
  TemporaryFolder folder;
  AdminOptions options;
  options.timeout = Nanoseconds{100'000'000};  // not for the session's own time
  RunningAdmin admin(folder, std::move(options));
  std::string reloaded;
  std::thread reload([&] { reloaded = admin.over_socket("POST", "/v1/plugins/stuck/reload"); });
  admin.control.wait_until_stuck();
  CHECK(status_of(admin.over_socket("GET", "/v1/status")) == 200);
  CHECK(status_of(admin.over_socket("POST", "/v1/kill", R"({"scope": "firm", "engaged": true})")) ==
        200);
  CHECK(admin.control.asked() == std::vector<std::string>{"kill 0  on"});
  admin.control.release();
  reload.join();
  CHECK(status_of(reloaded) == 200);
}

TEST_CASE(
    "a server that ends while a change is at work waits for it and is not harmed by who has gone") {
  TemporaryFolder folder;
  for (int round = 0; round < 20; ++round) {
    RunningAdmin admin(folder);
    {
      Client gone(folder.path() + "/admin.sock");
      gone.send(
          "POST /v1/plugins/stuck/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
      admin.control.wait_until_stuck();
      Client waits(folder.path() + "/admin.sock");
      waits.send(
          "POST /v1/plugins/maker/enable HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    }
    CHECK(status_of(admin.over_socket("GET", "/v1/status")) == 200);
  }
}

TEST_CASE("many clients at once all get their own answer") {
  TemporaryFolder folder;
  RunningAdmin admin(folder);
  const std::string token = admin.token();
  std::atomic<int> good{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&, c] {
      const std::string name = "p" + std::to_string(c);
      for (int i = 0; i < 25; ++i) {
        const std::string body = "{\"edge\": " + std::to_string(i) + "}";
        const std::string path = "/v1/plugins/" + name + "/params";
        const std::string answer = i % 2 == 0 ? admin.over_socket("POST", path, body)
                                              : admin.over_tcp("POST", path, body, token);
        const std::string expected =
            "set " + name + " edge " + std::to_string(static_cast<double>(i));
        good += answer.find(expected) != std::string::npos;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  CHECK(good == 200);
  CHECK(admin.control.asked().size() == 200);
}
