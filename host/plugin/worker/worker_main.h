// worker_main.h: the whole life of a worker process.
#pragma once

namespace zomma {

// Serves the host on the other side of the memory that descriptor `fd` means, until it says leave.
// Returns the exit status. Nothing else may run in this process: it limits its memory, loads a
// plugin and dies with its host.
int worker_main(int fd);

}  // namespace zomma
