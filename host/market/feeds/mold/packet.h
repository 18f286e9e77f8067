// packet.h: the MoldUDP64 packet: session, sequence number, and a run of [u16 length][message]
// blocks. Bytes in, views out.
//
// Hot path: no allocation. Source: "MoldUDP64 Protocol Specification 1.00", Nasdaq.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace zomma::mold {

constexpr std::size_t header_size = 20;
constexpr std::size_t request_size = 20;
constexpr std::uint16_t end_of_session = 0xffff;

// Ten characters that name a day's stream.
struct Session {
  std::array<char, 10> chars{};

  bool operator==(const Session&) const = default;
  std::string_view view() const { return {chars.data(), chars.size()}; }
};

struct Header {
  Session session;
  // Of the first message in the packet; of the next one to come if there is none.
  std::uint64_t sequence{};
  std::uint16_t count{};  // messages; 0 is a heartbeat, 0xffff the end of the session

  std::uint16_t messages() const { return count == end_of_session ? 0 : count; }
};

// False if `packet` is too short to be one.
inline bool read_header(std::span<const std::byte> packet, Header& header) {
  if (packet.size() < header_size) return false;
  std::memcpy(header.session.chars.data(), packet.data(), 10);
  header.sequence = load_be64(packet.data() + 10);
  header.count = load_be16(packet.data() + 18);
  return true;
}

// Cuts the first message off `blocks`; false if they end inside it.
inline bool next_block(std::span<const std::byte>& blocks, std::span<const std::byte>& message) {
  if (blocks.size() < 2) return false;
  const std::size_t length = load_be16(blocks.data());
  if (length > blocks.size() - 2) return false;
  message = blocks.subspan(2, length);
  blocks = blocks.subspan(2 + length);
  return true;
}

// What a rewinder is asked: `count` messages from `sequence` on.
inline void write_request(const Session& session, std::uint64_t sequence, std::uint16_t count,
                          std::span<std::byte, request_size> out) {
  std::memcpy(out.data(), session.chars.data(), 10);
  store_be64(out.data() + 10, sequence);
  store_be16(out.data() + 18, count);
}

}  // namespace zomma::mold
