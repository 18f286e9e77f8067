// capture_source.h: a packet capture (pcap, pcapng) of MoldUDP64 lines as a recorded ITCH feed.
// ts_ns is the capture's time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mapped_file.h"
#include "market/feeds/itch/decoder.h"
#include "market/feeds/mold/arbiter.h"
#include "market/feeds/pcap/capture.h"
#include "market/feeds/pcap/frame.h"

namespace zomma::itch {

// One multicast group and port; A and B of a feed are two lines.
struct CaptureLine {
  std::uint32_t group{};  // 0: any
  std::uint16_t port{};   // 0: any
};

struct CaptureOptions {
  DecoderOptions decoder;
  // A capture may begin anywhere, and there is no rewinder to ask.
  mold::ArbiterOptions arbiter{.first_sequence = 0};
  // Empty: every UDP datagram.
  std::vector<CaptureLine> lines;
  // False: take every message as it comes; for captures whose sequence numbers were blanked.
  bool sequenced = true;
};

class CaptureSource : public FeedSource {
 public:
  // Maps the file. Errc::not_found, io, unsupported, truncated.
  static Result<std::unique_ptr<CaptureSource>> open(const std::string& path, SymbolMap symbols,
                                                     const CaptureOptions& options);
  // `file` must outlive the source; `name` appears in errors.
  static Result<std::unique_ptr<CaptureSource>> read_from(std::string name,
                                                          std::span<const std::byte> file,
                                                          SymbolMap symbols,
                                                          const CaptureOptions& options);

  const FeedCounters& counters() const override { return counters_; }
  const mold::Arbiter& arbiter() const { return arbiter_; }

 protected:
  Result<std::size_t> fill(EventBuffer& out) override;

 private:
  CaptureSource(std::string name, pcap::Capture capture, SymbolMap symbols,
                const CaptureOptions& options);

  void use(const pcap::Packet& packet, EventBuffer& out);
  void use_unsequenced(std::span<const std::byte> packet, Nanoseconds time, EventBuffer& out);
  void finish(EventBuffer& out);
  bool is_ours(const pcap::Datagram& datagram) const;

  MappedFile mapping_;
  std::string name_;
  pcap::Capture capture_;
  CaptureOptions options_;
  Decoder decoder_;
  mold::Arbiter arbiter_;
  FeedClock clock_;
  FeedCounters capture_counters_;  // what the frames around the packets showed
  FeedCounters counters_;          // the sum, brought up to date by fill()
  std::optional<Error> failure_;
  bool ended_ = false;
};

}  // namespace zomma::itch
