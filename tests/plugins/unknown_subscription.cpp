// Its sin: it subscribes to something that does not exist.
#include "plain.h"

PLAIN_PLUGIN_AS("test.unknown_subscription", "1.0.0", 2, "test.unknown_subscription", 2,
                ZM_SUBSCRIBE_QUOTES | 1ull << 40, "", static_cast<void>(me))
