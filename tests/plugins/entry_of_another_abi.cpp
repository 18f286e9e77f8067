// Its sin: its entry speaks of another ABI than its note.
#include "plain.h"

ZM_PLUGIN_NOTE("test.entry_of_another_abi", "1.0.0", 2);
PLAIN_TABLES("1.0.0", "test.entry_of_another_abi", 2, ZM_SUBSCRIBE_QUOTES, "",
             static_cast<void>(me))
PLAIN_ENTRY(ZM_ABI_MINOR + 9)
