// Its sin: it asks for a newer ABI than the host has.
#include "plain.h"

__attribute__((used, section(ZM_NOTE_SECTION), aligned(4))) static const zm_note note = {
    6u,
    sizeof(zm_note_desc),
    ZM_NOTE_TYPE,
    "Zomma",
    {ZM_ABI_MAJOR, ZM_ABI_MINOR + 9, 2u, 0u, "test.newer_minor", "1.0.0", "9.9.9"}};
PLAIN_TABLES("1.0.0", "test.newer_minor", 2, ZM_SUBSCRIBE_QUOTES, "", static_cast<void>(me))
PLAIN_ENTRY(ZM_ABI_MINOR + 9)
