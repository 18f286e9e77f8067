#include "gpu/xid.h"

namespace zomma::gpu {

XidClass classify_xid(std::uint64_t xid) {
  switch (xid) {
    case 13:
    case 31:
    case 43:
    case 45:
    case 68:
    case 109:
      return XidClass::application;
    case 48:
    case 79:
    case 94:
    case 95:
      return XidClass::page;
    default:
      return XidClass::device;
  }
}

std::string_view describe_xid(std::uint64_t xid) {
  switch (xid) {
    case 13:
      return "graphics engine exception";
    case 31:
      return "memory page fault of a program";
    case 43:
      return "a program stopped its channel";
    case 45:
      return "channels cleared after an earlier error";
    case 48:
      return "double-bit ECC error";
    case 61:
      return "internal microcontroller breakpoint";
    case 62:
      return "internal microcontroller halt";
    case 63:
      return "a memory row or page was set aside";
    case 64:
      return "setting aside a memory row or page failed";
    case 68:
      return "video processor exception";
    case 69:
      return "graphics engine class error";
    case 74:
      return "NVLink error";
    case 79:
      return "the device has fallen off the bus";
    case 92:
      return "high rate of single-bit ECC errors";
    case 94:
      return "contained ECC error";
    case 95:
      return "uncontained ECC error";
    case 109:
      return "a context switch timed out";
    case 119:
      return "the device's system processor does not answer";
    case 120:
      return "the device's system processor failed";
    default:
      return "unknown";
  }
}

}  // namespace zomma::gpu
