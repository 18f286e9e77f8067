// Its sin: its hook table says that it ends before the hooks begin.
#include "plain.h"

PLAIN_PLUGIN("test.small_hook_table", me.hooks.size = 24)
