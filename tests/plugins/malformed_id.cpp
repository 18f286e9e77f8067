// Its sin: its id is no reverse domain name.
#include "plain.h"

PLAIN_PLUGIN_AS("Not An Id", "1.0.0", 2, "Not An Id", 2, ZM_SUBSCRIBE_QUOTES, "",
                static_cast<void>(me))
