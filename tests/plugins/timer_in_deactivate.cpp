// Its sin: it asks for a timer when it is already over.
#include "plain.h"

namespace {
void deactivate(const zm_strategy* strategy) {
  std::uint64_t id = 0;
  of(strategy).timers->arm(of(strategy).host, 1, 1, &id);
}
}  // namespace

PLAIN_PLUGIN("test.timer_in_deactivate", me.hooks.deactivate = deactivate)
