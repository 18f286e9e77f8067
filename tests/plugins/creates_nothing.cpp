// Its sin: create gives no instance.
#include "plain.h"

PLAIN_PLUGIN("test.creates_nothing", delete made; return nullptr; static_cast<void>(me))
