// line_reader.h: the lines of a byte source, each found in place in one bounded window. A line ends
// with LF or CR LF; the last one may lack it. Hot path between two windows: no allocation, copy or
// system call.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "market/feeds/file/byte_source.h"

namespace zomma {

struct Line {
  std::string_view text;   // without its end; valid until the next call
  std::uint64_t number{};  // from 1
  std::uint64_t offset{};  // of its first byte in the unpacked data
};

class LineReader {
 public:
  static constexpr std::size_t default_window = 1u << 20;

  // `name` appears in errors. A line and its end must fit into `window` bytes.
  LineReader(std::string name, std::unique_ptr<ByteSource> source,
             std::size_t window = default_window);

  // False at the end, or when the bytes behind the last good line cannot be had: then failure()
  // says why, with line number and offset. A line that the damage cut off is not handed out.
  bool next(Line& line);
  const std::optional<Error>& failure() const { return failure_; }
  const std::string& name() const { return name_; }

 private:
  bool refill();
  Error too_long() const;

  std::string name_;
  std::unique_ptr<ByteSource> source_;
  std::vector<char> window_;
  std::size_t begin_ = 0;  // of what has not been handed out
  std::size_t end_ = 0;
  std::size_t searched_ = 0;  // no line end in [begin_, searched_)
  std::uint64_t window_offset_ = 0;
  std::uint64_t lines_ = 0;
  bool ended_ = false;
  std::optional<Error> failure_;
};

}  // namespace zomma
