// scanner.h: a strict walk over one JSON text, for shapes known beforehand. Strings are taken as
// they stand (Binance escapes nothing); no white space between tokens, because there is none. Hot
// path: no allocation; never reads beyond the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace zomma::binance {

class Scanner {
 public:
  explicit Scanner(std::string_view text)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {}

  bool take(char wanted) {
    if (at_ == end_ || *at_ != wanted) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view wanted) {
    if (static_cast<std::size_t>(end_ - at_) < wanted.size() ||
        std::memcmp(at_, wanted.data(), wanted.size()) != 0)
      return false;
    at_ += wanted.size();
    return true;
  }
  char peek() const { return at_ == end_ ? '\0' : *at_; }
  bool at_end() const { return at_ == end_; }

  // A string without escapes, with its quotes taken off.
  bool string(std::string_view& out) {
    if (!take('"')) return false;
    const char* start = at_;
    while (at_ != end_ && *at_ != '"' && *at_ != '\\') ++at_;
    out = {start, static_cast<std::size_t>(at_ - start)};
    return take('"');
  }
  // "key": of an object's member. The one-letter keys of the stream messages are by far the most
  // frequent.
  bool key(std::string_view& out) {
    if (end_ - at_ >= 4 && at_[0] == '"' && at_[2] == '"' && at_[3] == ':' && at_[1] != '\\') {
      out = {at_ + 1, 1};
      at_ += 4;
      return true;
    }
    return string(out) && take(':');
  }
  // Passes over a value of any kind.
  bool skip_value();

  const char*& cursor() { return at_; }
  const char* end() const { return end_; }
  std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }
  void go_to(std::size_t offset) { at_ = begin_ + offset; }

 private:
  bool skip_string();

  const char* begin_;
  const char* at_;
  const char* end_;
};

// Calls on_member(key) with the scanner at the value, for each member of the object at hand; stops
// at the first that returns false.
template <class OnMember>
bool for_each_member(Scanner& scanner, OnMember&& on_member) {
  if (!scanner.take('{')) return false;
  if (scanner.take('}')) return true;
  std::string_view key;
  do {
    if (!scanner.key(key) || !on_member(key)) return false;
  } while (scanner.take(','));
  return scanner.take('}');
}

}  // namespace zomma::binance
