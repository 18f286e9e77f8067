// frame.h: finds the UDP datagram in a captured frame: Ethernet (with VLAN tags), Linux cooked, BSD
// loopback or bare IP; IPv4 only. Hot path: views, no copies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "market/feeds/pcap/capture.h"

namespace zomma::pcap {

struct Datagram {
  std::uint32_t source{};  // IPv4 addresses in host order: 233.54.12.111 is 0xe9360c6f
  std::uint32_t destination{};
  std::uint16_t source_port{};
  std::uint16_t destination_port{};
  std::span<const std::byte> payload;
};

enum class FrameStatus : std::uint8_t {
  udp,        // `datagram` is filled
  other,      // ARP, TCP, IPv6, a link type we do not read: not ours
  fragment,   // a part of an IP datagram; the feeds never send any
  truncated,  // the capture kept less than the headers promise
  malformed   // lengths that contradict each other
};

FrameStatus find_udp(LinkType link, std::span<const std::byte> frame, Datagram& datagram);

}  // namespace zomma::pcap
