/* c_plugin.h: what every plugin in C would otherwise write again: the factory, the entry, and hooks that do nothing.
 *
 * A strategy is a struct whose first member is `zm_strategy base`. It names the hooks it has; ZM_C_PLUGIN makes the rest.
 * C++ authors take zomma.hpp instead. */
#ifndef ZOMMA_C_PLUGIN_H
#define ZOMMA_C_PLUGIN_H

#include <stdlib.h>
#include <string.h>

#include <zomma/entry.h>
#include <zomma/strategy.h>

/* Hooks for those that a strategy leaves out. [as the hooks] */
static inline zm_status zm_c_init(const zm_strategy *s, const zm_host *h) { (void)s; (void)h; return ZM_OK; }
static inline zm_status zm_c_activate(const zm_strategy *s, const zm_activation *a) { (void)s; (void)a; return ZM_OK; }
static inline zm_status zm_c_nothing(const zm_strategy *s) { (void)s; return ZM_OK; }
static inline zm_status zm_c_on_events(const zm_strategy *s, const zm_batch *b) { (void)s; (void)b; return ZM_OK; }
static inline zm_status zm_c_quiesce(const zm_strategy *s, int64_t deadline_ns) { (void)s; (void)deadline_ns; return ZM_OK; }
static inline void zm_c_deactivate(const zm_strategy *s) { (void)s; }
static inline void zm_c_destroy(const zm_strategy *s) { free(s->self); }
static inline const void *zm_c_get_ext(const zm_strategy *s, const char *id) { (void)s; (void)id; return NULL; }

/* A new instance of `bytes` zeroed bytes that begin with the hooks; null without memory. [control] */
static inline const zm_strategy *zm_c_create(uint64_t bytes, const zm_strategy *hooks, const zm_desc *desc) {
  zm_strategy *made = (zm_strategy *)calloc(1, (size_t)bytes);
  if (made == NULL) return NULL;
  *made = *hooks;
  made->size = (uint32_t)sizeof(zm_strategy);
  made->desc = desc;
  made->self = made;
  if (!made->init) made->init = zm_c_init;
  if (!made->activate) made->activate = zm_c_activate;
  if (!made->start) made->start = zm_c_nothing;
  if (!made->on_events) made->on_events = zm_c_on_events;
  if (!made->quiesce) made->quiesce = zm_c_quiesce;
  if (!made->resume) made->resume = zm_c_nothing;
  if (!made->deactivate) made->deactivate = zm_c_deactivate;
  if (!made->destroy) made->destroy = zm_c_destroy;
  if (!made->get_ext) made->get_ext = zm_c_get_ext;
  return made;
}

/* An extension's table of the host's, cast to its type; null if this host has none. */
#define ZM_C_EXT(host, type, id) ((const type *)(host)->get_ext((host), (id)))

/* Once per plugin, at file scope, without a semicolon: the strategy's struct, the plugin's id and version, the version of
 * its saved state, what it hears (ZM_SUBSCRIBE_*), and a `static const zm_strategy` with the hooks it has. */
#define ZM_C_PLUGIN(type, plugin_id, plugin_version, schema, hears, hooks)                                             \
  ZM_PLUGIN_NOTE(plugin_id, plugin_version, schema);                                                                   \
  static const zm_desc zm_desc_ = {sizeof(zm_desc), (schema), plugin_id, plugin_version, #type, "", (hears)};          \
  static const zm_strategy *zm_create_(const zm_host *host) {                                                          \
    (void)host;                                                                                                        \
    return zm_c_create(sizeof(type), &(hooks), &zm_desc_);                                                             \
  }                                                                                                                    \
  static const zm_strategy_factory zm_factory_ = {sizeof(zm_strategy_factory), 0, &zm_desc_, zm_create_};              \
  static const void *zm_get_factory_(const char *id) {                                                                 \
    return strcmp(id, ZM_STRATEGY_FACTORY) == 0 ? (const void *)&zm_factory_ : NULL;                                   \
  }                                                                                                                    \
  static const zm_entry zm_entry_ = {ZM_ABI_MAJOR, ZM_ABI_MINOR, zm_get_factory_};                                     \
  ZM_EXPORT const zm_entry *zm_plugin_entry(void) { return &zm_entry_; }

#endif
