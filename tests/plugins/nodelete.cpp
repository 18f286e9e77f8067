// Its sin: it was linked to stay mapped for ever.
#include "plain.h"

PLAIN_PLUGIN("test.nodelete", static_cast<void>(me))
