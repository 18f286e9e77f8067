// Its sin: a constructor turns on flush-to-zero, as -ffast-math does.
#include <xmmintrin.h>

#include "plain.h"

namespace {
struct Flusher {
  Flusher() { _mm_setcsr(_mm_getcsr() | 0x8040u); }
} flusher;
}  // namespace

PLAIN_PLUGIN("test.changes_rounding", static_cast<void>(me))
