// Its sin: it has a symbol that keeps its image mapped for ever.
#include "plain.h"

asm(".globl kept_for_ever\n.type kept_for_ever, @gnu_unique_object\n.data\nkept_for_ever: .quad "
    "1\n.size kept_for_ever, 8\n.text");
PLAIN_PLUGIN("test.unique_symbol", static_cast<void>(me))
