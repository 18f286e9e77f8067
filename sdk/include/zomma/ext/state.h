/* state.h: what must survive a reload or a crash. The PLUGIN offers this table. The host wraps the bytes in an envelope
 * (plugin, schema, last sequence number, SHA-256), so a plugin only writes its own fields. */
#ifndef ZOMMA_EXT_STATE_H
#define ZOMMA_EXT_STATE_H

#include <zomma/strategy.h>
#include <zomma/stream.h>

#define ZM_EXT_STATE "zomma.state/1"

enum {
  ZM_STATE_RELOAD = 0,     /* the next event heard is last_seq + 1 */
  ZM_STATE_CHECKPOINT = 1, /* events may have gone by since: look at orders and positions again in start */
  ZM_STATE_CLONE = 2
};

typedef struct zm_state_info {
  uint32_t size;
  uint32_t reason;   /* ZM_STATE_* */
  uint32_t schema;   /* of the saved bytes; at most the plugin's own */
  uint32_t reserved;
  uint64_t last_seq; /* the last event whose effect the bytes contain */
  uint64_t length;
} zm_state_info;

typedef struct zm_state_api {
  uint32_t size;
  uint32_t reserved;
  /* The instance is unchanged by a save. [strategy] */
  zm_status (*save)(const zm_strategy *strategy, const zm_ostream *out, uint32_t reason);
  /* On any failure the instance is unchanged. ZM_E_STATE_NEWER, ZM_E_STATE_CORRUPT. [strategy] */
  zm_status (*load)(const zm_strategy *strategy, const zm_istream *in, const zm_state_info *info);
} zm_state_api;

ZM_ABI_ASSERT(sizeof(zm_state_info) == 32 && offsetof(zm_state_api, save) == 8, "1.0 layout");
ZM_ABI_ASSERT(offsetof(zm_state_api, load) == 16, "1.0 slots never move");

#endif
