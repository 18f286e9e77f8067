// real.h: what every formula is written in: a Real (float, double or a pack of them), on the host or on the device.
// A formula branches with select(), never with `if` on a Real, and multiplies and adds with fma() where it means to fuse.
#pragma once

#include <cmath>

#if defined(__CUDACC__)
#define ZM_HOST_DEVICE __host__ __device__
#else
#define ZM_HOST_DEVICE
#endif

namespace zomma::kernels {

// `yes` where the condition holds, else `no`. Both are evaluated.
template <class Real>
ZM_HOST_DEVICE constexpr Real select(bool condition, Real yes, Real no) {
  return condition ? yes : no;
}

// a * b + c, rounded once.
ZM_HOST_DEVICE inline double fma(double a, double b, double c) { return ::fma(a, b, c); }
ZM_HOST_DEVICE inline float fma(float a, float b, float c) { return ::fmaf(a, b, c); }

ZM_HOST_DEVICE inline double sqrt(double x) { return ::sqrt(x); }
ZM_HOST_DEVICE inline float sqrt(float x) { return ::sqrtf(x); }

template <class Real>
ZM_HOST_DEVICE constexpr Real minimum(Real a, Real b) {
  return select(b < a, b, a);
}
template <class Real>
ZM_HOST_DEVICE constexpr Real maximum(Real a, Real b) {
  return select(a < b, b, a);
}

}  // namespace zomma::kernels
