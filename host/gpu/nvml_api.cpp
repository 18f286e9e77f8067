// nvml_api.cpp: opening NVML and turning its codes into sentences.
#include "gpu/nvml_api.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>

namespace zomma::gpu {
namespace {

// Without these there is nothing to read; the others tell one sensor each.
const char* missing_essential(const NvmlApi& api) {
  if (api.init == nullptr) return "nvmlInit_v2";
  if (api.shutdown == nullptr) return "nvmlShutdown";
  if (api.device_count == nullptr) return "nvmlDeviceGetCount_v2";
  if (api.device == nullptr) return "nvmlDeviceGetHandleByIndex_v2";
  if (api.uuid == nullptr) return "nvmlDeviceGetUUID";
  return nullptr;
}

}  // namespace

std::string default_nvml_path() {
  const char* path = std::getenv("ZOMMA_LIBNVML");
  return path != nullptr && *path != '\0' ? path : "libnvidia-ml.so.1";
}

Result<NvmlApi> load_nvml(const std::string& wanted) {
  NvmlApi api;
  api.path = wanted.empty() ? default_nvml_path() : wanted;
  void* library = dlopen(api.path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    const char* reason = dlerror();
    return Error{Errc::not_found,
                 fmt::format("no NVML: {} ({}); it comes with the NVIDIA driver", api.path,
                             reason != nullptr ? reason : "no reason given")};
  }
#define ZOMMA_NVML_FILL(member, symbol, arguments) \
  api.member = reinterpret_cast<decltype(api.member)>(dlsym(library, #symbol));
  ZOMMA_NVML_FUNCTIONS(ZOMMA_NVML_FILL)
#undef ZOMMA_NVML_FILL
  api.error_text = reinterpret_cast<const char* (*)(NvmlStatus)>(dlsym(library, "nvmlErrorString"));
  if (const char* missing = missing_essential(api))
    return Error{Errc::incompatible, fmt::format("NVML {} has no function {}; reinstall the NVIDIA "
                                                 "driver",
                                                 api.path, missing)};
  if (const NvmlStatus status = api.init(); status != NvmlStatus::ok)
    return describe(api, status, "starting NVML");
  return api;
}

Error describe(const NvmlApi& api, NvmlStatus status, std::string_view what) {
  const char* name = api.error_text != nullptr ? api.error_text(status) : nullptr;
  Errc code = Errc::internal;
  const char* advice = "unexpected";
  switch (status) {
    case NvmlStatus::driver_not_loaded:
      code = Errc::not_found;
      advice = "load the nvidia kernel module (modprobe nvidia)";
      break;
    case NvmlStatus::version_mismatch:
      code = Errc::incompatible;
      advice =
          "the library and the kernel module are of different versions; reload the nvidia "
          "modules or reboot";
      break;
    case NvmlStatus::no_permission:
      code = Errc::refused;
      advice = "this user may not read it";
      break;
    case NvmlStatus::not_supported:
    case NvmlStatus::function_not_found:
      code = Errc::unsupported;
      advice = "this device or driver does not tell";
      break;
    case NvmlStatus::gpu_is_lost:
    case NvmlStatus::reset_required:
      code = Errc::io;
      advice = "the device has fallen off the bus or needs a reset (nvidia-smi --gpu-reset)";
      break;
    default:
      break;
  }
  return {code, fmt::format("{}: {} ({}): {}", what, name != nullptr ? name : "an unnamed error",
                            static_cast<int>(status), advice)};
}

}  // namespace zomma::gpu
