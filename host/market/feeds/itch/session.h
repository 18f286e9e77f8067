// session.h: joins the MoldUDP64 arbiter to the ITCH decoder: what the arbiter delivers becomes
// events at once.
#pragma once

#include "market/feeds/itch/decoder.h"
#include "market/feeds/mold/arbiter.h"

namespace zomma::itch {

// The arbiter's sink. `Request` is called with the 20 bytes to send to the rewinder.
template <class Request>
class MessageSink {
 public:
  MessageSink(Decoder& decoder, EventBuffer& out, Request request)
      : decoder_(decoder), out_(out), request_(std::move(request)) {}

  void message(std::uint64_t, std::span<const std::byte> message, Nanoseconds now) {
    decoder_.decode(message, now, out_);
  }
  void gap(std::uint64_t first, std::uint64_t last, Nanoseconds now) {
    decoder_.gap(first, last, now, out_);
  }
  void request(std::span<const std::byte, mold::request_size> packet) { request_(packet); }
  void session(const mold::Session&) { decoder_.reset_session(); }
  void end() {}

 private:
  Decoder& decoder_;
  EventBuffer& out_;
  Request request_;
};

// One set of numbers for a feed: what the lines brought and what the messages became.
inline FeedCounters combined(const FeedCounters& decoder, const FeedCounters& arbiter) {
  FeedCounters sum = decoder;
  sum.packets += arbiter.packets;
  sum.truncated += arbiter.truncated;
  sum.malformed += arbiter.malformed;
  sum.duplicates += arbiter.duplicates;
  sum.out_of_order += arbiter.out_of_order;
  sum.requests += arbiter.requests;
  return sum;  // messages, gaps and lost were counted by the decoder already
}

}  // namespace zomma::itch
