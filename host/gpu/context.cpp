#include "gpu/context.h"

#include <fmt/format.h>

#include <algorithm>

#include "gpu/kernels/arguments.h"

#ifdef ZOMMA_GPU_FATBIN
// The image that nvcc made, byte for byte, in the program's read-only data.
__asm__(
    ".section .rodata\n"
    ".balign 64\n"
    ".globl zomma_gpu_kernels_begin\n"
    ".hidden zomma_gpu_kernels_begin\n"
    "zomma_gpu_kernels_begin:\n"
    ".incbin \"" ZOMMA_GPU_FATBIN
    "\"\n"
    ".globl zomma_gpu_kernels_end\n"
    ".hidden zomma_gpu_kernels_end\n"
    "zomma_gpu_kernels_end:\n"
    ".byte 0\n"
    ".text\n");
extern "C" {
extern const std::byte zomma_gpu_kernels_begin[];
extern const std::byte zomma_gpu_kernels_end[];
}
#endif

namespace zomma::gpu {

std::span<const std::byte> embedded_kernels() {
#ifdef ZOMMA_GPU_FATBIN
  return {zomma_gpu_kernels_begin, zomma_gpu_kernels_end};
#else
  return {};
#endif
}

Result<std::shared_ptr<Context>> Context::open(const DriverApi& api, int device_index) {
  DeviceOrdinal device = 0;
  DriverContext handle = nullptr;
  DriverStatus status = api.cuDeviceGet(&device, device_index);
  if (status == DriverStatus::ok) status = api.cuDevicePrimaryCtxRetain(&handle, device);
  if (status != DriverStatus::ok)
    return describe(api, status, fmt::format("opening GPU {}", device_index));
  return std::shared_ptr<Context>(new Context(api, device, handle));
}

Context::~Context() { api_.cuDevicePrimaryCtxRelease(device_); }

Error Context::error(DriverStatus status, std::string_view what) const {
  return describe(api_, status, fmt::format("{} on GPU {}", what, device_));
}

Result<DeviceBlock> DeviceBlock::allocate(std::shared_ptr<Context> context, std::size_t bytes) {
  const ContextScope scope(*context);
  DeviceBlock block;
  DriverStatus status = scope.status();
  if (status == DriverStatus::ok) status = context->api().cuMemAlloc(&block.address_, bytes);
  if (status != DriverStatus::ok)
    return context->error(status, fmt::format("taking {} bytes of memory", bytes));
  block.context_ = std::move(context);
  block.bytes_ = bytes;
  return block;
}

DeviceBlock& DeviceBlock::operator=(DeviceBlock&& other) noexcept {
  std::swap(context_, other.context_);
  std::swap(address_, other.address_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

DeviceBlock::~DeviceBlock() {
  if (!context_) return;
  const ContextScope scope(*context_);
  context_->api().cuMemFree(address_);
}

Result<KernelLibrary> KernelLibrary::load(std::shared_ptr<Context> context,
                                          std::span<const std::byte> image) {
  if (image.empty())
    return Error{Errc::unsupported,
                 "this program holds no GPU kernels: it was built without nvcc; "
                 "build with the CUDA toolkit present"};
  const ContextScope scope(*context);
  KernelLibrary made;
  DriverStatus status = scope.status();
  if (status == DriverStatus::ok)
    status = context->api().cuLibraryLoadData(&made.library_, image.data(), nullptr, nullptr, 0,
                                              nullptr, nullptr, 0);
  if (status != DriverStatus::ok) return context->error(status, "loading the kernels");
  made.context_ = std::move(context);
  return made;
}

KernelLibrary& KernelLibrary::operator=(KernelLibrary&& other) noexcept {
  std::swap(context_, other.context_);
  std::swap(library_, other.library_);
  return *this;
}

KernelLibrary::~KernelLibrary() {
  if (!context_) return;
  const ContextScope scope(*context_);
  context_->api().cuLibraryUnload(library_);
}

Result<DriverKernel> KernelLibrary::find(const std::string& name) const {
  const ContextScope scope(*context_);
  DriverKernel kernel = nullptr;
  DriverStatus status = scope.status();
  if (status == DriverStatus::ok)
    status = context_->api().cuLibraryGetKernel(&kernel, library_, name.c_str());
  if (status != DriverStatus::ok) return context_->error(status, "finding the kernel " + name);
  return kernel;
}

DriverStatus launch(const DriverApi& api, DriverKernel kernel, std::size_t count,
                    const void* argument, DriverStream stream) {
  constexpr std::size_t most_blocks = 65536;  // longer batches go round again
  const auto blocks =
      static_cast<unsigned>(std::min(most_blocks, (count + kernel_threads - 1) / kernel_threads));
  void* parameters[] = {const_cast<void*>(argument)};
  return api.cuLaunchKernel(reinterpret_cast<DriverFunction>(kernel), blocks, 1, 1, kernel_threads,
                            1, 1, 0, stream, parameters, nullptr);
}

}  // namespace zomma::gpu
