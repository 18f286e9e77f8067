// Its sin: it needs a function that nobody has.
#include "plain.h"

extern "C" void a_function_that_nobody_has();
PLAIN_PLUGIN("test.unresolved_symbol", if (me.hooks.size == 1) a_function_that_nobody_has())
