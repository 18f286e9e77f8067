// Its sin: it needs a function that nobody has.
#include "plain.h"

extern "C" void a_function_that_nobody_has();
volatile bool needed = false;
PLAIN_PLUGIN("test.unresolved_symbol", static_cast<void>(me);
             if (needed) a_function_that_nobody_has())
