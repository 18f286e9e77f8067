// framing.h: cuts a BinaryFILE (repeated [u16 length][message]) into messages, and finds its way
// back after damaged bytes.
//
// Hot path: next() touches the length and the type, compares and advances; everything unusual is
// out of line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "market/feeds/itch/messages.h"

namespace zomma::itch {

enum class Framing : std::uint8_t {
  detect,         // by_type if the very first length is zero and more follows, else length_prefix
  length_prefix,  // as Nasdaq writes it; a zero length ends the file
  by_type         // the length is always zero and means nothing: advance by the type's size
};

// Works on a window of the file, so that a day need not lie in memory. A message is never split
// between windows: next() asks for more while fewer than `lookahead` bytes are left, and the caller
// moves the rest to the front of a new window.
class BinaryFile {
 public:
  enum class Step : std::uint8_t {
    message,    // `message` is filled
    more,       // give set_window() the bytes from offset() on
    lost,       // unreadable bytes were passed over; what follows can be read again
    end,        // the end mark, or the last byte of the file after a whole message
    truncated,  // the file ends inside a message, or what is left cannot be read
    trailing    // bytes without a frame follow the end mark
  };
  // Enough to look past three frames; frames of unknown type are believed up to a quarter of it.
  static constexpr std::size_t lookahead = 4096;

  explicit BinaryFile(Framing framing = Framing::detect) : framing_(framing) {}
  // The whole file at once.
  explicit BinaryFile(std::span<const std::byte> file, Framing framing = Framing::detect)
      : framing_(framing) {
    set_window(file, true);
  }

  // `window` begins at offset() of the file; `last`: nothing follows it. It must outlive the calls
  // of next().
  void set_window(std::span<const std::byte> window, bool last);

  Step next(std::span<const std::byte>& message) {
    if (static_cast<std::size_t>(end_ - at_) >= lookahead) [[likely]] {
      const std::size_t length = load_be16(at_);
      if (length != 0 && length == message_size(at_[2])) [[likely]] {
        message = {at_ + 2, length};
        at_ += 2 + length;
        return Step::message;
      }
    }
    return unusual(message);
  }

  // Where in the file the next frame begins.
  std::uint64_t offset() const { return window_offset_ + static_cast<std::uint64_t>(at_ - begin_); }
  // Bytes of the current window that were not read yet.
  std::size_t unread() const { return static_cast<std::size_t>(end_ - at_); }
  // Frames delivered although their length did not fit their type.
  std::uint64_t odd_lengths() const { return odd_lengths_; }
  // Bytes passed over because no frame could be recognised.
  std::uint64_t bytes_lost() const { return bytes_lost_; }

 private:
  Step unusual(std::span<const std::byte>& message);
  Step by_type(std::span<const std::byte>& message);
  Step deliver(std::size_t length, std::span<const std::byte>& message);
  Step search();
  bool is_frame(const std::byte* at) const;
  bool plausible(const std::byte* at, int depth) const;

  const std::byte* begin_ = nullptr;
  const std::byte* at_ = nullptr;
  const std::byte* end_ = nullptr;
  std::uint64_t window_offset_ = 0;
  std::uint64_t odd_lengths_ = 0;
  std::uint64_t bytes_lost_ = 0;
  Framing framing_;
  bool last_ = false;
  bool searching_ = false;
  bool end_mark_seen_ = false;
};

}  // namespace zomma::itch
