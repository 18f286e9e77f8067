// Its sin: it has an extension for every id that it is asked for.
#include "plain.h"

namespace {
const void* anything(const zm_strategy*, const char*) {
  static constexpr std::uint32_t table[8] = {sizeof table};
  return table;
}
}  // namespace

PLAIN_PLUGIN("test.extension_for_everything", me.hooks.get_ext = anything)
