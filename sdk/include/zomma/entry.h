/* entry.h: the door. A plugin exports one function and carries one ELF note; both are frozen.
 *
 * Rationale: the note can be read from the file without running a single instruction of it, so a plugin of another ABI is
 * refused before its constructors could run. Everything that may grow is fetched by name through get_factory. */
#ifndef ZOMMA_ENTRY_H
#define ZOMMA_ENTRY_H

#include <zomma/abi.h>

typedef struct zm_entry {
  uint32_t abi_major, abi_minor;
  /* A factory by its id, or null. The answer lives as long as the library is mapped. [control] */
  const void *(*get_factory)(const char *id);
} zm_entry;
ZM_ABI_ASSERT(sizeof(zm_entry) == 16 && offsetof(zm_entry, get_factory) == 8, "frozen");

/* The only exported symbol of a plugin. Does nothing but return a constant. [control] */
ZM_EXPORT const zm_entry *zm_plugin_entry(void);

#define ZM_NOTE_SECTION ".note.zomma"
#define ZM_NOTE_TYPE 1u

/* The note's descriptor. Texts are zero-padded. Fixed for ever: a new fact is a new note type. */
typedef struct zm_note_desc {
  uint32_t abi_major, abi_minor;
  uint32_t state_schema; /* version of what the plugin saves; a newer one is never given to an older plugin */
  uint32_t flags;        /* ZM_NOTE_USES_DRAFT */
  char id[64];           /* reverse domain: "com.acme.wheel" */
  char version[24];      /* "1.2.0" */
  char sdk[24];          /* release of the SDK it was built with */
} zm_note_desc;
enum { ZM_NOTE_USES_DRAFT = 1u << 0 };

typedef struct zm_note {
  uint32_t name_size, desc_size, type; /* as ELF wants them */
  char name[8];                        /* "Zomma", padded to four bytes */
  zm_note_desc desc;
} zm_note;
ZM_ABI_ASSERT(sizeof(zm_note_desc) == 128 && sizeof(zm_note) == 148, "frozen");
ZM_ABI_ASSERT(offsetof(zm_note_desc, id) == 16 && offsetof(zm_note_desc, sdk) == 104, "frozen");

#define ZM_SDK_RELEASE "0.1.0"

/* Once per plugin, at file scope: ZM_PLUGIN_NOTE("com.acme.wheel", "1.2.0", 3) */
#define ZM_PLUGIN_NOTE(plugin_id, plugin_version, schema)                                              \
  __attribute__((used, section(ZM_NOTE_SECTION), aligned(4))) static const zm_note zm_plugin_note_ = { \
      6u, (uint32_t)sizeof(zm_note_desc), ZM_NOTE_TYPE, "Zomma",                                       \
      {ZM_ABI_MAJOR, ZM_ABI_MINOR, (schema), 0u, plugin_id, plugin_version, ZM_SDK_RELEASE}}

#endif
