// position.h: a place in a journal, ordered from old to new.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace zomma {

struct JournalPosition {
  std::uint64_t segment = 0;  // number of the segment file, from 1
  std::uint64_t offset = 0;   // bytes from the start of the uncompressed segment
  constexpr auto operator<=>(const JournalPosition&) const = default;
};

inline std::string to_string(const JournalPosition& at) {
  return "segment " + std::to_string(at.segment) + ", offset " + std::to_string(at.offset);
}

}  // namespace zomma
