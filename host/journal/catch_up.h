// catch_up.h: the inputs first..last from a journal, for a bus reader that fell behind and was told
// what it missed.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "journal/reader.h"

namespace zomma {

class CatchUpReader {
 public:
  // Inputs are numbered from 1; first <= last. The journal may still be written.
  static Result<CatchUpReader> open(const std::string& directory, std::uint64_t first,
                                    std::uint64_t last);

  // The next input, in order, each once; null when `last` was delivered or the journal has no more
  // for now (then next_seq()
  // <= last; ask again), or when it is damaged (`damaged()`). Valid until the next call.
  const zm_event* next();

  // Of the input that the next successful call delivers.
  std::uint64_t next_seq() const { return next_seq_; }
  bool done() const { return next_seq_ > last_; }
  // Set when the range cannot be completed; says what is missing.
  bool damaged() const { return !damage_.empty(); }
  const std::string& damage() const { return damage_; }

 private:
  CatchUpReader(JournalReader reader, std::uint64_t first, std::uint64_t last)
      : reader_(std::move(reader)), next_seq_(first), last_(last) {}

  JournalReader reader_;
  std::uint64_t next_seq_;
  std::uint64_t last_;
  std::string damage_;
};

}  // namespace zomma
