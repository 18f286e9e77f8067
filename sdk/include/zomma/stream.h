/* stream.h: opaque byte streams, for saved state. Either side may move fewer bytes than asked: call again for the rest. */
#ifndef ZOMMA_STREAM_H
#define ZOMMA_STREAM_H

#include <zomma/abi.h>

typedef struct zm_ostream {
  void *self;
  /* Takes up to `length` bytes; returns how many it took, or -1 on error (the save has then failed). */
  int64_t (*write)(const struct zm_ostream *, const void *data, uint64_t length);
} zm_ostream;

typedef struct zm_istream {
  void *self;
  /* Gives up to `length` bytes; returns how many, 0 at the end, or -1 on error. */
  int64_t (*read)(const struct zm_istream *, void *data, uint64_t length);
} zm_istream;

ZM_ABI_ASSERT(sizeof(zm_ostream) == 16 && sizeof(zm_istream) == 16, "frozen");

#endif
