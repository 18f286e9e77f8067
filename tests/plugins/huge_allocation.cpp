// Its sin: it asks for eight gigabytes.
#include <cstdlib>

#include "plain.h"

namespace {
void* volatile memory = nullptr;
zm_status activate(const zm_strategy*, const zm_activation*) {
  memory = std::malloc(8ull << 30);
  std::free(memory);
  return ZM_OK;
}
}  // namespace

PLAIN_PLUGIN("test.huge_allocation", me.hooks.activate = activate)
