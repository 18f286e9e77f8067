// capture.h: reads packet captures: pcap (both byte orders, micro- and nanoseconds) and pcapng
// (sections of either byte order, any time resolution, several interfaces). Works on the file's
// bytes; packets are views into them.
//
// Hot path: next() allocates nothing but the few words a pcapng interface needs. Sources: IETF
// draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/types.h"

namespace zomma::pcap {

// LINKTYPE_ numbers that frame.h can read.
enum class LinkType : std::uint16_t {
  null = 0,
  ethernet = 1,
  raw_ip = 101,
  loop = 108,
  linux_sll = 113,
  ipv4 = 228,
  linux_sll2 = 276
};

struct Packet {
  Nanoseconds time{};  // UTC; 0 if the block carries none
  LinkType link{LinkType::ethernet};
  std::uint32_t interface_index{};  // pcapng: within its section
  std::uint32_t original_length{};  // on the wire; more than bytes.size() if the capture cut it
  std::span<const std::byte> bytes;
};

class Capture {
 public:
  // `file` must outlive the capture. Errc::unsupported if it is neither pcap nor pcapng,
  // Errc::truncated if it ends within its first header.
  static Result<Capture> open(std::span<const std::byte> file);

  // Fills `packet` and returns true; false at the end. Errc::truncated if the file ends inside a
  // packet, Errc::corrupt for a length that cannot be; every packet before has been handed out, and
  // the same error comes again.
  Result<bool> next(Packet& packet);

  std::uint64_t packets() const { return packets_; }
  std::size_t offset() const { return offset_; }
  bool is_pcapng() const { return pcapng_; }

 private:
  struct Interface {
    LinkType link{};
    std::uint32_t snap_length{};
    std::uint64_t ticks_per_second{1'000'000};
    std::int64_t offset_seconds{};
  };

  Capture() = default;
  Result<void> open_pcap(std::uint32_t magic);
  Result<bool> next_pcap(Packet& packet);
  Result<bool> next_pcapng(Packet& packet);
  Result<void> read_section(std::span<const std::byte> block);
  Result<void> read_interface(std::span<const std::byte> block);
  Result<bool> read_enhanced(std::span<const std::byte> block, Packet& packet);
  Result<bool> read_simple(std::span<const std::byte> block, Packet& packet);
  Result<bool> read_obsolete(std::span<const std::byte> block, Packet& packet);
  Error error_at(Errc code, const std::string& what) const;
  std::uint16_t u16(const std::byte* at) const;
  std::uint32_t u32(const std::byte* at) const;

  std::span<const std::byte> file_;
  std::size_t offset_ = 0;
  std::uint64_t packets_ = 0;
  bool pcapng_ = false;
  bool swapped_ = false;
  std::uint32_t ns_per_fraction_ = 1'000;  // pcap
  LinkType link_{};                        // pcap
  std::vector<Interface> interfaces_;      // pcapng, of the section being read
};

}  // namespace zomma::pcap
