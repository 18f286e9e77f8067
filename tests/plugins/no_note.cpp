// Its sin: a shared library, but no plugin.
#include <zomma/abi.h>

ZM_EXPORT int zm_plugin_entry(void) { return 7; }
