// policy.h: simulation of a strategy that acts once a cycle, written with lanes.h, so that the same
// policy runs on packs, on one lane, and on a device. wheel.h is an example.
#pragma once

#include <zomma/kernels/monte_carlo/normal.h>

namespace zomma::kernels {

inline constexpr std::uint32_t policy_stream = 2;

// A policy is plain data with these members, where Book is what it holds:
//
//     template <class Real> Book<Real> start() const;
//
//     // One cycle, in which the spot moves by e^log_growth.
//     template <class Real> void act(Book<Real>&, Real log_growth) const;
//
//     template <class Real> Real wealth(const Book<Real>&) const;
//
//     // 0 or 1
//     template <class Real> Real in_stock(const Book<Real>&) const;

// The world's law of ln(S'/S) over one cycle.
struct CycleLaw {
  double mean = 0, deviation = 0;
};

template <class Real>
struct PolicyEnd {
  Real wealth, in_stock;
};

// The paths `path` (one a lane) over `cycles` cycles.
template <class Real, class Policy>
ZM_HOST_DEVICE inline PolicyEnd<Real> walk_policy(const Policy& policy, const CycleLaw& law,
                                                  std::uint32_t cycles, std::uint64_t seed,
                                                  lanes::Bits<Real> path) {
  auto book = policy.template start<Real>();
  for (std::uint32_t block = 0; block * 4 < cycles; ++block) {
    const FourNormals<Real> normals = four_normals<Real>(seed, path, block, policy_stream);
    const std::uint32_t here = cycles - block * 4 < 4 ? cycles - block * 4 : 4;
    for (std::uint32_t i = 0; i < here; ++i) {
      policy.act(book,
                 lanes::fused(normals.z[i], lanes::all<Real>(law.deviation), law.mean + Real{}));
    }
  }
  return {policy.wealth(book), policy.in_stock(book)};
}

}  // namespace zomma::kernels
