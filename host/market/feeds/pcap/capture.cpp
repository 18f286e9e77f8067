#include "market/feeds/pcap/capture.h"

#include <algorithm>

#include "base/bytes.h"

namespace zomma::pcap {
namespace {

constexpr std::uint32_t magic_us = 0xa1b2c3d4;
constexpr std::uint32_t magic_ns = 0xa1b23c4d;
constexpr std::uint32_t section_header = 0x0a0d0d0a;  // reads the same in both byte orders
constexpr std::uint32_t byte_order_magic = 0x1a2b3c4d;
constexpr std::uint32_t interface_block = 1;
constexpr std::uint32_t obsolete_packet_block = 2;
constexpr std::uint32_t simple_packet_block = 3;
constexpr std::uint32_t enhanced_packet_block = 6;
constexpr std::size_t pcap_header = 24;
constexpr std::size_t pcap_record = 16;
// No link carries more in a packet; a larger length is damage, not data.
constexpr std::uint32_t largest_packet = 1u << 20;
constexpr std::size_t largest_block = 1u << 26;
constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::size_t most_interfaces = 1u << 16;

std::string hex(std::uint32_t value) {
  std::string text = "0x00000000";
  for (std::size_t i = 0; i < 8; ++i) text[9 - i] = "0123456789abcdef"[value >> (4 * i) & 15u];
  return text;
}

__extension__ using Wide = unsigned __int128;

// Ticks since 1970 -> nanoseconds; times outside the years that an int64 can hold become 0.
Nanoseconds from_ticks(std::uint64_t ticks, std::uint64_t per_second, std::int64_t offset_seconds) {
  const std::uint64_t seconds = ticks / per_second;
  const std::uint64_t rest = ticks % per_second;
  const auto fraction = static_cast<std::int64_t>(
      static_cast<Wide>(rest) * static_cast<std::uint64_t>(second_ns) / per_second);
  std::int64_t total = 0;
  if (seconds > static_cast<std::uint64_t>(INT64_MAX) ||
      __builtin_add_overflow(static_cast<std::int64_t>(seconds), offset_seconds, &total) ||
      __builtin_mul_overflow(total, second_ns, &total) ||
      __builtin_add_overflow(total, fraction, &total))
    return {};
  return {total};
}

}  // namespace

std::uint16_t Capture::u16(const std::byte* at) const {
  const auto value = load_le<std::uint16_t>(at);
  return swapped_ ? __builtin_bswap16(value) : value;
}

std::uint32_t Capture::u32(const std::byte* at) const {
  const auto value = load_le<std::uint32_t>(at);
  return swapped_ ? __builtin_bswap32(value) : value;
}

Error Capture::error_at(Errc code, const std::string& what) const {
  return {code, "capture: " + what + " at byte " + std::to_string(offset_) + ", after " +
                    std::to_string(packets_) + " packets"};
}

Result<Capture> Capture::open(std::span<const std::byte> file) {
  Capture capture;
  capture.file_ = file;
  if (file.size() < 4)
    return capture.error_at(Errc::truncated, "the file is shorter than any header");
  const auto magic = load_le<std::uint32_t>(file.data());
  if (magic == section_header) {
    capture.pcapng_ = true;
    return capture;
  }
  if (auto opened = capture.open_pcap(magic); !opened) return opened.error();
  return capture;
}

Result<void> Capture::open_pcap(std::uint32_t magic) {
  const std::uint32_t turned = __builtin_bswap32(magic);
  swapped_ = turned == magic_us || turned == magic_ns;
  const std::uint32_t native = swapped_ ? turned : magic;
  if (native != magic_us && native != magic_ns)
    return error_at(
        Errc::unsupported,
        "found magic number " + hex(magic) +
            ", expected a pcap or pcapng file (decompress it first if it is compressed)");
  if (file_.size() < pcap_header)
    return error_at(Errc::truncated, "the file ends inside its header");
  ns_per_fraction_ = native == magic_ns ? 1 : 1'000;
  // The upper bits tell about the frame check sequence, which the packets' lengths make
  // superfluous.
  link_ = static_cast<LinkType>(u32(file_.data() + 20) & 0xffffu);
  offset_ = pcap_header;
  return {};
}

Result<bool> Capture::next(Packet& packet) {
  return pcapng_ ? next_pcapng(packet) : next_pcap(packet);
}

Result<bool> Capture::next_pcap(Packet& packet) {
  const std::size_t left = file_.size() - offset_;
  if (left == 0) return false;
  if (left < pcap_record)
    return error_at(Errc::truncated, "the file ends inside a packet's header");
  const std::byte* at = file_.data() + offset_;
  const std::uint32_t captured = u32(at + 8);
  if (captured > largest_packet)
    return error_at(Errc::corrupt, "a packet claims " + std::to_string(captured) + " bytes");
  if (captured > left - pcap_record)
    return error_at(Errc::truncated, "a packet of " + std::to_string(captured) +
                                         " bytes has only " + std::to_string(left - pcap_record) +
                                         " left");
  packet.time = {static_cast<std::int64_t>(u32(at)) * second_ns +
                 static_cast<std::int64_t>(u32(at + 4)) * ns_per_fraction_};
  packet.link = link_;
  packet.interface_index = 0;
  packet.original_length = u32(at + 12);
  packet.bytes = file_.subspan(offset_ + pcap_record, captured);
  offset_ += pcap_record + captured;
  ++packets_;
  return true;
}

Result<bool> Capture::next_pcapng(Packet& packet) {
  for (;;) {
    const std::size_t left = file_.size() - offset_;
    if (left == 0) return false;
    if (left < 12) return error_at(Errc::truncated, "the file ends inside a block's header");
    const std::byte* at = file_.data() + offset_;
    const bool section = load_le<std::uint32_t>(at) == section_header;
    if (section) {
      swapped_ = load_le<std::uint32_t>(at + 8) == __builtin_bswap32(byte_order_magic);
      if (!swapped_ && load_le<std::uint32_t>(at + 8) != byte_order_magic)
        return error_at(Errc::corrupt,
                        "a section's byte-order magic is " + hex(load_le<std::uint32_t>(at + 8)));
    }
    const std::uint32_t type = u32(at);
    const std::uint32_t length = u32(at + 4);
    if (length < 12 || length % 4 != 0 || length > largest_block)
      return error_at(Errc::corrupt, "a block claims " + std::to_string(length) + " bytes");
    if (length > left)
      return error_at(Errc::truncated, "a block of " + std::to_string(length) + " bytes has only " +
                                           std::to_string(left) + " left");
    if (u32(at + length - 4) != length)
      return error_at(Errc::corrupt, "a block's two lengths differ");

    const auto body = file_.subspan(offset_ + 8, length - 12);
    Result<bool> found = false;
    if (section) {
      if (auto read = read_section(body); !read) return read.error();
    } else if (type == interface_block) {
      if (auto read = read_interface(body); !read) return read.error();
    } else if (type == enhanced_packet_block) {
      found = read_enhanced(body, packet);
    } else if (type == simple_packet_block) {
      found = read_simple(body, packet);
    } else if (type == obsolete_packet_block) {
      found = read_obsolete(body, packet);
    }
    if (!found) return found;
    offset_ += length;
    if (*found) {
      ++packets_;
      return true;
    }
  }
}

Result<void> Capture::read_section(std::span<const std::byte> block) {
  if (block.size() < 16) return error_at(Errc::corrupt, "a section header is too short");
  if (const unsigned major = u16(block.data() + 4); major != 1)
    return error_at(Errc::unsupported, "pcapng version " + std::to_string(major) + ", expected 1,");
  interfaces_.clear();
  return {};
}

Result<void> Capture::read_interface(std::span<const std::byte> block) {
  if (block.size() < 8) return error_at(Errc::corrupt, "an interface block is too short");
  if (interfaces_.size() >= most_interfaces)
    return error_at(Errc::corrupt, "more than 65536 interfaces");
  Interface interface;
  interface.link = static_cast<LinkType>(u16(block.data()));
  interface.snap_length = u32(block.data() + 4);
  auto options = block.subspan(8);
  while (options.size() >= 4) {
    const unsigned code = u16(options.data());
    const std::size_t length = u16(options.data() + 2);
    const std::size_t padded = (length + 3) & ~std::size_t{3};
    if (code == 0) break;
    if (padded > options.size() - 4)
      return error_at(Errc::corrupt, "an interface option runs out of its block");
    const std::byte* value = options.data() + 4;
    if (code == 9 && length == 1) {  // if_tsresol: a power of ten, or of two if the high bit is set
      const auto resolution = static_cast<unsigned>(*value);
      const unsigned exponent = resolution & 0x7fu;
      if (exponent > ((resolution & 0x80u) != 0 ? 62u : 18u))
        return error_at(Errc::unsupported, "time resolution " + std::to_string(resolution));
      interface.ticks_per_second =
          (resolution & 0x80u) != 0
              ? std::uint64_t{1} << exponent
              : static_cast<std::uint64_t>(power_of_ten(static_cast<int>(exponent)));
    }
    if (code == 14 && length == 8) {  // if_tsoffset
      const std::uint64_t low = u32(value + (swapped_ ? 4 : 0));
      const std::uint64_t high = u32(value + (swapped_ ? 0 : 4));
      interface.offset_seconds = static_cast<std::int64_t>(high << 32 | low);
    }
    options = options.subspan(4 + padded);
  }
  interfaces_.push_back(interface);
  return {};
}

Result<bool> Capture::read_enhanced(std::span<const std::byte> block, Packet& packet) {
  if (block.size() < 20) return error_at(Errc::corrupt, "an enhanced packet block is too short");
  const std::uint32_t index = u32(block.data());
  if (index >= interfaces_.size())
    return error_at(Errc::corrupt, "a packet of interface " + std::to_string(index) +
                                       ", which was not described,");
  const std::uint32_t captured = u32(block.data() + 12);
  if (captured > block.size() - 20)
    return error_at(Errc::corrupt, "a packet is longer than its block");
  const Interface& interface = interfaces_[index];
  const std::uint64_t ticks =
      static_cast<std::uint64_t>(u32(block.data() + 4)) << 32 | u32(block.data() + 8);
  packet.time = from_ticks(ticks, interface.ticks_per_second, interface.offset_seconds);
  packet.link = interface.link;
  packet.interface_index = index;
  packet.original_length = u32(block.data() + 16);
  packet.bytes = block.subspan(20, captured);
  return true;
}

Result<bool> Capture::read_simple(std::span<const std::byte> block, Packet& packet) {
  if (block.size() < 4 || interfaces_.empty())
    return error_at(Errc::corrupt, "a simple packet block without interface or length");
  packet.time = {};
  packet.link = interfaces_[0].link;
  packet.interface_index = 0;
  packet.original_length = u32(block.data());
  const std::uint32_t snap = interfaces_[0].snap_length;
  std::size_t captured = std::min<std::size_t>(packet.original_length, block.size() - 4);
  if (snap != 0) captured = std::min<std::size_t>(captured, snap);
  packet.bytes = block.subspan(4, captured);
  return true;
}

// The block that the enhanced one replaced; old captures have it.
Result<bool> Capture::read_obsolete(std::span<const std::byte> block, Packet& packet) {
  if (block.size() < 20) return error_at(Errc::corrupt, "a packet block is too short");
  const std::uint32_t index = u16(block.data());
  if (index >= interfaces_.size())
    return error_at(Errc::corrupt, "a packet of interface " + std::to_string(index) +
                                       ", which was not described,");
  const std::uint32_t captured = u32(block.data() + 12);
  if (captured > block.size() - 20)
    return error_at(Errc::corrupt, "a packet is longer than its block");
  const std::uint64_t ticks =
      static_cast<std::uint64_t>(u32(block.data() + 4)) << 32 | u32(block.data() + 8);
  packet.time =
      from_ticks(ticks, interfaces_[index].ticks_per_second, interfaces_[index].offset_seconds);
  packet.link = interfaces_[index].link;
  packet.interface_index = index;
  packet.original_length = u32(block.data() + 16);
  packet.bytes = block.subspan(20, captured);
  return true;
}

}  // namespace zomma::pcap
