// Its sin: it cannot be quiesced.
#include "plain.h"

namespace {
zm_status quiesce(const zm_strategy*, std::int64_t) { return ZM_E_BUSY; }
}  // namespace

PLAIN_PLUGIN("test.quiesce_fails", me.hooks.quiesce = quiesce)
