/* params.h: what an operator may tune. The PLUGIN offers this table (zm_strategy.get_ext); the host checks the TOML file
 * against it and sends every value as a ZM_EVENT_PARAMETER: all of them after start, each again when it changes. */
#ifndef ZOMMA_EXT_PARAMS_H
#define ZOMMA_EXT_PARAMS_H

#include <zomma/strategy.h>

#define ZM_EXT_PARAMS "zomma.params/1"

enum { ZM_PARAM_REAL = 0, ZM_PARAM_INTEGER = 1, ZM_PARAM_BOOLEAN = 2 }; /* booleans travel as integer 0 or 1 */
enum { ZM_PARAM_LIVE = 1u << 0 }; /* may change while running; without it a change needs a reload */

typedef struct zm_param_info {
  uint32_t size;
  uint32_t type, flags, reserved;
  const char *name, *unit, *description; /* zero-terminated; name is the TOML key */
  double default_value, minimum, maximum;
} zm_param_info;

typedef struct zm_params_api {
  uint32_t size;
  uint32_t count;
  /* Fills `out` (whose size the caller sets) for 0 <= index < count. [control] */
  zm_status (*info)(const zm_strategy *strategy, uint32_t index, zm_param_info *out);
} zm_params_api;

ZM_ABI_ASSERT(sizeof(zm_param_info) == 64 && offsetof(zm_param_info, default_value) == 40, "1.0 layout");
ZM_ABI_ASSERT(offsetof(zm_params_api, info) == 8, "1.0 slots never move");

#endif
