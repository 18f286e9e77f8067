#include "market/feeds/binance/scanner.h"

namespace zomma::binance {

bool Scanner::skip_string() {
  ++at_;
  for (; at_ != end_; ++at_) {
    if (*at_ == '"') {
      ++at_;
      return true;
    }
    if (*at_ == '\\' && ++at_ == end_) return false;
  }
  return false;
}

bool Scanner::skip_value() {
  std::uint32_t depth = 0;
  do {
    const char c = peek();
    if (c == '"') {
      if (!skip_string()) return false;
    } else if (c == '{' || c == '[') {
      ++depth;
      ++at_;
      continue;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return false;
      --depth;
      ++at_;
    } else {
      // A number or a literal; inside a container also the punctuation.
      const char* start = at_;
      while (at_ != end_ && std::strchr(depth == 0 ? ",}]" : "\"{}[]", *at_) == nullptr) ++at_;
      if (at_ == start || at_ == end_) return false;
    }
  } while (depth != 0);
  return true;
}

}  // namespace zomma::binance
