// Its sin: its state table says that it is empty.
#include "plain.h"

namespace {
zm_state_api table{8, 0, plain_save, plain_load};
const void* get_ext(const zm_strategy*, const char* id) {
  return std::strcmp(id, ZM_EXT_STATE) == 0 ? &table : nullptr;
}
}  // namespace

PLAIN_PLUGIN("test.small_state_table", me.hooks.get_ext = get_ext)
