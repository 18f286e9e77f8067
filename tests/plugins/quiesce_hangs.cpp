// Its sin: quiesce never returns.
#include "plain.h"

namespace {
volatile bool go_on = true;
zm_status quiesce(const zm_strategy*, std::int64_t) {
  while (go_on) {
  }
  return ZM_OK;
}
}  // namespace

PLAIN_PLUGIN("test.quiesce_hangs", me.hooks.quiesce = quiesce)
