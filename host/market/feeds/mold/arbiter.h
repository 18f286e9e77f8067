// arbiter.h: MoldUDP64 packets from lines A and B (and a rewinder) in any order -> every message
// once, in order.
//
// A hole is first given time to fill from the other line, then asked of the rewinder, and at last
// declared lost, so that the stream never stops. Time is the caller's. Hot path (the expected
// packet comes next): no allocation, no copy, no virtual call; memory is bounded and taken at
// construction.
//
// A Sink has
//     void message(std::uint64_t sequence, std::span<const std::byte> message, Nanoseconds now);
//     void gap(std::uint64_t first, std::uint64_t last, Nanoseconds now);  // lost for good
//     void request(std::span<const std::byte, request_size> packet);       // for the rewinder
//     void session(const Session& session);                                // a new one begins
//     void end();                                                          // and is complete
#pragma once

#include <algorithm>
#include <vector>

#include "base/types.h"
#include "market/feeds/decoder.h"
#include "market/feeds/mold/packet.h"

namespace zomma::mold {

struct ArbiterOptions {
  // 0: begin with whatever comes first (joining late, without a snapshot).
  std::uint64_t first_sequence = 1;
  // How far ahead of a hole messages are kept; rounded up to a power of two.
  std::size_t buffer_messages = 65'536;
  // Longer messages cannot wait behind a hole; they are asked for again.
  std::size_t max_message = 64;
  // False: holes are declared lost when gap_timeout is over.
  bool rewinder = false;
  // A hole may wait so long for the other line, and the rewinder may take so long to answer.
  Nanoseconds gap_timeout{1'000'000};
  Nanoseconds answer_timeout{20'000'000};
  // Unanswered requests before a hole is declared lost.
  int attempts = 3;
  // Messages asked for at once.
  std::uint16_t request_limit = 1'000;
  // A packet further ahead must be confirmed by a second one before it is believed.
  std::uint64_t max_jump = 1u << 20;
};

class Arbiter {
 public:
  explicit Arbiter(const ArbiterOptions& options = {});

  template <class Sink>
  void on_packet(std::span<const std::byte> packet, Nanoseconds now, Sink& sink);
  // Call when next_deadline() has passed, or at any other time.
  template <class Sink>
  void on_time(Nanoseconds now, Sink& sink);
  // The input is over: delivers all that waits, declaring the holes before it lost.
  template <class Sink>
  void finish(Nanoseconds now, Sink& sink);

  // When on_time() has something to do; the largest time there is if no hole is open.
  Nanoseconds next_deadline() const { return hole_open_ ? deadline_ : Nanoseconds{INT64_MAX}; }
  std::uint64_t expected() const { return expected_; }
  bool ended() const { return ended_; }
  const Session& session() const { return session_; }
  // packets, messages, duplicates, out_of_order, malformed, truncated, gaps, lost, requests.
  const FeedCounters& counters() const { return counters_; }

 private:
  enum class Verdict : std::uint8_t { current, new_session, drop };

  Verdict judge(const Header& header);
  void start_session(const Session& session, std::uint64_t first);
  void keep(std::uint64_t sequence, std::span<const std::byte> message);
  std::span<const std::byte> kept(std::uint64_t sequence) const;
  bool is_kept(std::uint64_t sequence) const { return stamps_[sequence & mask_] == sequence; }
  // The number after the hole at expected_: the first message kept, else the first not heard of.
  std::uint64_t hole_end() const { return kept_count_ != 0 ? lowest_kept_ : known_next_; }
  void find_lowest_kept();
  void watch_hole(Nanoseconds now);

  template <class Sink>
  void deliver_packet(const Header& header, std::span<const std::byte> blocks, Nanoseconds now,
                      Sink& sink);
  template <class Sink>
  void keep_packet(const Header& header, std::span<const std::byte> blocks, Nanoseconds now,
                   Sink& sink);
  template <class Sink>
  void deliver(std::span<const std::byte> message, Nanoseconds now, Sink& sink) {
    const std::uint64_t sequence = expected_++;
    ++counters_.messages;
    if (!message.empty()) sink.message(sequence, message, now);
  }
  template <class Sink>
  void drain(Nanoseconds now, Sink& sink);
  template <class Sink>
  void lose_hole(std::uint64_t end, Nanoseconds now, Sink& sink);
  template <class Sink>
  void ask(Nanoseconds now, Sink& sink);
  template <class Sink>
  void settle(Nanoseconds now, Sink& sink);

  ArbiterOptions options_;
  std::uint64_t mask_;
  std::vector<std::uint64_t>
      stamps_;  // which sequence a slot holds; numbers below expected_ are leftovers
  std::vector<std::uint16_t> lengths_;
  std::vector<std::byte> slots_;  // max_message bytes each
  std::size_t kept_count_ = 0;
  std::uint64_t lowest_kept_ = 0;

  Session session_;
  Session retired_;    // the session before: its late packets are not news
  Session candidate_;  // named by a packet that needs confirmation
  std::uint64_t candidate_next_ = 0;
  bool has_session_ = false;
  bool has_retired_ = false;
  bool has_candidate_ = false;
  bool end_announced_ = false;
  bool ended_ = false;

  std::uint64_t expected_ = 0;
  std::uint64_t known_next_ = 0;  // one above the highest message heard of
  bool hole_open_ = false;
  std::uint64_t hole_end_ = 0;  // of the hole that deadline_ is for
  std::uint64_t hole_begin_ = 0;
  int asked_ = 0;  // requests since the hole last shrank
  Nanoseconds deadline_{};

  FeedCounters counters_;
};

template <class Sink>
void Arbiter::on_packet(std::span<const std::byte> packet, Nanoseconds now, Sink& sink) {
  ++counters_.packets;
  Header header;
  if (!read_header(packet, header)) {
    ++counters_.truncated;
    return;
  }
  switch (judge(header)) {
    case Verdict::drop:
      return;
    case Verdict::new_session:
      if (has_session_) finish(now, sink);
      start_session(header.session, has_session_                   ? 1
                                    : options_.first_sequence != 0 ? options_.first_sequence
                                                                   : header.sequence);
      sink.session(session_);
      break;
    case Verdict::current:
      break;
  }
  known_next_ = std::max(known_next_, header.sequence + header.messages());
  if (header.count == end_of_session) end_announced_ = true;
  const auto blocks = packet.subspan(header_size);
  if (header.sequence <= expected_) {
    deliver_packet(header, blocks, now, sink);
    if (kept_count_ != 0) drain(now, sink);
  } else {
    keep_packet(header, blocks, now, sink);
  }
  settle(now, sink);
}

template <class Sink>
void Arbiter::deliver_packet(const Header& header, std::span<const std::byte> blocks,
                             Nanoseconds now, Sink& sink) {
  std::uint64_t sequence = header.sequence;
  if (sequence + header.messages() <= expected_) {  // the other line's copy
    counters_.duplicates += header.messages();
    return;
  }
  std::span<const std::byte> message;
  for (unsigned left = header.messages(); left != 0; --left, ++sequence) {
    if (!next_block(blocks, message)) {
      ++counters_.malformed;
      return;
    }
    if (sequence < expected_) {
      ++counters_.duplicates;
      continue;
    }
    if (kept_count_ != 0 && is_kept(sequence)) --kept_count_;
    deliver(message, now, sink);
  }
}

template <class Sink>
void Arbiter::keep_packet(const Header& header, std::span<const std::byte> blocks, Nanoseconds now,
                          Sink& sink) {
  std::uint64_t sequence = header.sequence;
  std::span<const std::byte> message;
  for (unsigned left = header.messages(); left != 0; --left, ++sequence) {
    if (!next_block(blocks, message)) {
      ++counters_.malformed;
      return;
    }
    // The bound: what would not fit pushes the oldest hole out.
    while (sequence > expected_ && sequence - expected_ > mask_)
      lose_hole(kept_count_ != 0 ? lowest_kept_ : sequence, now, sink);
    if (sequence < expected_ || (sequence != expected_ && is_kept(sequence))) {
      ++counters_.duplicates;
    } else if (sequence == expected_) {
      deliver(message, now, sink);
      if (kept_count_ != 0) drain(now, sink);
    } else {
      keep(sequence, message);
    }
  }
}

template <class Sink>
void Arbiter::drain(Nanoseconds now, Sink& sink) {
  while (kept_count_ != 0 && is_kept(expected_)) {
    --kept_count_;
    deliver(kept(expected_), now, sink);
  }
  find_lowest_kept();
}

template <class Sink>
void Arbiter::lose_hole(std::uint64_t end, Nanoseconds now, Sink& sink) {
  if (end > expected_) {
    ++counters_.gaps;
    counters_.lost += end - expected_;
    const std::uint64_t first = expected_;
    expected_ = end;
    sink.gap(first, end - 1, now);
  }
  drain(now, sink);
}

template <class Sink>
void Arbiter::ask(Nanoseconds now, Sink& sink) {
  const std::uint64_t missing = hole_end() - expected_;
  std::array<std::byte, request_size> request;
  write_request(
      session_, expected_,
      static_cast<std::uint16_t>(std::min<std::uint64_t>(missing, options_.request_limit)),
      request);
  ++asked_;
  ++counters_.requests;
  deadline_ = now + options_.answer_timeout;
  sink.request(request);
}

// After anything that may have moved expected_: the end of the session, the hole that is open now,
// the rest of an answer.
template <class Sink>
void Arbiter::settle(Nanoseconds now, Sink& sink) {
  if (expected_ >= known_next_) [[likely]] {
    hole_open_ = false;
    if (end_announced_ && !ended_) {
      ended_ = true;
      sink.end();
    }
    return;
  }
  const bool was_asked = hole_open_ && asked_ != 0 && hole_end() == hole_end_;
  const bool shrank = was_asked && expected_ > hole_begin_;
  watch_hole(now);
  if (!options_.rewinder) return;
  if (shrank || (asked_ == 0 && kept_count_ > mask_ / 2)) ask(now, sink);
}

template <class Sink>
void Arbiter::on_time(Nanoseconds now, Sink& sink) {
  while (hole_open_ && now >= deadline_) {
    if (options_.rewinder && asked_ < options_.attempts) {
      ask(now, sink);
      return;
    }
    lose_hole(hole_end(), now, sink);
    settle(now, sink);
  }
}

template <class Sink>
void Arbiter::finish(Nanoseconds now, Sink& sink) {
  while (expected_ < known_next_) lose_hole(hole_end(), now, sink);
  settle(now, sink);
}

}  // namespace zomma::mold
