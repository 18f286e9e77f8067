// Its sin: it sets the locale of the whole process.
#include <clocale>

#include "plain.h"

namespace {
zm_status activate(const zm_strategy*, const zm_activation*) {
  std::setlocale(LC_ALL, "C.UTF-8");
  return ZM_OK;
}
}  // namespace

PLAIN_PLUGIN("test.changes_locale", me.hooks.activate = activate)
