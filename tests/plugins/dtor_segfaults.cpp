// Its sin: a destructor follows a null pointer when the library is unloaded.
#include "plain.h"

namespace {
int* volatile nowhere = nullptr;
struct Faulter {
  ~Faulter() { *nowhere = 1; }
} faulter;
}  // namespace

PLAIN_PLUGIN("test.dtor_segfaults", static_cast<void>(me))
