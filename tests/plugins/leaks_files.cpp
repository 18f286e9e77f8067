// Its sin: it leaves a file open.
#include <fcntl.h>

#include "plain.h"

namespace {
zm_status activate(const zm_strategy*, const zm_activation*) {
  return open("/dev/null", O_RDONLY) >= 0 ? zm_status{ZM_OK} : zm_status{ZM_E_FAILED};
}
}  // namespace

PLAIN_PLUGIN("test.leaks_files", me.hooks.activate = activate)
