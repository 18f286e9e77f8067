// The worker of these tests: nothing but worker_main, as `zomma worker --fd N` is.
#include <cstdlib>
#include <cstring>

#include "plugin/worker/worker_main.h"

int main(int argc, char** argv) {
  return argc == 3 && std::strcmp(argv[1], "--fd") == 0 ? zomma::worker_main(std::atoi(argv[2]))
                                                        : 2;
}
