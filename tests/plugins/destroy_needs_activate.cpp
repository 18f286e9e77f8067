// Its sin: destroy frees what only activate has made.
#include "plain.h"

namespace {
int** table = nullptr;
zm_status activate(const zm_strategy*, const zm_activation*) {
  table = new int* [1] { new int(1) };
  return ZM_OK;
}
void destroy(const zm_strategy* strategy) {
  delete table[0];
  delete[] table;
  table = nullptr;
  plain_destroy(strategy);
}
}  // namespace

PLAIN_PLUGIN("test.destroy_needs_activate", me.hooks.activate = activate;
             me.hooks.destroy = destroy)
