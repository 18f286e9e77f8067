// Its sin: a hook written against the C headers lets an exception through to the host.
#include <zomma/entry.h>
#include <zomma/strategy.h>

#include <cstring>

namespace {
zm_status ok(const zm_strategy*) { return ZM_OK; }
zm_status init(const zm_strategy*, const zm_host*) { return ZM_OK; }
zm_status activate(const zm_strategy*, const zm_activation*) { return ZM_OK; }
zm_status on_events(const zm_strategy*, const zm_batch*) { throw 42; }
zm_status quiesce(const zm_strategy*, int64_t) { return ZM_OK; }
void nothing(const zm_strategy*) {}
const void* get_ext(const zm_strategy*, const char*) { return nullptr; }

constexpr zm_desc desc{sizeof(zm_desc), 1,  "test.throws_c",    "1.0.0",
                       "throws_c",      "", ZM_SUBSCRIBE_QUOTES};
constexpr zm_strategy hooks{sizeof(zm_strategy), 0,       &desc, nullptr, init,    activate, ok,
                            on_events,           quiesce, ok,    nothing, nothing, get_ext};
const zm_strategy* create(const zm_host*) { return &hooks; }
constexpr zm_strategy_factory factory{sizeof(zm_strategy_factory), 0, &desc, create};
const void* get_factory(const char* id) {
  return std::strcmp(id, ZM_STRATEGY_FACTORY) == 0 ? &factory : nullptr;
}
constexpr zm_entry entry{ZM_ABI_MAJOR, ZM_ABI_MINOR, get_factory};
}  // namespace

ZM_PLUGIN_NOTE("test.throws_c", "1.0.0", 1);
ZM_EXPORT const zm_entry* zm_plugin_entry(void) { return &entry; }
