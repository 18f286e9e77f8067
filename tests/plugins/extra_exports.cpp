// Its sin: it exports more than its entry.
#include "plain.h"

ZM_EXPORT int another_export(void) { return 1; }
PLAIN_PLUGIN("test.extra_exports", static_cast<void>(me))
