// Its sin: start fails.
#include "plain.h"

namespace {
zm_status start(const zm_strategy*) { return ZM_E_FAILED; }
}  // namespace

PLAIN_PLUGIN("test.start_fails", me.hooks.start = start)
