// cuda_incomplete.cpp: a libcuda.so.1 of a good version that lacks functions: a damaged
// installation.
#include "gpu/driver_types.h"

using zomma::gpu::DriverStatus;

extern "C" {
__attribute__((visibility("default"))) DriverStatus cuInit(unsigned);
__attribute__((visibility("default"))) DriverStatus cuDriverGetVersion(int*);
}

DriverStatus cuInit(unsigned) { return DriverStatus::ok; }
DriverStatus cuDriverGetVersion(int* version) {
  *version = 13000;
  return DriverStatus::ok;
}
