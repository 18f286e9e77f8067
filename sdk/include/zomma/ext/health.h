/* health.h: how the instance feels, for /healthz and the operator's view. The last report per code stands. */
#ifndef ZOMMA_EXT_HEALTH_H
#define ZOMMA_EXT_HEALTH_H

#include <zomma/host.h>

#define ZM_EXT_HEALTH "zomma.health/1"

enum { ZM_HEALTH_OK = 0, ZM_HEALTH_DEGRADED = 1, ZM_HEALTH_FAILING = 2 };

typedef struct zm_health_api {
  uint32_t size;
  uint32_t reserved;
  /* `code` is the plugin's own number for one condition; reporting it again with ZM_HEALTH_OK clears it.
   * [strategy] */
  void (*report)(const zm_host *host, uint32_t level, uint32_t code, const char *text, uint64_t length);
} zm_health_api;

ZM_ABI_ASSERT(offsetof(zm_health_api, report) == 8, "1.0 slots never move");

#endif
