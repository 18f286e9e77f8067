// wire.h: makes the bytes that the feeds read: ITCH messages, BinaryFILE frames, MoldUDP64 packets,
// captures.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "market/feeds/decoder.h"
#include "market/feeds/file/byte_source.h"

namespace zomma::test {

using Bytes = std::vector<std::byte>;

// Appends big-endian numbers and padded text.
class Wire {
 public:
  Wire& u8(std::uint64_t value) { return number(value, 1); }
  Wire& u16(std::uint64_t value) { return number(value, 2); }
  Wire& u32(std::uint64_t value) { return number(value, 4); }
  Wire& u48(std::uint64_t value) { return number(value, 6); }
  Wire& u64(std::uint64_t value) { return number(value, 8); }
  Wire& text(std::string_view characters, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i)
      bytes_.push_back(static_cast<std::byte>(i < characters.size() ? characters[i] : ' '));
    return *this;
  }
  Wire& raw(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  Bytes take() const { return bytes_; }
  operator Bytes() const { return bytes_; }

 private:
  Wire& number(std::uint64_t value, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
      bytes_.push_back(static_cast<std::byte>(value >> shift));
    return *this;
  }
  Bytes bytes_;
};

struct Stamp {
  std::uint16_t locate = 1;
  std::uint64_t time = 34'200'000'000'000;  // 09:30
};

inline Wire itch_header(char type, Stamp stamp) {
  return Wire().text(std::string_view(&type, 1), 1).u16(stamp.locate).u16(7).u48(stamp.time);
}
inline Bytes itch_add(std::uint64_t ref, char side, std::uint32_t shares, std::string_view stock,
                      std::uint32_t price, Stamp stamp = {}) {
  return itch_header('A', stamp)
      .u64(ref)
      .u8(static_cast<unsigned char>(side))
      .u32(shares)
      .text(stock, 8)
      .u32(price);
}
inline Bytes itch_delete(std::uint64_t ref, Stamp stamp = {}) {
  return itch_header('D', stamp).u64(ref);
}
inline Bytes itch_directory(std::string_view stock, Stamp stamp) {
  return itch_header('R', stamp)
      .text(stock, 8)
      .text("QN", 2)
      .u32(100)
      .text("NCZ PNN1N", 9)
      .u32(0)
      .text("N", 1);
}

inline void append(Bytes& to, std::span<const std::byte> bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

// [u16 length][message]
inline void append_framed(Bytes& to, std::span<const std::byte> message) {
  append(to, Wire().u16(message.size()).raw(message).take());
}

inline Bytes mold_packet(std::string_view session, std::uint64_t sequence,
                         const std::vector<Bytes>& messages) {
  Wire packet;
  packet.text(session, 10).u64(sequence).u16(messages.size());
  for (const Bytes& message : messages) packet.u16(message.size()).raw(message);
  return packet;
}
inline Bytes mold_signal(std::string_view session, std::uint64_t sequence, std::uint16_t count) {
  return Wire().text(session, 10).u64(sequence).u16(count);
}

// Ethernet, IPv4, UDP around `payload`; `vlan_tags` tags in between.
inline Bytes ethernet_frame(std::span<const std::byte> payload, std::uint32_t group,
                            std::uint16_t port, int vlan_tags = 0) {
  Wire frame;
  frame.u48(0x01005e360c6f).u48(0x020000000001);
  for (int i = 0; i < vlan_tags; ++i) frame.u16(i + 1 < vlan_tags ? 0x88a8 : 0x8100).u16(100 + i);
  frame.u16(0x0800);
  frame.u16(0x4500)
      .u16(28 + payload.size())
      .u16(1)
      .u16(0x4000)
      .u8(16)
      .u8(17)
      .u16(0)
      .u32(0x0a000001)
      .u32(group);
  frame.u16(40'000).u16(port).u16(8 + payload.size()).u16(0).raw(payload);
  return frame;
}

// One instrument, AAPL, with these decimals.
inline SymbolMap symbols_of(const std::vector<std::string>& names, int price_digits = 4) {
  SymbolMap map;
  std::uint32_t id = 0;
  for (const auto& name : names) {
    Instrument instrument;
    instrument.id = {id++};
    instrument.symbol = name;
    instrument.price_digits = price_digits;
    if (!map.add(name, instrument)) std::terminate();
  }
  return map;
}

// Bytes in memory as a file's; they must outlive it.
class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::span<const std::byte> bytes) : rest_(bytes) {}
  Result<std::size_t> read(std::span<std::byte> to) override {
    const std::size_t count = std::min(to.size(), rest_.size());
    if (count != 0) std::memcpy(to.data(), rest_.data(), count);
    rest_ = rest_.subspan(count);
    return count;
  }

 private:
  std::span<const std::byte> rest_;
};

// The whole file, unpacked if it is gzip or xz; empty if it cannot be read.
Bytes read_file(const std::string& path);

}  // namespace zomma::test
