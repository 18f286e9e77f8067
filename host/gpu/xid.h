// xid.h: what an Xid (an error that the NVIDIA kernel driver reports of a device) means for the
// work on that device. The classes are those of NVIDIA's Kubernetes device plugin: faults of an
// application leave the device in service, everything else takes it out; some are worth waking
// somebody.
#pragma once

#include <cstdint>
#include <string_view>

namespace zomma::gpu {

enum class XidClass : std::uint8_t {
  application,  // a program did wrong; the device is well
  device,       // the device is not to be trusted with new work
  page          // likewise, and a person has to come: memory or bus is broken
};

XidClass classify_xid(std::uint64_t xid);
// A few words, or "unknown" for a number that is not in NVIDIA's list as kept here.
std::string_view describe_xid(std::uint64_t xid);

}  // namespace zomma::gpu
