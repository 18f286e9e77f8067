// No sin: the plain plugin that the misbehaving ones change.
#include "plain.h"

PLAIN_PLUGIN("test.plain", static_cast<void>(me))
