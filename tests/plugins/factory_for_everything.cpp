// Its sin: it has a factory for every id that it is asked for.
#include "plain.h"

ZM_PLUGIN_NOTE("test.factory_for_everything", "1.0.0", 2);
PLAIN_TABLES("1.0.0", "test.factory_for_everything", 2, ZM_SUBSCRIBE_QUOTES, "",
             static_cast<void>(me))
namespace {
const void* get_factory(const char*) { return &factory; }
constexpr zm_entry entry{ZM_ABI_MAJOR, ZM_ABI_MINOR, get_factory};
}  // namespace
ZM_EXPORT const zm_entry* zm_plugin_entry(void) { return &entry; }
