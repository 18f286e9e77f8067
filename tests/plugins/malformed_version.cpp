// Its sin: its version is no version.
#include "plain.h"

PLAIN_PLUGIN_AS("test.malformed_version", "one point two", 2, "test.malformed_version", 2,
                ZM_SUBSCRIBE_QUOTES, "", static_cast<void>(me))
