#include "serve/http_session.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <string_view>

namespace zomma::serve {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;

constexpr std::uint32_t longest_header = 8192;
constexpr std::size_t most_drained = std::size_t{1} << 20;
constexpr std::chrono::seconds drain_time{1};

HttpResponse plain(unsigned status, std::string text) {
  return {status, "text/plain; charset=utf-8", std::move(text) + "\n"};
}

// The answer to bytes that are no request; nothing when the connection just ended or was too slow.
std::optional<HttpResponse> refusal(error_code error) {
  if (error == http::error::body_limit) return plain(413, "the body is too large");
  if (error == http::error::header_limit) return plain(431, "the header is too large");
  const bool syntax = error.category() == http::make_error_code(http::error::bad_method).category();
  if (!syntax || error == http::error::end_of_stream || error == http::error::partial_message)
    return std::nullopt;
  return plain(400, "not an HTTP request: " + error.message());
}

std::string host_without_port(std::string_view host) {
  const std::size_t bracket = host.find(']');
  if (!host.empty() && host.front() == '[' && bracket != std::string_view::npos)
    return std::string(host.substr(1, bracket - 1));
  return std::string(host.substr(0, host.find(':')));
}

}  // namespace

Session::Session(boost::asio::ip::tcp::socket socket, std::shared_ptr<Shared> shared)
    : stream_(std::move(socket)), shared_(std::move(shared)) {
  shared_->sessions.insert(this);
}

Session::~Session() { shared_->sessions.erase(this); }

void Session::run() { read(); }

void Session::run_overloaded() {
  stream_.expires_after(std::chrono::nanoseconds(shared_->options.timeout.value));
  answer(plain(503, "too many connections"), false, false);
}

void Session::close() {
  error_code ignored;
  stream_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_both, ignored);
  stream_.close();
}

void Session::read() {
  parser_.emplace();
  parser_->header_limit(longest_header);
  parser_->body_limit(shared_->options.max_body);
  stream_.expires_after(std::chrono::nanoseconds(shared_->options.timeout.value));
  http::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](error_code error, std::size_t) { self->on_read(error); });
}

void Session::on_read(error_code error) {
  if (shared_->closed) return;
  if (error == boost::beast::error::timeout) {
    // A connection kept open without a new request is no fault of the peer.
    if (buffer_.size() != 0 || parser_->got_some()) ++shared_->counters.timeouts;
    return close();
  }
  if (error) {
    const auto content = refusal(error);
    if (!content) return close();
    ++shared_->counters.malformed;
    return answer(*content, false, false);
  }
  ++shared_->counters.requests;
  const auto& message = parser_->get();
  const std::string_view target(message.target().data(), message.target().size());
  const std::size_t question = target.find('?');
  HttpRequest request{
      std::string(message.method_string()), std::string(target.substr(0, question)),
      question == std::string_view::npos ? "" : std::string(target.substr(question + 1)),
      message.body()};
  std::string allow;
  const HttpResponse content =
      host_is_ours() ? dispatch(request, allow) : plain(403, "this host is not served here");
  answer(content, message.keep_alive(), message.method() == http::verb::head, allow);
}

// A page in a browser may reach 127.0.0.1 under a name of its own; the Host header gives it away.
bool Session::host_is_ours() const {
  const auto& message = parser_->get();
  const auto host = message.find(http::field::host);
  if (!shared_->loopback || host == message.end()) return true;
  const std::string name =
      host_without_port(std::string_view(host->value().data(), host->value().size()));
  return name == "localhost" || is_loopback(name);
}

HttpResponse Session::dispatch(const HttpRequest& request, std::string& allow) const {
  for (const HttpRoute& route : shared_->routes) {
    if (route.path != request.path) continue;
    if (route.method == request.method || (route.method == "GET" && request.method == "HEAD")) {
      try {
        return route.handler(request);
      } catch (const std::exception& error) {
        return plain(500, std::string("the page could not be made: ") + error.what());
      } catch (...) {
        return plain(500, "the page could not be made");
      }
    }
    allow += (allow.empty() ? "" : ", ") + route.method + (route.method == "GET" ? ", HEAD" : "");
  }
  if (!allow.empty()) return plain(405, "this page answers to " + allow);
  std::string pages;
  for (const HttpRoute& route : shared_->routes) pages += "\n" + route.method + " " + route.path;
  return plain(404, "no such page; there are:" + pages);
}

void Session::answer(const HttpResponse& content, bool keep_alive, bool head_only,
                     const std::string& allow) {
  const auto fill = [&](auto& message) {
    message.result(content.status);
    message.version(11);
    message.set(http::field::content_type, content.content_type);
    message.set(http::field::cache_control, "no-store");
    message.set("X-Content-Type-Options", "nosniff");
    if (!allow.empty()) message.set(http::field::allow, allow);
    message.content_length(content.body.size());
    message.keep_alive(keep_alive);
  };
  const auto send = [&](auto message) {
    auto& bytes = *message;
    pending_ = std::move(message);
    stream_.expires_after(std::chrono::nanoseconds(shared_->options.timeout.value));
    http::async_write(stream_, bytes,
                      [self = shared_from_this(), keep_alive](error_code error, std::size_t) {
                        self->on_written(error, keep_alive);
                      });
  };
  if (head_only) {
    auto message = std::make_shared<http::response<http::empty_body>>();
    fill(*message);
    send(std::move(message));
  } else {
    auto message = std::make_shared<Response>();
    message->body() = content.body;
    fill(*message);
    send(std::move(message));
  }
}

void Session::on_written(error_code error, bool keep_alive) {
  pending_.reset();
  if (shared_->closed) return;
  if (error == boost::beast::error::timeout) ++shared_->counters.timeouts;
  if (error) return;
  if (keep_alive) return read();
  error_code ignored;
  stream_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
  drain(0);
}

// Closing while the peer still sends would reset the connection and take our answer from it.
void Session::drain(std::size_t drained) {
  if (drained > most_drained) return;
  buffer_.clear();
  stream_.expires_after(drain_time);
  stream_.async_read_some(
      buffer_.prepare(longest_header),
      [self = shared_from_this(), drained](error_code error, std::size_t count) {
        if (!error && !self->shared_->closed) self->drain(drained + count);
      });
}

}  // namespace zomma::serve
