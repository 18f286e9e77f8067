/* log.h: lines for the operator. Rate-limited per instance; what was dropped is counted and said. */
#ifndef ZOMMA_EXT_LOG_H
#define ZOMMA_EXT_LOG_H

#include <zomma/host.h>

#define ZM_EXT_LOG "zomma.log/1"

enum { ZM_LOG_DEBUG = 0, ZM_LOG_INFO = 1, ZM_LOG_WARNING = 2, ZM_LOG_ERROR = 3 };

typedef struct zm_log_api {
  uint32_t size;
  uint32_t reserved;
  /* One line of UTF-8, copied; control characters are shown escaped. [thread-safe] */
  void (*write)(const zm_host *host, uint32_t level, const char *text, uint64_t length);
} zm_log_api;

ZM_ABI_ASSERT(offsetof(zm_log_api, write) == 8, "1.0 slots never move");

#endif
