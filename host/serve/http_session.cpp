// The only file that sees Beast and TLS: both kinds of connection from one template.
#include "serve/http_session.h"

#include <openssl/err.h>

#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <optional>
#include <string_view>
#include <type_traits>

#include "serve/router.h"
#include "serve/unix_socket.h"

namespace zomma::serve {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;

constexpr std::uint32_t longest_header = 8192;
constexpr std::size_t most_drained = std::size_t{1} << 20;
constexpr std::chrono::seconds drain_time{1};

// The answer to bytes that are no request; nothing when the connection just ended or was too slow.
std::optional<std::pair<unsigned, std::string>> refusal(error_code error) {
  using Refusal = std::pair<unsigned, std::string>;
  if (error == http::error::body_limit) return Refusal(413, "the body is too large");
  if (error == http::error::header_limit) return Refusal(431, "the header is too large");
  const bool syntax = error.category() == http::make_error_code(http::error::bad_method).category();
  if (!syntax || error == http::error::end_of_stream || error == http::error::partial_message)
    return std::nullopt;
  return Refusal(400, "not an HTTP request: " + error.message());
}

std::string host_without_port(std::string_view host) {
  const std::size_t bracket = host.find(']');
  if (!host.empty() && host.front() == '[' && bracket != std::string_view::npos)
    return std::string(host.substr(1, bracket - 1));
  return std::string(host.substr(0, host.find(':')));
}

using Plain = boost::beast::basic_stream<boost::asio::generic::stream_protocol>;
using Tls = boost::beast::ssl_stream<Plain>;

template <class Stream>
class Connection final : public Session, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  template <class... Arguments>
  Connection(std::shared_ptr<Shared> shared, Session::Socket socket, Arguments&... tls)
      : Session(std::move(shared)),
        same_user_(!shared_->options.unix_path.empty() &&
                   peer_is_same_user(socket.native_handle())),
        stream_(std::move(socket), tls...) {}

  void run(bool overloaded) {
    overloaded_ = overloaded;
    if constexpr (std::is_same_v<Stream, Tls>) {
      expire();
      stream_.async_handshake(boost::asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](error_code error) {
                                if (error) ++self->shared_->counters.malformed;
                                if (!error && !self->shared_->closed) self->begin();
                              });
    } else {
      begin();
    }
  }

  auto executor() { return stream_.get_executor(); }

  void close() override {
    error_code ignored;
    socket().shutdown(boost::asio::socket_base::shutdown_both, ignored);
    lowest().close();
  }

 private:
  using Parser = http::request_parser<http::string_body>;
  using Response = http::response<http::string_body>;

  Plain& lowest() { return boost::beast::get_lowest_layer(stream_); }
  Session::Socket& socket() { return lowest().socket(); }
  void expire() {
    lowest().expires_after(std::chrono::nanoseconds(shared_->options.timeout.value));
  }

  HttpResponse refused(unsigned status, const std::string& text) const {
    if (shared_->options.refusal) return shared_->options.refusal(status, text);
    return {status, "text/plain; charset=utf-8", text + "\n", {}};
  }

  void begin() {
    if (!overloaded_) return read();
    answer(refused(503, "too many connections"), false, false);
  }

  void read();
  void on_read(error_code error);
  void dispatch(const HttpRequest& request, bool keep_alive, bool head_only);
  void answer(const HttpResponse& content, bool keep_alive, bool head_only,
              const std::string& allow = {});
  void on_written(error_code error, bool keep_alive);
  void end();
  void drain(std::size_t drained);
  bool host_is_ours() const;
  HttpReply reply_of(bool keep_alive, bool head_only);

  bool same_user_, overloaded_{false};
  Stream stream_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::shared_ptr<void> pending_;  // the message being written
};

template <class Stream>
void Connection<Stream>::read() {
  parser_.emplace();
  parser_->header_limit(longest_header);
  parser_->body_limit(shared_->options.max_body);
  expire();
  http::async_read(
      stream_, buffer_, *parser_,
      [self = this->shared_from_this()](error_code error, std::size_t) { self->on_read(error); });
}

template <class Stream>
void Connection<Stream>::on_read(error_code error) {
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
    return answer(refused(content->first, content->second), false, false);
  }
  ++shared_->counters.requests;
  const auto& message = parser_->get();
  const std::string_view target(message.target().data(), message.target().size());
  const std::size_t question = target.find('?');
  const bool keep_alive = message.keep_alive(), head_only = message.method() == http::verb::head;
  if (!host_is_ours())
    return answer(refused(403, "this host is not served here"), keep_alive, head_only);
  HttpRequest request;
  request.method = std::string(message.method_string());
  request.path = std::string(target.substr(0, question));
  if (question != std::string_view::npos) request.query = std::string(target.substr(question + 1));
  request.body = message.body();
  const auto authorization = message.find(http::field::authorization);
  if (authorization != message.end()) request.authorization = std::string(authorization->value());
  request.same_user = same_user_;
  dispatch(request, keep_alive, head_only);
}

// A page in a browser may reach 127.0.0.1 under a name of its own; the Host header gives it away.
template <class Stream>
bool Connection<Stream>::host_is_ours() const {
  const auto& message = parser_->get();
  const auto host = message.find(http::field::host);
  if (!shared_->loopback || !shared_->options.unix_path.empty() || host == message.end())
    return true;
  const std::string name =
      host_without_port(std::string_view(host->value().data(), host->value().size()));
  return name == "localhost" || is_loopback(name);
}

// The session of a request whose answer comes later, perhaps on another thread: it is used, and
// given up, on its own thread alone.
template <class Stream>
struct Awaited {
  std::shared_ptr<Connection<Stream>> session;
  std::atomic<bool> answered{false};

  template <class Function>
  void hand_over(Function function) {
    if (answered.exchange(true)) return;
    const auto executor = session->executor();
    boost::asio::post(executor, [session = std::move(session), function = std::move(function)] {
      function(*session);
    });
  }
  ~Awaited() {
    hand_over([](Connection<Stream>&) {});
  }
};

template <class Stream>
HttpReply Connection<Stream>::reply_of(bool keep_alive, bool head_only) {
  const auto awaited = std::make_shared<Awaited<Stream>>();
  awaited->session = this->shared_from_this();
  return [awaited, keep_alive, head_only](HttpResponse content) {
    awaited->hand_over([keep_alive, head_only, content = std::move(content)](Connection& session) {
      if (!session.shared_->closed) session.answer(content, keep_alive, head_only);
    });
  };
}

template <class Stream>
void Connection<Stream>::dispatch(const HttpRequest& request, bool keep_alive, bool head_only) {
  Match match = find_route(shared_->routes, request.method, request.path);
  if (match.route != nullptr) {
    HttpRequest matched = request;
    matched.parameters = std::move(match.parameters);
    std::string why = "the page could not be made";
    try {
      if (match.route->handler) return answer(match.route->handler(matched), keep_alive, head_only);
      lowest().expires_never();  // how long the work may take is for who does it to say
      return match.route->later(matched, reply_of(keep_alive, head_only));
    } catch (const std::exception& error) {
      why += std::string(": ") + error.what();
    } catch (...) {
    }
    return answer(refused(500, why), keep_alive, head_only);
  }
  if (!match.allow.empty())
    return answer(refused(405, "this page answers to " + match.allow), keep_alive, head_only,
                  match.allow);
  std::string pages;
  for (const HttpRoute& route : shared_->routes)
    pages.append("\n").append(route.method).append(" ").append(route.path);
  answer(refused(404, "no such page; there are:" + pages), keep_alive, head_only);
}

template <class Stream>
void Connection<Stream>::answer(const HttpResponse& content, bool keep_alive, bool head_only,
                                const std::string& allow) {
  const auto fill = [&](auto& message) {
    message.result(content.status);
    message.version(11);
    message.set(http::field::content_type, content.content_type);
    message.set(http::field::cache_control, "no-store");
    message.set("X-Content-Type-Options", "nosniff");
    if (!allow.empty()) message.set(http::field::allow, allow);
    for (const auto& [name, value] : content.headers) message.set(name, value);
    message.content_length(content.body.size());
    message.keep_alive(keep_alive);
  };
  const auto send = [&](auto message) {
    auto& bytes = *message;
    pending_ = std::move(message);
    expire();
    http::async_write(stream_, bytes,
                      [self = this->shared_from_this(), keep_alive](error_code error, std::size_t) {
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

template <class Stream>
void Connection<Stream>::on_written(error_code error, bool keep_alive) {
  pending_.reset();
  if (shared_->closed) return;
  if (error == boost::beast::error::timeout) ++shared_->counters.timeouts;
  if (error) return;
  if (keep_alive) return read();
  end();
}

template <class Stream>
void Connection<Stream>::end() {
  if constexpr (std::is_same_v<Stream, Tls>) {
    lowest().expires_after(drain_time);
    stream_.async_shutdown(
        [self = this->shared_from_this()](error_code) { self->lowest().close(); });
  } else {
    error_code ignored;
    socket().shutdown(boost::asio::socket_base::shutdown_send, ignored);
    drain(0);
  }
}

// Closing while the peer still sends would reset the connection and take our answer from it.
template <class Stream>
void Connection<Stream>::drain(std::size_t drained) {
  if (drained > most_drained) return;
  buffer_.clear();
  lowest().expires_after(drain_time);
  stream_.async_read_some(
      buffer_.prepare(longest_header),
      [self = this->shared_from_this(), drained](error_code error, std::size_t count) {
        if (!error && !self->shared_->closed) self->drain(drained + count);
      });
}

}  // namespace

Session::Session(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {
  shared_->sessions.insert(this);
}

Session::~Session() { shared_->sessions.erase(this); }

void start_session(Session::Socket socket, const std::shared_ptr<Shared>& shared, bool overloaded) {
  if (shared->tls)
    std::make_shared<Connection<Tls>>(shared, std::move(socket), *shared->tls)->run(overloaded);
  else
    std::make_shared<Connection<Plain>>(shared, std::move(socket))->run(overloaded);
}

Result<std::shared_ptr<boost::asio::ssl::context>> load_tls(const std::string& certificate,
                                                            const std::string& key) {
  namespace ssl = boost::asio::ssl;
  if (certificate.empty() || key.empty())
    return Error{Errc::invalid_argument,
                 "TLS needs both a certificate and its key; tls_" +
                     std::string(certificate.empty() ? "certificate" : "key") + " is missing"};
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  error_code error;
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                           ssl::context::no_sslv3 | ssl::context::no_tlsv1 |
                           ssl::context::no_tlsv1_1,
                       error);
  if (!error) context->use_certificate_chain_file(certificate, error);
  if (error)
    return Error{Errc::invalid_argument,
                 "tls_certificate " + certificate + " cannot be used: " + error.message()};
  context->use_private_key_file(key, ssl::context::pem, error);
  if (error)
    return Error{Errc::invalid_argument, "tls_key " + key + " cannot be used: " + error.message()};
  if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
    ERR_clear_error();
    return Error{Errc::invalid_argument, key + " is not the key of " + certificate};
  }
  return context;
}

}  // namespace zomma::serve
