// Its sin: a constructor throws while the library is being loaded.
#include "plain.h"

namespace {
struct Thrower {
  Thrower() { throw 1; }
} thrower;
}  // namespace

PLAIN_PLUGIN("test.ctor_throws", static_cast<void>(me))
