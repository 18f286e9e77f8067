/* abi.h: the ground every other header of the SDK stands on: status codes, visibility, layout assertions.
 *
 * Rules of this ABI: fixed-width integers only; a growable struct starts with its `uint32_t size` and only ever grows at
 * its end; enumerations travel as uint32_t or uint16_t; text is UTF-8, pointer and length; nobody frees what the other
 * side allocated. */
#ifndef ZOMMA_ABI_H
#define ZOMMA_ABI_H

#include <stddef.h>
#include <stdint.h>

/* Loaded when the major numbers are equal and the plugin's minor is not above the host's. */
#define ZM_ABI_MAJOR 1u
#define ZM_ABI_MINOR 1u

#ifdef __cplusplus
#define ZM_ABI_ASSERT(condition, why) static_assert(condition, why)
#define ZM_EXTERN_C extern "C"
#else
#define ZM_ABI_ASSERT(condition, why) _Static_assert(condition, why)
#define ZM_EXTERN_C
#endif

#define ZM_EXPORT ZM_EXTERN_C __attribute__((visibility("default")))

/* True when the struct behind `pointer`, as its maker knew it, reaches to the end of `member`. */
#define ZM_HAS(pointer, member) \
  ((pointer)->size >= (uint32_t)(((const char *)&(pointer)->member - (const char *)(pointer)) + sizeof((pointer)->member)))

/* Zero is success; every other value says whose fault it was and what may be done. */
typedef uint32_t zm_status;
enum {
  ZM_OK = 0,
  ZM_E_FAILED = 1,        /* see the text given to zm_host.set_error */
  ZM_E_ARGUMENT = 2,      /* a null, an out-of-range number, a struct whose `size` is too small */
  ZM_E_STATE = 3,         /* the call is not allowed in this phase of the instance's life */
  ZM_E_THREAD = 4,        /* the call came from the wrong thread */
  ZM_E_QUOTA = 5,         /* the instance's limit for this resource is used up */
  ZM_E_NOT_FOUND = 6,     /* no such instrument, order, timer, parameter */
  ZM_E_UNSUPPORTED = 7,   /* this host does not offer it */
  ZM_E_EXCEPTION = 8,     /* a C++ exception was stopped at the boundary */
  ZM_E_STATE_NEWER = 9,   /* the saved state was written by a newer schema */
  ZM_E_STATE_CORRUPT = 10,/* the saved state cannot be read */
  ZM_E_RISK = 11,         /* refused by a pre-trade check; the result carries the check's code */
  ZM_E_BUSY = 12          /* try again on a later event */
};

/* Text: UTF-8, not terminated. Valid for the duration of the call that passes it. */
typedef struct zm_text {
  const char *data;
  uint64_t length;
} zm_text;
ZM_ABI_ASSERT(sizeof(zm_text) == 16, "a text is a pointer and a length");

#endif
