// Its sin: two parameters have one name.
#define PARAMETER_INFO info
#define PARAMETER_COUNT 2
#include "plain.h"

namespace {
zm_status info(const zm_strategy* strategy, std::uint32_t index, zm_param_info* out) {
  return plain_info(strategy, index == 1 ? 0 : index, out);
}
}  // namespace

PLAIN_PLUGIN("test.parameter_same_name", static_cast<void>(me))
