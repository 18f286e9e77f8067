/* host.h: the host as a plugin sees it: an opaque handle, a way to ask for extensions, a way to say what went wrong. */
#ifndef ZOMMA_HOST_H
#define ZOMMA_HOST_H

#include <zomma/abi.h>

typedef struct zm_host {
  uint32_t size;
  uint32_t abi_minor; /* what this host offers; never below what the plugin's note asked for */
  void *self;         /* the host's own */

  /* An extension's table by id ("zomma.orders/1"), or null if this host has none. The table lives as long as the
   * instance. [thread-safe] */
  const void *(*get_ext)(const struct zm_host *host, const char *id);

  /* The sentence behind the status that the current hook is about to return. Copied. [any thread of the instance] */
  void (*set_error)(const struct zm_host *host, const char *text, uint64_t length);
} zm_host;

ZM_ABI_ASSERT(offsetof(zm_host, self) == 8 && offsetof(zm_host, get_ext) == 16, "1.0 slots never move");
ZM_ABI_ASSERT(offsetof(zm_host, set_error) == 24 && sizeof(zm_host) == 32, "1.0 slots never move");

#endif
