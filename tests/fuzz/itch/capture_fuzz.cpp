// Any bytes as a packet capture, down to events: views stay inside the file, time never falls, an
// error is for good.
#include <cstdlib>

#include "market/feeds/itch/capture_source.h"

using namespace zomma;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void read_packets(std::span<const std::byte> bytes) {
  auto capture = pcap::Capture::open(bytes);
  if (!capture) {
    require(!capture.error().message.empty());
    return;
  }
  pcap::Packet packet;
  for (std::size_t packets = 0;; ++packets) {
    require(packets <= bytes.size());
    const auto more = capture->next(packet);
    if (!more) {
      require(!more.error().message.empty() && !capture->next(packet));
      return;
    }
    if (!*more) return;
    require(packet.bytes.empty() ||
            (packet.bytes.data() >= bytes.data() &&
             packet.bytes.data() + packet.bytes.size() <= bytes.data() + bytes.size()));
    pcap::Datagram datagram;
    if (pcap::find_udp(packet.link, packet.bytes, datagram) == pcap::FrameStatus::udp)
      require(datagram.payload.data() >= packet.bytes.data() &&
              datagram.payload.data() + datagram.payload.size() <=
                  packet.bytes.data() + packet.bytes.size());
  }
}

void read_events(std::span<const std::byte> bytes, bool sequenced) {
  SymbolMap symbols;
  Instrument instrument;
  instrument.id = {0};
  require(static_cast<bool>(symbols.add("AAPL", instrument)));
  itch::CaptureOptions options;
  options.sequenced = sequenced;
  options.arbiter.buffer_messages = 32;
  auto source = itch::CaptureSource::read_from("input", bytes, std::move(symbols), options);
  if (!source) return;
  EventBuffer out(16);
  std::int64_t last = INT64_MIN;
  for (;;) {
    out.clear();
    const auto count = (*source)->read(out);
    if (!count) {
      require(!(*source)->read(out));
      return;
    }
    require(*count == out.size());
    if (*count == 0) return;
    for (const auto& event : out.events()) {
      require(event.ts_ns >= last);
      last = event.ts_ns;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes{reinterpret_cast<const std::byte*>(data), size};
  read_packets(bytes);
  read_events(bytes, true);
  read_events(bytes, false);
  return 0;
}
