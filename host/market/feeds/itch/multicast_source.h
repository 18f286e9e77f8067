// multicast_source.h: live ITCH over MoldUDP64: lines A and B, and the rewinder that answers
// re-requests. ts_ns is the kernel's receive time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "market/feeds/itch/decoder.h"
#include "market/feeds/mold/arbiter.h"
#include "market/feeds/udp/receiver.h"

namespace zomma::itch {

struct MulticastOptions {
  DecoderOptions decoder;
  mold::ArbiterOptions arbiter;             // `rewinder` is set if an address is given below
  std::vector<udp::ReceiverOptions> lines;  // one or two, or as many as carry the same session
  std::string rewinder_address;             // unicast; empty: none
  std::uint16_t rewinder_port = 0;
};

// poll() from one thread, at least as often as the arbiter's gap timeout while a hole is open.
class MulticastSource : public LiveSource {
 public:
  static Result<std::unique_ptr<MulticastSource>> open(SymbolMap symbols,
                                                       const MulticastOptions& options);
  ~MulticastSource() override;

  Result<std::size_t> poll(EventBuffer& out) override;
  int descriptor() const override { return epoll_; }
  const FeedCounters& counters() const override { return counters_; }
  const mold::Arbiter& arbiter() const { return arbiter_; }
  // The port that line `index` is bound to.
  std::uint16_t port(std::size_t index) const { return lines_[index].port(); }

 private:
  MulticastSource(SymbolMap symbols, const MulticastOptions& options);
  Result<void> open_lines(const MulticastOptions& options);
  Nanoseconds steady(Nanoseconds time);

  Decoder decoder_;
  mold::Arbiter arbiter_;
  std::vector<udp::Receiver> lines_;  // the last one is the rewinder's if there is one
  std::uint32_t rewinder_address_ = 0;
  std::uint16_t rewinder_port_ = 0;
  Nanoseconds last_{};
  std::uint64_t truncated_ = 0;
  FeedCounters counters_;
  int epoll_ = -1;
};

}  // namespace zomma::itch
