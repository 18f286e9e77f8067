#include "market/feeds/mold/arbiter.h"

#include <bit>

namespace zomma::mold {

Arbiter::Arbiter(const ArbiterOptions& options) : options_(options) {
  const std::size_t slots = std::bit_ceil(std::max<std::size_t>(options.buffer_messages, 2));
  mask_ = slots - 1;
  stamps_.assign(slots, UINT64_MAX);
  lengths_.assign(slots, 0);
  slots_.resize(slots * options.max_message);
}

// Whether a packet belongs to the stream. One stray packet (a damaged header, a late one of
// yesterday's session) must not carry the stream away, for then every honest packet would look old;
// hence the confirmation by a second one.
Arbiter::Verdict Arbiter::judge(const Header& header) {
  if (header.sequence == 0 || header.sequence > UINT64_MAX - header.messages() - 1) {
    ++counters_.malformed;
    return Verdict::drop;
  }
  if (!has_session_) return Verdict::new_session;
  const bool same = header.session == session_;
  if (same && (header.sequence <= known_next_ ||
               header.sequence - known_next_ <= options_.max_jump)) [[likely]] {
    has_candidate_ = false;
    return Verdict::current;
  }
  if (!same && has_retired_ && header.session == retired_) {
    counters_.duplicates += header.messages();
    return Verdict::drop;
  }
  if (!same && (ended_ || header.sequence == 1)) return Verdict::new_session;
  const bool confirmed = has_candidate_ && header.session == candidate_ &&
                         header.sequence + options_.max_jump >= candidate_next_ &&
                         header.sequence <= candidate_next_ + options_.max_jump;
  if (confirmed) return same ? Verdict::current : Verdict::new_session;
  ++counters_.malformed;
  has_candidate_ = true;
  candidate_ = header.session;
  candidate_next_ = header.sequence + header.messages();
  return Verdict::drop;
}

void Arbiter::start_session(const Session& session, std::uint64_t first) {
  retired_ = session_;
  has_retired_ = has_session_;
  session_ = session;
  has_session_ = true;
  has_candidate_ = false;
  end_announced_ = ended_ = false;
  expected_ = known_next_ = first;
  hole_open_ = false;
  kept_count_ = 0;
  std::fill(stamps_.begin(), stamps_.end(), UINT64_MAX);
}

void Arbiter::keep(std::uint64_t sequence, std::span<const std::byte> message) {
  ++counters_.out_of_order;
  if (message.size() > options_.max_message) {
    ++counters_.malformed;
    return;
  }
  const std::size_t slot = sequence & mask_;
  stamps_[slot] = sequence;
  lengths_[slot] = static_cast<std::uint16_t>(message.size());
  if (!message.empty())
    std::memcpy(slots_.data() + slot * options_.max_message, message.data(), message.size());
  lowest_kept_ = kept_count_ == 0 ? sequence : std::min(lowest_kept_, sequence);
  ++kept_count_;
}

std::span<const std::byte> Arbiter::kept(std::uint64_t sequence) const {
  const std::size_t slot = sequence & mask_;
  return {slots_.data() + slot * options_.max_message, lengths_[slot]};
}

void Arbiter::find_lowest_kept() {
  if (kept_count_ == 0 || lowest_kept_ >= expected_) return;
  lowest_kept_ = expected_;
  while (!is_kept(lowest_kept_)) ++lowest_kept_;
}

void Arbiter::watch_hole(Nanoseconds now) {
  const std::uint64_t end = hole_end();
  if (!hole_open_ || end != hole_end_) {
    asked_ = 0;
    deadline_ = now + options_.gap_timeout;
  } else if (expected_ != hole_begin_) {
    asked_ = 0;
  }
  hole_open_ = true;
  hole_begin_ = expected_;
  hole_end_ = end;
}

}  // namespace zomma::mold
