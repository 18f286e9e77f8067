// Its sin: destroy forgets the instance.
#include "plain.h"

PLAIN_PLUGIN("test.leaks_memory", me.hooks.destroy = plain_nothing)
