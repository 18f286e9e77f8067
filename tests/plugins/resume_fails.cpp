// Its sin: once quiesced it cannot go on.
#include "plain.h"

namespace {
zm_status resume(const zm_strategy*) { return ZM_E_FAILED; }
}  // namespace

PLAIN_PLUGIN("test.resume_fails", me.hooks.resume = resume)
