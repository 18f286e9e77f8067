// Its sin: it was built for an ABI that this host does not speak. Its constructor would end the
// process, if it ever ran.
#include <cstdlib>

#include <zomma/entry.h>

#define ZM_NOTE_OF_ANOTHER_AGE 2u
__attribute__((used, section(ZM_NOTE_SECTION), aligned(4))) static const zm_note note = {
    6u,
    sizeof(zm_note_desc),
    ZM_NOTE_TYPE,
    "Zomma",
    {ZM_NOTE_OF_ANOTHER_AGE, 7u, 1u, 0u, "test.other_major", "9.0.0", "2.7.0"}};

struct Never {
  Never() { std::exit(66); }
} never_constructed;

ZM_EXPORT const zm_entry* zm_plugin_entry(void) { return nullptr; }
