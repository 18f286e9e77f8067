#include "market/feeds/udp/receiver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace zomma::udp {
namespace {

// Room for a timestamp and a drop counter.
constexpr std::size_t control_size =
    CMSG_SPACE(sizeof(timespec)) + CMSG_SPACE(sizeof(std::uint32_t));

Error system_error(const std::string& what) {
  const int number = errno;
  return {number == EADDRINUSE ? Errc::busy : Errc::io, what + ": " + std::strerror(number)};
}

template <class Value>
bool set(int descriptor, int level, int name, const Value& value) {
  return ::setsockopt(descriptor, level, name, &value, sizeof value) == 0;
}

bool is_multicast(std::uint32_t address) { return address >> 28 == 0xe; }

}  // namespace

Result<std::uint32_t> parse_ipv4(const std::string& text) {
  in_addr address{};
  if (::inet_pton(AF_INET, text.c_str(), &address) != 1)
    return Error{Errc::invalid_argument,
                 "'" + text + "' is not an IPv4 address; expected four numbers like 233.54.12.111"};
  return ntohl(address.s_addr);
}

struct Receiver::State {
  int descriptor = -1;
  std::uint16_t port = 0;
  std::uint32_t kernel_drops = 0;
  std::size_t datagram_size = 0;
  std::vector<std::byte> bytes;
  std::vector<std::byte> control;
  std::vector<mmsghdr> messages;
  std::vector<iovec> vectors;
  std::vector<sockaddr_in> senders;
  std::vector<Received> received;

  ~State() {
    if (descriptor >= 0) ::close(descriptor);
  }
  void allocate(const ReceiverOptions& options);
  void prepare(std::size_t count);
  void read_control(msghdr& header, Received& to);
};

void Receiver::State::allocate(const ReceiverOptions& options) {
  const std::size_t batch = options.batch == 0 ? 1 : options.batch;
  datagram_size = options.datagram_size;
  bytes.resize(batch * datagram_size);
  control.resize(batch * control_size);
  messages.resize(batch);
  vectors.resize(batch);
  senders.resize(batch);
  received.resize(batch);
  for (std::size_t i = 0; i < batch; ++i)
    vectors[i] = {bytes.data() + i * datagram_size, datagram_size};
  prepare(batch);
}

// The kernel overwrites lengths; set them again for the entries it used.
void Receiver::State::prepare(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    msghdr& header = messages[i].msg_hdr;
    header = {};
    header.msg_name = &senders[i];
    header.msg_namelen = sizeof(sockaddr_in);
    header.msg_iov = &vectors[i];
    header.msg_iovlen = 1;
    header.msg_control = control.data() + i * control_size;
    header.msg_controllen = control_size;
  }
}

void Receiver::State::read_control(msghdr& header, Received& to) {
  to.time = {};
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
    if (item->cmsg_level != SOL_SOCKET) continue;
    if (item->cmsg_type == SCM_TIMESTAMPNS) {
      timespec when{};
      std::memcpy(&when, CMSG_DATA(item), sizeof when);
      to.time = {when.tv_sec * 1'000'000'000LL + when.tv_nsec};
    } else if (item->cmsg_type == SO_RXQ_OVFL) {
      std::memcpy(&kernel_drops, CMSG_DATA(item), sizeof kernel_drops);
    }
  }
}

Receiver::Receiver(std::unique_ptr<State> state) : state_(std::move(state)) {}
Receiver::Receiver(Receiver&&) noexcept = default;
Receiver& Receiver::operator=(Receiver&&) noexcept = default;
Receiver::~Receiver() = default;

namespace {

Result<void> join(int descriptor, const ReceiverOptions& options, std::uint32_t group) {
  std::uint32_t interface = INADDR_ANY;
  if (!options.interface.empty()) {
    auto address = parse_ipv4(options.interface);
    if (!address) return address.error();
    interface = *address;
  }
  bool joined = false;
  if (options.source.empty()) {
    ip_mreq request{};
    request.imr_multiaddr.s_addr = htonl(group);
    request.imr_interface.s_addr = htonl(interface);
    joined = set(descriptor, IPPROTO_IP, IP_ADD_MEMBERSHIP, request);
  } else {
    auto source = parse_ipv4(options.source);
    if (!source) return source.error();
    ip_mreq_source request{};
    request.imr_multiaddr.s_addr = htonl(group);
    request.imr_interface.s_addr = htonl(interface);
    request.imr_sourceaddr.s_addr = htonl(*source);
    joined = set(descriptor, IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, request);
  }
  if (!joined)
    return system_error(
        "cannot join " + options.group + " on interface " +
        (options.interface.empty() ? std::string("chosen by the system") : options.interface));
  // Only groups that this socket joined; Linux would otherwise deliver those of every process.
  if (!set(descriptor, IPPROTO_IP, IP_MULTICAST_ALL, 0)) return system_error("IP_MULTICAST_ALL");
  return {};
}

}  // namespace

Result<Receiver> Receiver::open(const ReceiverOptions& options) {
  auto group = parse_ipv4(options.group);
  if (!group) return group.error();
  auto state = std::make_unique<State>();
  state->descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (state->descriptor < 0) return system_error("cannot make a UDP socket");
  const int descriptor = state->descriptor;
  // Lines are shared by several receivers on one machine; a unicast port is not.
  if (is_multicast(*group) && !set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1))
    return system_error("SO_REUSEADDR");
  // Refused beyond net.core.rmem_max unless privileged; then the kernel's limit holds, which is no
  // error.
  if (!set(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, options.receive_buffer))
    set(descriptor, SOL_SOCKET, SO_RCVBUF, options.receive_buffer);
  set(descriptor, SOL_SOCKET, SO_RXQ_OVFL, 1);
  if (!set(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, 1)) return system_error("SO_TIMESTAMPNS");

  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  address.sin_addr.s_addr = htonl(*group);
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return system_error("cannot bind to " + options.group + ":" + std::to_string(options.port));
  if (is_multicast(*group))
    if (auto joined = join(descriptor, options, *group); !joined) return joined.error();
  socklen_t length = sizeof address;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
  state->port = ntohs(address.sin_port);
  state->allocate(options);
  return Receiver(std::move(state));
}

Result<std::span<const Received>> Receiver::poll() {
  State& s = *state_;
  const int count = ::recvmmsg(s.descriptor, s.messages.data(),
                               static_cast<unsigned>(s.messages.size()), MSG_DONTWAIT, nullptr);
  if (count < 0) {
    // ECONNREFUSED is an answer to a re-request that nobody heard; the feed itself is fine.
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ECONNREFUSED)
      return std::span<const Received>{};
    return system_error("receiving failed");
  }
  const auto used = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < used; ++i) {
    Received& to = s.received[i];
    msghdr& header = s.messages[i].msg_hdr;
    to.bytes = {s.bytes.data() + i * s.datagram_size, s.messages[i].msg_len};
    to.truncated = (header.msg_flags & MSG_TRUNC) != 0;
    to.source = ntohl(s.senders[i].sin_addr.s_addr);
    to.source_port = ntohs(s.senders[i].sin_port);
    s.read_control(header, to);
  }
  s.prepare(used);
  return std::span<const Received>{s.received.data(), used};
}

Result<void> Receiver::send(std::uint32_t address, std::uint16_t port,
                            std::span<const std::byte> bytes) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(address);
  const auto sent =
      ::sendto(state_->descriptor, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
               reinterpret_cast<const sockaddr*>(&to), sizeof to);
  if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS &&
      errno != ECONNREFUSED)
    return system_error("sending failed");
  return {};
}

int Receiver::descriptor() const { return state_->descriptor; }
std::uint16_t Receiver::port() const { return state_->port; }
std::uint32_t Receiver::kernel_drops() const { return state_->kernel_drops; }

}  // namespace zomma::udp
