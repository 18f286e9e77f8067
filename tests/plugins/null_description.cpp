// Its sin: a text of its description is null.
#include "plain.h"

PLAIN_PLUGIN_AS("test.null_description", "1.0.0", 2, "test.null_description", 2,
                ZM_SUBSCRIBE_QUOTES, nullptr, static_cast<void>(me))
