// Its sin: a constructor never returns.
#include "plain.h"

namespace {
volatile bool go_on = true;
struct Hanger {
  Hanger() {
    while (go_on) {
    }
  }
} hanger;
}  // namespace

PLAIN_PLUGIN("test.ctor_hangs", static_cast<void>(me))
