// drain.h: reads a recorded feed to its end and stops the program where a promise of every source
// is broken.
#pragma once

#include <cstdio>
#include <cstdlib>

#include "market/feeds/decoder.h"

namespace zomma::fuzz {

inline void require(bool promise, const char* what) {
  if (promise) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

// `complete_batches`: every message's events end with ZM_FLAG_LAST, whatever the input.
inline void drain(FeedSource& source, std::size_t capacity, bool complete_batches) {
  EventBuffer out(capacity);
  std::int64_t now = INT64_MIN;
  std::uint64_t events = 0;
  bool complete = true;
  for (;;) {
    out.clear();
    const auto count = source.read(out);
    if (!count) {
      const auto again = source.read(out);
      require(!again && again.error().message == count.error().message,
              "a failed source fails again in the same way");
      break;
    }
    require(*count == out.size(), "read() returns what it appended");
    if (*count == 0) break;
    events += *count;
    for (const zm_event& event : out.events()) {
      require(event.ts_ns >= now, "time never falls");
      require(event.kind != ZM_EVENT_NONE && event.seq == 0,
              "every event has a kind, and no number yet");
      now = event.ts_ns;
    }
    complete = (out.events().back().flags & ZM_FLAG_LAST) != 0;
    require(!complete_batches || complete, "a read ends where a message ends");
  }
  require(events == source.position() && events == source.counters().events,
          "every event is counted");
}

}  // namespace zomma::fuzz
