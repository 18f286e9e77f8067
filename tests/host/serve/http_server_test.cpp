// The host's HTTP pages as Prometheus, an operator, a broken client and an attacker meet them.
#include <catch2/catch.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <stdexcept>
#include <thread>

#include "host/serve/client.h"
#include "observe/metrics/metrics.h"
#include "serve/http_server.h"

using namespace zomma;
using namespace zomma::test;

namespace {

// A server on a free port, turned by a thread of its own.
class Running {
 public:
  explicit Running(std::vector<HttpRoute> routes, HttpOptions options = {})
      : work_(boost::asio::make_work_guard(context_)) {
    options.port = 0;
    auto server = HttpServer::listen(context_, options, std::move(routes));
    REQUIRE(server);
    server_ = std::move(*server);
    port = server_->port();
    thread_ = std::thread([this] { context_.run(); });
  }
  ~Running() {
    stop_server();
    work_.reset();
    thread_.join();
  }
  void stop_server() {
    on_thread([this] { server_.reset(); });
  }
  HttpCounters counters() {
    HttpCounters result;
    on_thread([&] { result = server_->counters(); });
    return result;
  }
  std::uint16_t port = 0;

 private:
  template <class Function>
  void on_thread(Function function) {
    std::promise<void> done;
    boost::asio::post(context_, [&] {
      function();
      done.set_value();
    });
    done.get_future().wait();
  }

  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

HttpRoute hello() {
  return {"GET", "/hello", [](const HttpRequest& request) {
            return HttpResponse{200, "text/plain", "hello " + request.query};
          }};
}

}  // namespace

TEST_CASE("Prometheus, a health check and a status page are answered") {
  Metrics metrics;
  Counter events = *metrics.counter("zomma_events_total", "Events.");
  events.add(7);
  std::vector<std::string> reasons;
  Running server(status_routes({[&] { return metrics.expose(); }, [&] { return reasons; },
                                [] { return std::string("{\"a\":1}"); }}));

  const std::string scrape = get(server.port, "/metrics");
  CHECK(status_of(scrape) == 200);
  CHECK(scrape.find("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n") !=
        std::string::npos);
  CHECK(body_of(scrape).find("zomma_events_total 7\n") != std::string::npos);

  CHECK(status_of(get(server.port, "/healthz")) == 200);
  CHECK(body_of(get(server.port, "/healthz")) == "{\"status\":\"ok\",\"reasons\":[]}\n");
  reasons = {"journal: disk \"full\"", "feed btc: no data"};
  CHECK(status_of(get(server.port, "/healthz")) == 503);
  CHECK(body_of(get(server.port, "/healthz")) ==
        "{\"status\":\"failing\",\"reasons\":[\"journal: disk \\\"full\\\"\",\"feed btc: no "
        "data\"]}\n");
  CHECK(body_of(get(server.port, "/status")) == "{\"a\":1}");
}

TEST_CASE("one connection carries several requests, and HEAD has no body") {
  Running server({hello()});
  Client client(server.port);
  const std::string request = " /hello?you HTTP/1.1\r\nHost: localhost\r\n\r\n";
  client.send("GET" + request);
  CHECK(body_of(client.response()) == "hello you");
  client.send("HEAD" + request);
  const std::string head = client.response(true);
  CHECK(head.find("Content-Length: 9\r\n") != std::string::npos);
  client.send("GET" + request + "GET" + request);
  CHECK(body_of(client.response()) == "hello you");
  CHECK(body_of(client.response()) == "hello you");
  CHECK(server.counters().requests == 4);
  CHECK(server.counters().connections == 1);
}

TEST_CASE("an unknown page lists the known ones, another method is told what is allowed") {
  Running server({hello()});
  CHECK(status_of(get(server.port, "/nothing")) == 404);
  CHECK(body_of(get(server.port, "/nothing")) == "no such page; there are:\nGET /hello\n");
  const std::string refused = get(server.port, "/hello", "DELETE");
  CHECK(status_of(refused) == 405);
  CHECK(refused.find("Allow: GET, HEAD\r\n") != std::string::npos);
}

TEST_CASE("a route for POST gets the body") {
  Running server({hello(), {"POST", "/echo", [](const HttpRequest& request) {
                              return HttpResponse{200, "text/plain", request.body};
                            }}});
  Client client(server.port);
  client.send("POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nzomma");
  CHECK(body_of(client.response()) == "zomma");
}

TEST_CASE("a page that throws is a 500, not the end of the server") {
  Running server({hello(), {"GET", "/bad", [](const HttpRequest&) -> HttpResponse {
                              throw std::runtime_error("no books yet");
                            }}});
  CHECK(status_of(get(server.port, "/bad")) == 500);
  CHECK(body_of(get(server.port, "/bad")) == "the page could not be made: no books yet\n");
  CHECK(status_of(get(server.port, "/hello")) == 200);
}

TEST_CASE("bytes that are no request, and requests that are too large, are refused and counted") {
  HttpOptions options;
  options.max_body = 100;
  Running server({hello()}, options);
  const auto answer = [&](const std::string& bytes) {
    Client client(server.port);
    client.send(bytes);
    const std::string response = client.response();
    CHECK(client.closed());
    return status_of(response);
  };
  CHECK(answer("\x16\x03\x01 this is TLS, or something else\r\n\r\n") == 400);
  CHECK(answer("GET /hello HTTP/9.9\r\n\r\n") == 400);
  CHECK(answer("GET /hello HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n") == 431);
  CHECK(answer("POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 101\r\n\r\n" +
               std::string(101, 'x')) == 413);
  CHECK(server.counters().malformed == 4);
  CHECK(status_of(get(server.port, "/hello")) == 200);
}

TEST_CASE("a request under a foreign host name is refused on the loopback") {
  Running server({hello()});
  Client client(server.port);
  client.send("GET /hello HTTP/1.1\r\nHost: evil.example:9464\r\n\r\n");
  CHECK(status_of(client.response()) == 403);
  client.send("GET /hello HTTP/1.1\r\nHost: [::1]:9464\r\n\r\n");
  CHECK(status_of(client.response()) == 200);
}

TEST_CASE("who sends half a request and waits is dropped") {
  HttpOptions options;
  options.timeout = {50'000'000};
  Running server({hello()}, options);
  Client half(server.port), silent(server.port);
  half.send("GET /hello HTT");
  CHECK(half.closed());
  CHECK(silent.closed());
  CHECK(server.counters().timeouts == 1);
}

TEST_CASE("connections above the limit are told so") {
  HttpOptions options;
  options.max_connections = 2;
  Running server({hello()}, options);
  const std::string request = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
  Client first(server.port), second(server.port);
  first.send(request);
  second.send(request);
  CHECK(status_of(first.response()) == 200);
  CHECK(status_of(second.response()) == 200);
  Client third(server.port);
  CHECK(status_of(third.response()) == 503);
  CHECK(server.counters().refused == 1);
  first.send(request);
  CHECK(status_of(first.response()) == 200);
}

TEST_CASE("a taken port is told with what to do") {
  Running server({hello()});
  boost::asio::io_context context;
  HttpOptions options;
  options.port = server.port;
  const auto second = HttpServer::listen(context, options, {});
  REQUIRE_FALSE(second);
  const std::string port = std::to_string(server.port);
  CHECK(second.error().code == Errc::busy);
  CHECK(second.error().message ==
        "127.0.0.1:" + port + " is in use by another program (\"ss -ltnp 'sport = :" + port +
            "'\" names it); stop it, or give [metrics] listen another port");
}

TEST_CASE("an address that others can reach is refused unless allowed") {
  boost::asio::io_context context;
  HttpOptions options;
  options.port = 0;
  options.address = "0.0.0.0";
  CHECK(HttpServer::listen(context, options, {}).error().code == Errc::refused);
  options.allow_remote = true;
  CHECK(HttpServer::listen(context, options, {}));
  options.address = "localhost";
  CHECK(HttpServer::listen(context, options, {}).error().message ==
        "\"localhost\" is no IP address; expected one as in 127.0.0.1");
  options.address = "203.0.113.7";
  CHECK(HttpServer::listen(context, options, {}).error().code == Errc::invalid_argument);
}

TEST_CASE("when the server goes its connections go, and its pages are not called again") {
  int calls = 0;
  Running server({{"GET", "/count", [&](const HttpRequest&) {
                     return HttpResponse{200, "text/plain", std::to_string(++calls)};
                   }}});
  Client client(server.port);
  client.send("GET /count HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(body_of(client.response()) == "1");
  server.stop_server();
  CHECK(client.closed());
  CHECK(calls == 1);
}

TEST_CASE("loopback addresses are known") {
  CHECK(is_loopback("127.0.0.1"));
  CHECK(is_loopback("127.8.8.8"));
  CHECK(is_loopback("::1"));
  CHECK_FALSE(is_loopback("0.0.0.0"));
  CHECK_FALSE(is_loopback("10.0.0.1"));
  CHECK_FALSE(is_loopback("localhost"));
  CHECK_FALSE(is_loopback(""));
}
