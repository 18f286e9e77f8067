// extensions.h: the tables a plugin gets from zm_host.get_ext. `host->self` is the Instance.
#pragma once

namespace zomma {

// The table of the extension `id`, or null. The tables are constants of the program.
const void* find_extension(const char* id);

}  // namespace zomma
