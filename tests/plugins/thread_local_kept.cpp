// Its sin: a thread-local object with a destructor keeps it mapped while the thread lives.
#include <string>

#include "plain.h"

namespace {
struct Note {
  std::string text = "a text long enough to need memory of its own";
};
zm_status events(const zm_strategy* strategy, const zm_batch* batch) {
  static thread_local Note note;
  of(strategy).memory.heard += note.text.empty() ? 1 : 0;
  return plain_events(strategy, batch);
}
}  // namespace

PLAIN_PLUGIN("test.thread_local_kept", me.hooks.on_events = events)
