// Its sin: its description has another id than its note.
#include "plain.h"

PLAIN_PLUGIN_AS("test.two_names", "1.0.0", 2, "test.another_name", 2, ZM_SUBSCRIBE_QUOTES, "",
                static_cast<void>(me))
