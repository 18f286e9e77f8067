#include "market/feeds/file/line_reader.h"

#include <algorithm>
#include <cstring>

namespace zomma {

LineReader::LineReader(std::string name, std::unique_ptr<ByteSource> source, std::size_t window)
    : name_(std::move(name)),
      source_(std::move(source)),
      window_(std::max<std::size_t>(window, 2)) {}

bool LineReader::next(Line& line) {
  const char* end = nullptr;
  while (true) {
    const auto* found =
        static_cast<const char*>(std::memchr(window_.data() + searched_, '\n', end_ - searched_));
    if (found != nullptr) {
      end = found;
      break;
    }
    searched_ = end_;
    if (ended_) {
      if (begin_ == end_ || failure_) return false;
      end = window_.data() + end_;  // the last line, without its end
      break;
    }
    if (!refill()) return false;
  }
  const char* start = window_.data() + begin_;
  std::size_t size = static_cast<std::size_t>(end - start);
  line.offset = window_offset_ + begin_;
  line.number = ++lines_;
  begin_ = std::min(begin_ + size + 1, end_);
  searched_ = begin_;
  if (size != 0 && start[size - 1] == '\r') --size;
  line.text = {start, size};
  return true;
}

// More bytes behind what is left; false when the left part is a line too long for the window.
bool LineReader::refill() {
  if (begin_ != 0) {
    std::memmove(window_.data(), window_.data() + begin_, end_ - begin_);
    window_offset_ += begin_;
    end_ -= begin_;
    searched_ -= begin_;
    begin_ = 0;
  }
  if (end_ == window_.size()) {
    ended_ = true;
    failure_ = too_long();
    return false;
  }
  const auto room = std::as_writable_bytes(std::span(window_).subspan(end_));
  const auto count = source_->read(room);
  if (!count) {
    ended_ = true;
    failure_ = count.error();
    failure_->message += "; line " + std::to_string(lines_ + 1) + " was the next";
    return true;
  }
  end_ += *count;
  ended_ = *count == 0;  // a short read may have an error behind it
  return true;
}

Error LineReader::too_long() const {
  return {Errc::corrupt, name_ + ": line " + std::to_string(lines_ + 1) + " at byte " +
                             std::to_string(window_offset_ + begin_) + " is longer than " +
                             std::to_string(window_.size()) + " bytes; is this a text file?"};
}

}  // namespace zomma
