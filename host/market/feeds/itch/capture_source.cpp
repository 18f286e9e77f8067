#include "market/feeds/itch/capture_source.h"

#include <algorithm>
#include <utility>

#include "market/feeds/itch/session.h"

namespace zomma::itch {
namespace {

auto make_sink(Decoder& decoder, EventBuffer& out) {
  return MessageSink(decoder, out, [](std::span<const std::byte, mold::request_size>) {});
}

CaptureOptions without_rewinder(CaptureOptions options) {
  options.arbiter.rewinder = false;
  return options;
}

}  // namespace

CaptureSource::CaptureSource(std::string name, pcap::Capture capture, SymbolMap symbols,
                             const CaptureOptions& options)
    : name_(std::move(name)),
      capture_(std::move(capture)),
      options_(without_rewinder(options)),
      decoder_(std::move(symbols), options.decoder),
      arbiter_(options_.arbiter) {}

Result<std::unique_ptr<CaptureSource>> CaptureSource::read_from(std::string name,
                                                                std::span<const std::byte> file,
                                                                SymbolMap symbols,
                                                                const CaptureOptions& options) {
  auto capture = pcap::Capture::open(file);
  if (!capture) return Error{capture.error().code, name + ": " + capture.error().message};
  return std::unique_ptr<CaptureSource>(
      new CaptureSource(std::move(name), std::move(*capture), std::move(symbols), options));
}

Result<std::unique_ptr<CaptureSource>> CaptureSource::open(const std::string& path,
                                                           SymbolMap symbols,
                                                           const CaptureOptions& options) {
  auto mapping = MappedFile::open_read_only(path);
  if (!mapping) return mapping.error();
  mapping->advise_sequential();
  auto source = read_from(path, std::as_const(*mapping).bytes(), std::move(symbols), options);
  if (source) (*source)->mapping_ = std::move(*mapping);
  return source;
}

Result<std::size_t> CaptureSource::fill(EventBuffer& out) {
  const std::uint64_t before = decoder_.counters().events;
  const auto appended = [&] { return decoder_.counters().events - before; };
  pcap::Packet packet;
  // Room is asked for once a packet; the few events by which one overshoots are what the buffer
  // grows for.
  while (!ended_ && !failure_ &&
         (appended() == 0 || (out.room() > 64 && appended() < out.capacity()))) {
    auto more = capture_.next(packet);
    if (!more) {
      ++(more.error().code == Errc::truncated ? capture_counters_.truncated
                                              : capture_counters_.malformed);
      failure_ = Error{more.error().code, name_ + ": " + more.error().message};
      finish(out);
    } else if (*more) {
      use(packet, out);
    } else {
      ended_ = true;
      finish(out);
    }
  }
  counters_ = combined(decoder_.counters(), arbiter_.counters());
  counters_ += capture_counters_;
  if (appended() == 0 && failure_) return *failure_;
  return static_cast<std::size_t>(appended());
}

void CaptureSource::use(const pcap::Packet& packet, EventBuffer& out) {
  if (packet.time.value != 0 && clock_.advance(packet.time.value) != FeedClock::Step::ahead)
    ++capture_counters_.clock_back;
  pcap::Datagram datagram;
  switch (pcap::find_udp(packet.link, packet.bytes, datagram)) {
    case pcap::FrameStatus::udp:
      break;
    case pcap::FrameStatus::other:
      ++capture_counters_.ignored;
      return;
    case pcap::FrameStatus::truncated:
      ++capture_counters_.truncated;
      return;
    case pcap::FrameStatus::fragment:
    case pcap::FrameStatus::malformed:
      ++capture_counters_.malformed;
      return;
  }
  if (!is_ours(datagram)) {
    ++capture_counters_.ignored;
    return;
  }
  const Nanoseconds now = clock_.now();
  if (!options_.sequenced) return use_unsequenced(datagram.payload, now, out);
  auto sink = make_sink(decoder_, out);
  arbiter_.on_time(now, sink);
  arbiter_.on_packet(datagram.payload, now, sink);
}

void CaptureSource::use_unsequenced(std::span<const std::byte> packet, Nanoseconds time,
                                    EventBuffer& out) {
  ++capture_counters_.packets;
  mold::Header header;
  if (!mold::read_header(packet, header)) {
    ++capture_counters_.truncated;
    return;
  }
  auto blocks = packet.subspan(mold::header_size);
  std::span<const std::byte> message;
  for (unsigned left = header.messages(); left != 0; --left) {
    if (!mold::next_block(blocks, message)) {
      ++capture_counters_.malformed;
      return;
    }
    if (!message.empty()) decoder_.decode(message, time, out);
  }
}

void CaptureSource::finish(EventBuffer& out) {
  auto sink = make_sink(decoder_, out);
  arbiter_.finish(clock_.now(), sink);
}

bool CaptureSource::is_ours(const pcap::Datagram& datagram) const {
  if (options_.lines.empty()) return true;
  return std::any_of(options_.lines.begin(), options_.lines.end(), [&](const CaptureLine& line) {
    return (line.group == 0 || line.group == datagram.destination) &&
           (line.port == 0 || line.port == datagram.destination_port);
  });
}

}  // namespace zomma::itch
