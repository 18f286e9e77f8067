/* buffers.h: large state in memory of the host's, kept by name from one generation of the code to the next.
 *
 * What a strategy would need milliseconds to write into a stream (weights, histories, tables) it puts here instead: a
 * reload then costs one copy. Each generation has its own copy, so a roll-back finds what the old code left.
 *
 * Rationale: memory that two generations shared could hold the effect of events that one of them hears again. */
#ifndef ZOMMA_EXT_BUFFERS_H
#define ZOMMA_EXT_BUFFERS_H

#include <zomma/host.h>

#define ZM_EXT_BUFFERS "zomma.buffers/1"

typedef struct zm_buffers_api {
  uint32_t size;
  uint32_t reserved;
  /* `bytes` of zeroed memory, aligned to 64, valid until destroy. Before load and start it is filled with what the
   * generation or checkpoint before held under the same name and with the same size. A name once per instance.
   * ZM_E_QUOTA above the instance's memory limit, ZM_E_ARGUMENT for no bytes, an empty name, a name taken already.
   * [control: in activate] */
  zm_status (*adopt)(const zm_host *host, const char *name, uint64_t bytes, void **memory);
  /* 1 if the content came from an earlier generation or a checkpoint, else 0. [strategy: from load on] */
  uint32_t (*restored)(const zm_host *host, const char *name);
} zm_buffers_api;

ZM_ABI_ASSERT(offsetof(zm_buffers_api, adopt) == 8 && offsetof(zm_buffers_api, restored) == 16, "1.0 slots never move");

#endif
