// Its sin: a constructor ends the process, past every list of imports.
#include <sys/syscall.h>
#include <unistd.h>

#include "plain.h"

namespace {
struct Leaver {
  Leaver() { syscall(SYS_exit_group, 0); }
} leaver;
}  // namespace

PLAIN_PLUGIN("test.ctor_exits", static_cast<void>(me))
