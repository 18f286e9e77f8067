#include "market/feeds/pcap/frame.h"

#include "base/bytes.h"

namespace zomma::pcap {
namespace {

constexpr std::uint16_t ethertype_ipv4 = 0x0800;
constexpr std::size_t ipv4_header = 20;
constexpr std::size_t udp_header = 8;
constexpr std::uint8_t protocol_udp = 17;

bool is_vlan(std::uint16_t ethertype) {
  return ethertype == 0x8100 || ethertype == 0x88a8 ||
         ethertype == 0x9100;  // 802.1Q, 802.1ad, the older double tag
}

// Strips the link layer from `bytes`; `ethertype` is what follows it.
FrameStatus strip_link(LinkType link, std::span<const std::byte>& bytes, std::uint16_t& ethertype) {
  std::size_t size = 0;
  switch (link) {
    case LinkType::ethernet:
      size = 14;
      break;
    case LinkType::linux_sll:
      size = 16;
      break;
    case LinkType::linux_sll2:
      size = 20;
      break;
    case LinkType::null:
    case LinkType::loop:
      size = 4;
      break;
    case LinkType::raw_ip:
    case LinkType::ipv4:
      ethertype = ethertype_ipv4;
      return FrameStatus::udp;
    default:
      return FrameStatus::other;
  }
  if (bytes.size() < size) return FrameStatus::truncated;
  switch (link) {
    case LinkType::ethernet:
      ethertype = load_be16(bytes.data() + 12);
      break;
    case LinkType::linux_sll:
      ethertype = load_be16(bytes.data() + 14);
      break;
    case LinkType::linux_sll2:
      ethertype = load_be16(bytes.data());
      break;
    default: {
      // The address family, in the byte order of the machine that captured: AF_INET is 2
      // everywhere.
      const auto family = load_le<std::uint32_t>(bytes.data());
      ethertype = family == 2 || family == 0x02000000 ? ethertype_ipv4 : 0;
    }
  }
  bytes = bytes.subspan(size);
  while (is_vlan(ethertype)) {
    if (bytes.size() < 4) return FrameStatus::truncated;
    ethertype = load_be16(bytes.data() + 2);
    bytes = bytes.subspan(4);
  }
  return FrameStatus::udp;
}

}  // namespace

FrameStatus find_udp(LinkType link, std::span<const std::byte> frame, Datagram& datagram) {
  std::uint16_t ethertype = 0;
  if (const auto status = strip_link(link, frame, ethertype); status != FrameStatus::udp)
    return status;
  if (ethertype != ethertype_ipv4) return FrameStatus::other;

  if (frame.empty()) return FrameStatus::truncated;
  const auto first = static_cast<std::uint8_t>(frame[0]);
  if (first >> 4 != 4) return FrameStatus::other;
  if (frame.size() < ipv4_header) return FrameStatus::truncated;
  const std::size_t header = (first & 15u) * 4u;
  const std::size_t total = load_be16(frame.data() + 2);
  if (header < ipv4_header || total < header) return FrameStatus::malformed;
  if (static_cast<std::uint8_t>(frame[9]) != protocol_udp) return FrameStatus::other;
  // More fragments, or not the first one.
  if ((load_be16(frame.data() + 6) & 0x3fffu) != 0) return FrameStatus::fragment;
  if (frame.size() < total) return FrameStatus::truncated;
  datagram.source = load_be32(frame.data() + 12);
  datagram.destination = load_be32(frame.data() + 16);

  // The total length cuts off Ethernet's padding.
  const auto udp = frame.subspan(header, total - header);
  if (udp.size() < udp_header) return FrameStatus::malformed;
  const std::size_t length = load_be16(udp.data() + 4);
  if (length < udp_header || length > udp.size()) return FrameStatus::malformed;
  datagram.source_port = load_be16(udp.data());
  datagram.destination_port = load_be16(udp.data() + 2);
  datagram.payload = udp.subspan(udp_header, length - udp_header);
  return FrameStatus::udp;
}

}  // namespace zomma::pcap
