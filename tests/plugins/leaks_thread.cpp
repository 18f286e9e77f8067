// Its sin: a thread of its own runs on after the end, started past every list of imports.
#include <dlfcn.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "plain.h"

namespace {
alignas(64) char stack[65536];
int wait_for_ever(void*) {
  for (;;) syscall(SYS_pause);
}
zm_status start(const zm_strategy*) {
  using Clone = int (*)(int (*)(void*), void*, int, void*, ...);
  const auto clone_it = reinterpret_cast<Clone>(dlsym(RTLD_DEFAULT, "clone"));
  clone_it(wait_for_ever, stack + sizeof stack,
           CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM,
           nullptr);
  return ZM_OK;
}
}  // namespace

PLAIN_PLUGIN("test.leaks_thread", me.hooks.start = start)
