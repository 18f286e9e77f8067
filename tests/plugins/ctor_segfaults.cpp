// Its sin: a constructor follows a null pointer.
#include "plain.h"

namespace {
int* volatile nowhere = nullptr;
struct Faulter {
  Faulter() { *nowhere = 1; }
} faulter;
}  // namespace

PLAIN_PLUGIN("test.ctor_segfaults", static_cast<void>(me))
