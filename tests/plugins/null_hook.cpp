// Its sin: one of its hooks is null.
#include "plain.h"

PLAIN_PLUGIN("test.null_hook", me.hooks.resume = nullptr)
