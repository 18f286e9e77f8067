#include "market/feeds/itch/multicast_source.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/clock.h"
#include "market/feeds/itch/session.h"

namespace zomma::itch {
namespace {

// A busy line must not keep the others waiting.
constexpr int polls_per_line = 4;

mold::ArbiterOptions arbiter_options(const MulticastOptions& options) {
  mold::ArbiterOptions result = options.arbiter;
  result.rewinder = !options.rewinder_address.empty();
  return result;
}

}  // namespace

MulticastSource::MulticastSource(SymbolMap symbols, const MulticastOptions& options)
    : decoder_(std::move(symbols), options.decoder), arbiter_(arbiter_options(options)) {}

MulticastSource::~MulticastSource() {
  if (epoll_ >= 0) ::close(epoll_);
}

Result<std::unique_ptr<MulticastSource>> MulticastSource::open(SymbolMap symbols,
                                                               const MulticastOptions& options) {
  std::unique_ptr<MulticastSource> source(new MulticastSource(std::move(symbols), options));
  if (auto opened = source->open_lines(options); !opened) return opened.error();
  return source;
}

Result<void> MulticastSource::open_lines(const MulticastOptions& options) {
  if (options.lines.empty())
    return Error{Errc::invalid_argument, "a multicast feed needs at least one line"};
  for (const auto& line : options.lines) {
    auto receiver = udp::Receiver::open(line);
    if (!receiver) return receiver.error();
    lines_.push_back(std::move(*receiver));
  }
  if (!options.rewinder_address.empty()) {
    auto address = udp::parse_ipv4(options.rewinder_address);
    if (!address) return address.error();
    rewinder_address_ = *address;
    rewinder_port_ = options.rewinder_port;
    // Answers come back to the socket that asked, and a socket bound to a group would not hear
    // them.
    udp::ReceiverOptions answers;
    answers.group = "0.0.0.0";
    auto receiver = udp::Receiver::open(answers);
    if (!receiver) return receiver.error();
    lines_.push_back(std::move(*receiver));
  }
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) return Error{Errc::io, std::string("epoll: ") + std::strerror(errno)};
  for (const auto& line : lines_) {
    epoll_event event{};
    event.events = EPOLLIN;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, line.descriptor(), &event) != 0)
      return Error{Errc::io, std::string("epoll: ") + std::strerror(errno)};
  }
  return {};
}

// Lines are read one after the other, so a packet of B may be older than one of A already used.
Nanoseconds MulticastSource::steady(Nanoseconds time) {
  last_ = std::max(last_, time);
  return last_;
}

Result<std::size_t> MulticastSource::poll(EventBuffer& out) {
  const std::uint64_t before = decoder_.counters().events;
  std::optional<Error> failure;
  MessageSink sink(decoder_, out, [&](std::span<const std::byte, mold::request_size> packet) {
    if (auto sent = lines_.back().send(rewinder_address_, rewinder_port_, packet); !sent)
      failure = sent.error();
  });
  const Nanoseconds now = wall_now();
  for (auto& line : lines_) {
    for (int i = 0; i < polls_per_line; ++i) {
      auto received = line.poll();
      if (!received) return received.error();
      for (const auto& datagram : *received) {
        if (datagram.truncated) ++truncated_;
        arbiter_.on_packet(datagram.bytes, steady(datagram.time.value != 0 ? datagram.time : now),
                           sink);
      }
      if (received->empty()) break;
    }
  }
  if (now >= arbiter_.next_deadline()) arbiter_.on_time(steady(now), sink);
  counters_ = combined(decoder_.counters(), arbiter_.counters());
  counters_.truncated += truncated_;
  if (failure) return *failure;
  return static_cast<std::size_t>(decoder_.counters().events - before);
}

}  // namespace zomma::itch
