// words.h: the words a file may use for an enumeration, in one table each: for reading, for
// writing, for did-you-mean.
#pragma once

#include <span>
#include <string_view>

namespace zomma {

template <class Enum>
struct Word {
  std::string_view text;
  Enum value;
};

// All words of an enumeration; specialised in words.cpp for every enumeration of config.h.
template <class Enum>
std::span<const Word<Enum>> words_of();

}  // namespace zomma
