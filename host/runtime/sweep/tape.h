// tape.h: the recordings of a configuration, decoded once and kept in memory, for many runs over the same data. Forked children
// share its pages.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "market/feeds/decoder.h"
#include "runtime/config/config.h"

namespace zomma {

// A recording's file up to the first packet at or after `until` (0: to its end).
Result<std::unique_ptr<FeedSource>> open_until(const Config& config, std::size_t feed, Nanoseconds until);

class Tape {
 public:
  // Reads every recording once. Optional recordings that are missing are left out; another error ends in Error. Keeps the
  // events if they fit into `memory` bytes; otherwise runs read the files.
  static Result<std::unique_ptr<Tape>> read(const Config& config, std::uint64_t memory);

  bool kept() const { return kept_; }
  Nanoseconds first() const { return first_; }  // receive time of the first event
  Nanoseconds last() const { return last_; }
  std::uint64_t events() const { return events_; }
  // SHA-256 over all events of all recordings, in the order of the configuration.
  const std::string& digest() const { return digest_; }

  // As open_until(), from memory where it is kept. The tape outlives it.
  Result<std::unique_ptr<FeedSource>> open(const Config& config, std::size_t feed, Nanoseconds until) const;

 private:
  struct Recording {
    std::vector<zm_event> events;
    FeedCounters counters;
    std::optional<Error> end;  // how it ended, if not in order
  };
  class Replay;

  std::vector<Recording> recordings_;
  bool kept_{true};
  Nanoseconds first_{INT64_MAX}, last_{};
  std::uint64_t events_{};
  std::string digest_;
};

}  // namespace zomma
