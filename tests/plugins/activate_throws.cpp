// Its sin: activate lets an exception through.
#include "plain.h"

namespace {
zm_status activate(const zm_strategy*, const zm_activation*) { throw 1; }
}  // namespace

PLAIN_PLUGIN("test.activate_throws", me.hooks.activate = activate)
