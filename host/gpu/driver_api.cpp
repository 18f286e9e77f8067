// driver_api.cpp: opening the CUDA driver and turning its codes into sentences.
#include "gpu/driver_api.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>

namespace zomma::gpu {
namespace {

constexpr const char* driver_symlink = "libcuda.so.1";

// dlerror() names the file that is missing; keep it, for it may be a library that libcuda needs.
Error cannot_open(const std::string& path) {
  const char* reason = dlerror();
  return {Errc::not_found,
          fmt::format("no GPU driver: {} ({}); install the NVIDIA driver, or go on without a GPU",
                      path, reason != nullptr ? reason : "no reason given")};
}

Error too_old(const std::string& path, int version) {
  return {Errc::incompatible,
          fmt::format("the GPU driver {} is for CUDA {}, and at least {} is needed (driver 525); "
                      "update the NVIDIA driver",
                      path, version_text(version), version_text(oldest_driver))};
}

struct Meaning {
  Errc code;
  const char* text;
};

Meaning meaning_of(DriverStatus status) {
  switch (status) {
    case DriverStatus::out_of_memory:
      return {Errc::exhausted, "the device has no such piece of memory free"};
    case DriverStatus::no_device:
      return {Errc::not_found,
              "the driver shows no device; look at CUDA_VISIBLE_DEVICES and at "
              "the kernel's log (dmesg)"};
    case DriverStatus::stub_library:
      return {Errc::incompatible,
              "this libcuda is the toolkit's stub, for linking only; take the "
              "stubs folder out of LD_LIBRARY_PATH"};
    case DriverStatus::insufficient_driver:
    case DriverStatus::requires_newer_driver:
      return {Errc::incompatible, "the driver is too old; update the NVIDIA driver"};
    case DriverStatus::system_driver_mismatch:
      return {Errc::incompatible,
              "libcuda and the kernel module are of different versions; "
              "reload the nvidia modules or reboot"};
    case DriverStatus::compat_not_supported_on_device:
      return {Errc::incompatible,
              "the forward-compatibility libcuda does not serve this device; "
              "use the driver's own libcuda"};
    case DriverStatus::system_not_ready:
      return {Errc::busy, "the devices' fabric is not up; start nvidia-fabricmanager"};
    case DriverStatus::device_unavailable:
      return {Errc::busy,
              "another process holds the device exclusively; set the compute mode to "
              "Default or use MPS"};
    case DriverStatus::mps_connection_failed:
    case DriverStatus::mps_rpc_failure:
    case DriverStatus::mps_server_not_ready:
    case DriverStatus::mps_client_terminated:
      return {Errc::io, "the MPS server does not answer; look at nvidia-cuda-mps-control"};
    case DriverStatus::mps_max_clients_reached:
    case DriverStatus::mps_max_connections_reached:
      return {Errc::exhausted, "the MPS server takes no more clients"};
    case DriverStatus::invalid_image:
      return {Errc::incompatible, "the kernel image is damaged or none"};
    case DriverStatus::no_binary_for_gpu:
      return {Errc::incompatible,
              "the kernel image holds no code for this device; build with "
              "ZOMMA_CUDA_ARCHITECTURE set to its compute capability"};
    case DriverStatus::not_found:
      return {Errc::not_found, "no kernel of this name in the image"};
    case DriverStatus::not_supported:
      return {Errc::unsupported, "this device or driver cannot do it"};
    case DriverStatus::not_permitted:
      return {Errc::refused, "not allowed to this process"};
    case DriverStatus::launch_out_of_resources:
      return {Errc::exhausted, "the kernel needs more registers or shared memory than there is"};
    case DriverStatus::invalid_value:
    case DriverStatus::invalid_device:
    case DriverStatus::invalid_context:
    case DriverStatus::invalid_handle:
      return {Errc::invalid_argument, "the driver refused an argument"};
    case DriverStatus::not_ready:
      return {Errc::busy, "the work is not done yet"};
    default:
      break;
  }
  if (is_sticky(status))
    return {Errc::io,
            "the context is lost; restart the process, and reset the device if it "
            "happens again"};
  return {Errc::internal, "unexpected"};
}

}  // namespace

std::string version_text(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

std::string default_driver_path() {
  const char* path = std::getenv("ZOMMA_LIBCUDA");
  return path != nullptr && *path != '\0' ? path : driver_symlink;
}

Result<DriverApi> load_driver(const std::string& wanted) {
  DriverApi api;
  api.path = wanted.empty() ? default_driver_path() : wanted;
  void* library = dlopen(api.path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) return cannot_open(api.path);
  // The version first: an old driver is a better explanation than the first function it lacks.
  api.cuDriverGetVersion =
      reinterpret_cast<decltype(api.cuDriverGetVersion)>(dlsym(library, "cuDriverGetVersion"));
  if (api.cuDriverGetVersion != nullptr &&
      api.cuDriverGetVersion(&api.version) == DriverStatus::ok && api.version < oldest_driver)
    return too_old(api.path, api.version);
  const char* missing = nullptr;
#define ZOMMA_DRIVER_FILL(member, symbol, arguments)                            \
  api.member = reinterpret_cast<decltype(api.member)>(dlsym(library, #symbol)); \
  if (api.member == nullptr && missing == nullptr) missing = #symbol;
  ZOMMA_DRIVER_FUNCTIONS(ZOMMA_DRIVER_FILL)
#undef ZOMMA_DRIVER_FILL
  if (missing != nullptr)
    return Error{Errc::incompatible,
                 fmt::format("the GPU driver {} has no function {}; it is damaged or no CUDA {} "
                             "driver: reinstall the NVIDIA driver",
                             api.path, missing, version_text(oldest_driver))};
  return api;
}

Result<void> initialise(const DriverApi& api) {
  const DriverStatus status = api.cuInit(0);
  if (status != DriverStatus::ok) return describe(api, status, "starting the GPU driver");
  return {};
}

Error describe(const DriverApi& api, DriverStatus status, std::string_view what) {
  const char* name = nullptr;
  if (api.cuGetErrorName == nullptr || api.cuGetErrorName(status, &name) != DriverStatus::ok ||
      name == nullptr)
    name = "an unnamed error";
  const Meaning meaning = meaning_of(status);
  return {meaning.code,
          fmt::format("{}: {} ({}): {}", what, name, static_cast<int>(status), meaning.text)};
}

bool is_sticky(DriverStatus status) {
  switch (status) {
    case DriverStatus::ecc_uncorrectable:
    case DriverStatus::nvlink_uncorrectable:
    case DriverStatus::illegal_address:
    case DriverStatus::launch_timeout:
    case DriverStatus::context_is_destroyed:
    case DriverStatus::assert_failed:
    case DriverStatus::hardware_stack_error:
    case DriverStatus::illegal_instruction:
    case DriverStatus::misaligned_address:
    case DriverStatus::launch_failed:
    case DriverStatus::external_device:
      return true;
    default:
      return false;
  }
}

}  // namespace zomma::gpu
