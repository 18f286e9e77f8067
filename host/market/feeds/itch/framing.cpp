#include "market/feeds/itch/framing.h"

namespace zomma::itch {

void BinaryFile::set_window(std::span<const std::byte> window, bool last) {
  window_offset_ = offset();
  begin_ = at_ = window.data();
  end_ = begin_ + window.size();
  last_ = last;
}

// True if a whole, known message with the right length stands at `at`, or its beginning where the
// file ends.
bool BinaryFile::is_frame(const std::byte* at) const {
  const auto left = static_cast<std::size_t>(end_ - at);
  if (left < 3) return false;
  const std::size_t size = message_size(at[2]);
  const std::size_t length = load_be16(at);
  return size != 0 && length == (framing_ == Framing::by_type ? 0 : size);
}

// True if the file may well go on at `at`: it ends there, or a known frame stands there, behind at
// most `depth` frames of types we do not know.
bool BinaryFile::plausible(const std::byte* at, int depth) const {
  if (at > end_) return false;
  const auto left = static_cast<std::size_t>(end_ - at);
  if (left == 0 || (left < 3 && last_)) return true;
  if (is_frame(at)) return true;
  const std::size_t length = load_be16(at);
  if (length == 0) return last_ && left == 2;
  return depth > 0 && message_size(at[2]) == 0 && length <= lookahead / 4 && length <= left - 2 &&
         plausible(at + 2 + length, depth - 1);
}

BinaryFile::Step BinaryFile::deliver(std::size_t length, std::span<const std::byte>& message) {
  message = {at_ + 2, length};
  at_ += 2 + length;
  return Step::message;
}

BinaryFile::Step BinaryFile::unusual(std::span<const std::byte>& message) {
  if (searching_) return search();
  const std::size_t left = unread();
  if (!last_ && left < lookahead) return Step::more;
  if (left == 0) return Step::end;
  if (left < 2) return Step::truncated;
  const std::size_t length = load_be16(at_);
  if (framing_ == Framing::detect)
    framing_ = length == 0 && left > 2 ? Framing::by_type : Framing::length_prefix;
  if (framing_ == Framing::by_type) return by_type(message);
  if (length == 0 && last_ && left == 2) {
    at_ = end_;
    return Step::end;
  }
  const std::size_t size = left < 3 ? 0 : message_size(at_[2]);
  if (size != 0 && length == size)
    return length <= left - 2 ? deliver(length, message) : Step::truncated;
  // The length or the type is damaged, or the type is new. Believe whichever leads to a frame.
  if (length != 0 && length <= left - 2 && plausible(at_ + 2 + length, 2)) {
    odd_lengths_ += size != 0;
    return deliver(length, message);
  }
  if (size != 0 && size <= left - 2 && plausible(at_ + 2 + size, 0)) {
    ++odd_lengths_;
    return deliver(size, message);
  }
  end_mark_seen_ = length == 0;
  return search();
}

BinaryFile::Step BinaryFile::by_type(std::span<const std::byte>& message) {
  const std::size_t left = unread();
  if (left == 2) {
    at_ = end_;
    return Step::end;
  }
  const std::size_t size = message_size(at_[2]);
  if (size == 0) return search();
  if (size > left - 2) return Step::truncated;
  if (load_be16(at_) != 0) ++odd_lengths_;
  return deliver(size, message);
}

// Passes over bytes until two known frames follow each other.
BinaryFile::Step BinaryFile::search() {
  if (!searching_) {
    ++at_;
    ++bytes_lost_;
  }
  searching_ = true;
  for (; unread() >= (last_ ? 3 : lookahead); ++at_, ++bytes_lost_) {
    if (!is_frame(at_)) continue;
    const std::byte* behind = at_ + 2 + message_size(at_[2]);
    if (behind > end_ || (behind != end_ && !is_frame(behind))) continue;
    searching_ = false;
    return Step::lost;
  }
  if (!last_) return Step::more;
  bytes_lost_ += unread();
  at_ = end_;
  searching_ = false;
  return end_mark_seen_ ? Step::trailing : Step::truncated;
}

}  // namespace zomma::itch
