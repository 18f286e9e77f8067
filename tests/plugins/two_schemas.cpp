// Its sin: its description has another state schema than its note.
#include "plain.h"

PLAIN_PLUGIN_AS("test.two_schemas", "1.0.0", 2, "test.two_schemas", 3, ZM_SUBSCRIBE_QUOTES, "",
                static_cast<void>(me))
