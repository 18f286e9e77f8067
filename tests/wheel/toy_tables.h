// toy_tables.h: the extension tables through which a plugin sees the toy host.
#pragma once

#include "toy_host.h"

namespace toy {

zm_host host_table(Host* host);

}  // namespace toy
