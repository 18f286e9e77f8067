// receiver.h: datagrams from a UDP port, usually a multicast group, many per system call, each with
// the kernel's receive time. Never blocks. All memory is taken at construction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "base/types.h"

namespace zomma::udp {

struct ReceiverOptions {
  // "233.54.12.111"; an address that is not multicast is bound to and not joined.
  std::string group;
  // 0: any free one, see Receiver::port().
  std::uint16_t port = 0;
  // Local IPv4 address of the interface to join on; empty: the system chooses.
  std::string interface;
  // Join only this sender's stream (source-specific multicast); empty: any.
  std::string source;
  int receive_buffer = 8 << 20;  // bytes asked of the kernel
  std::size_t batch = 64;        // datagrams per call
  std::size_t datagram_size = 2048;
};

struct Received {
  std::span<const std::byte> bytes;  // valid until the next poll
  Nanoseconds time{};                // the kernel's, UTC; 0 if it gave none
  std::uint32_t source{};            // IPv4, host order
  std::uint16_t source_port{};
  bool truncated{false};  // it was longer than datagram_size
};

class Receiver {
 public:
  // Errc::invalid_argument for an address that cannot be read, Errc::io (busy if the port is taken)
  // from the system.
  static Result<Receiver> open(const ReceiverOptions& options);
  Receiver(Receiver&&) noexcept;
  Receiver& operator=(Receiver&&) noexcept;
  ~Receiver();

  // What has arrived, at most `batch` datagrams; empty if nothing has.
  Result<std::span<const Received>> poll();
  // To an IPv4 address and port, from this socket; for re-requests. Lost silently if the kernel's
  // buffer is full.
  Result<void> send(std::uint32_t address, std::uint16_t port, std::span<const std::byte> bytes);

  int descriptor() const;
  std::uint16_t port() const;
  // Datagrams the kernel dropped because they were not fetched in time, as far as it told.
  std::uint32_t kernel_drops() const;

 private:
  struct State;
  explicit Receiver(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

// "127.0.0.1" -> 0x7f000001.
Result<std::uint32_t> parse_ipv4(const std::string& text);

}  // namespace zomma::udp
