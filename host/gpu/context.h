// context.h: a device's primary context, held, and what lives in it: blocks of device memory,
// streams, kernel images. The primary context is the one that CUDA's runtime library uses, so code
// that links it shares memory and streams with the host.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "base/result.h"
#include "gpu/driver_api.h"

namespace zomma::gpu {

// Holds the primary context of one device. Thread-safe; no context is current on a thread but
// inside a ContextScope.
class Context {
 public:
  // `api` has been initialised and outlives the context. Errors as describe()'s.
  static Result<std::shared_ptr<Context>> open(const DriverApi& api, int device_index);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  const DriverApi& api() const { return api_; }
  DeviceOrdinal device() const { return device_; }
  DriverContext handle() const { return handle_; }
  // An Error for a call on this device: "cuMemAlloc on GPU 0: ...".
  Error error(DriverStatus status, std::string_view what) const;

 private:
  Context(const DriverApi& api, DeviceOrdinal device, DriverContext handle)
      : api_(api), device_(device), handle_(handle) {}
  const DriverApi& api_;
  DeviceOrdinal device_;
  DriverContext handle_;
};

// The context is this thread's current one while the scope lives; what was current before comes
// back.
class ContextScope {
 public:
  explicit ContextScope(const Context& context)
      : api_(context.api()), status_(api_.cuCtxPushCurrent(context.handle())) {}
  ~ContextScope() {
    DriverContext popped{};
    if (status_ == DriverStatus::ok) api_.cuCtxPopCurrent(&popped);
  }
  ContextScope(const ContextScope&) = delete;
  ContextScope& operator=(const ContextScope&) = delete;
  DriverStatus status() const { return status_; }

 private:
  const DriverApi& api_;
  DriverStatus status_;
};

// One block by cuMemAlloc, freed at the end. For set-up paths; strategies' memory is pooled
// elsewhere.
class DeviceBlock {
 public:
  DeviceBlock() = default;
  static Result<DeviceBlock> allocate(std::shared_ptr<Context> context, std::size_t bytes);
  DeviceBlock(DeviceBlock&& other) noexcept { *this = std::move(other); }
  DeviceBlock& operator=(DeviceBlock&& other) noexcept;
  ~DeviceBlock();
  DeviceAddress address() const { return address_; }
  std::size_t bytes() const { return bytes_; }

 private:
  std::shared_ptr<Context> context_;
  DeviceAddress address_ = 0;
  std::size_t bytes_ = 0;
};

// A kernel image in a context.
class KernelLibrary {
 public:
  // `image`: a fatbin, cubin or PTX text, valid as long as the library. Errc::incompatible:
  // damaged, or holds no code for the device. Errc::unsupported: empty (built without nvcc).
  static Result<KernelLibrary> load(std::shared_ptr<Context> context,
                                    std::span<const std::byte> image);
  KernelLibrary(KernelLibrary&& other) noexcept { *this = std::move(other); }
  KernelLibrary& operator=(KernelLibrary&& other) noexcept;
  ~KernelLibrary();

  // Errc::not_found, with the name, where the image has no such kernel.
  Result<DriverKernel> find(const std::string& name) const;

 private:
  KernelLibrary() = default;
  std::shared_ptr<Context> context_;
  DriverLibrary library_ = nullptr;
};

// The host's own kernels as built into this program; empty where it was built without nvcc.
std::span<const std::byte> embedded_kernels();

// Queues `kernel` over `count` elements, one a thread, in strides of the whole grid; `argument` is
// its one parameter. [inside a ContextScope]
DriverStatus launch(const DriverApi& api, DriverKernel kernel, std::size_t count,
                    const void* argument, DriverStream stream);

}  // namespace zomma::gpu
