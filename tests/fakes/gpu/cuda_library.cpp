// cuda_library.cpp: the fake driver's kernel images and launches. An image is a fatbin, a cubin,
// PTX, or the stand-in of machines without nvcc; a kernel is found where the image holds its name
// and the fake has its CPU version.
#include <cstring>
#include <string>
#include <string_view>

#include "fakes/gpu/fake_cuda.h"

using namespace zomma::fake_gpu;

struct CUkern_st {
  const HostKernel* kernel = nullptr;
};
struct CUlib_st {
  std::string_view image;  // empty: the stand-in, which has every kernel
  std::vector<std::unique_ptr<CUkern_st>> kernels;
};

namespace {

constexpr std::uint32_t fatbin_magic = 0xBA55ED50;
constexpr std::string_view stand_in = "ZOMMA FAKE KERNELS";

// A fatbin's header: magic, version, header size, then the size of what follows.
struct FatbinHeader {
  std::uint32_t magic;
  std::uint16_t version, header_bytes;
  std::uint64_t bytes;
};

// The libraries of one scenario; those that a lost context kept from being unloaded go with it.
struct Libraries {
  std::uint64_t epoch = 0;
  std::vector<std::unique_ptr<CUlib_st>> loaded;
};
Libraries& all() {
  static auto* here = new Libraries;
  if (here->epoch != World::instance().epoch()) *here = {World::instance().epoch(), {}};
  return *here;
}

}  // namespace

DriverStatus cuLibraryLoadData(DriverLibrary* library, const void* image, int*, void**, unsigned,
                               int*, void**, unsigned) {
  ZOMMA_FAKE_CALL();
  if (image == nullptr) return DriverStatus::invalid_value;
  const auto* text = static_cast<const char*>(image);
  auto made = std::make_unique<CUlib_st>();
  std::uint32_t magic = 0;
  std::memcpy(&magic, image, sizeof magic);
  if (magic == fatbin_magic) {
    FatbinHeader header;
    std::memcpy(&header, image, sizeof header);
    made->image = {text, header.header_bytes + header.bytes};
  } else if (std::strncmp(text, stand_in.data(), stand_in.size()) != 0) {
    return DriverStatus::invalid_image;
  }
  *library = made.get();
  all().loaded.push_back(std::move(made));
  return DriverStatus::ok;
}
DriverStatus cuLibraryUnload(DriverLibrary library) {
  ZOMMA_FAKE_CALL();
  drain_all();
  const auto unloaded =
      std::erase_if(all().loaded, [&](const auto& l) { return l.get() == library; });
  return unloaded == 1 ? DriverStatus::ok : DriverStatus::invalid_handle;
}
DriverStatus cuLibraryGetKernel(DriverKernel* kernel, DriverLibrary library, const char* name) {
  ZOMMA_FAKE_CALL();
  const HostKernel* found = find_host_kernel(name);
  if (found == nullptr ||
      (!library->image.empty() && library->image.find(name) == std::string_view::npos))
    return DriverStatus::not_found;
  library->kernels.push_back(std::make_unique<CUkern_st>());
  library->kernels.back()->kernel = found;
  *kernel = library->kernels.back().get();
  return DriverStatus::ok;
}

DriverStatus cuLaunchKernel(DriverFunction function, unsigned grid_x, unsigned grid_y,
                            unsigned grid_z, unsigned block_x, unsigned block_y, unsigned block_z,
                            unsigned, DriverStream stream, void** parameters, void** extra) {
  ZOMMA_FAKE_CALL();
  const std::uint64_t threads = std::uint64_t{block_x} * block_y * block_z;
  if (function == nullptr) return DriverStatus::invalid_handle;
  if (grid_x == 0 || grid_y == 0 || grid_z == 0 || threads == 0 || threads > 1024 ||
      extra != nullptr)
    return DriverStatus::invalid_value;
  const HostKernel& kernel = *reinterpret_cast<CUkern_st*>(function)->kernel;
  // As the driver does, the arguments are copied now and used later.
  std::vector<std::vector<std::max_align_t>> arguments;
  for (std::size_t i = 0; i < kernel.parameter_bytes.size(); ++i) {
    auto& copy = arguments.emplace_back(kernel.parameter_bytes[i] / sizeof(std::max_align_t) + 1);
    std::memcpy(copy.data(), parameters[i], kernel.parameter_bytes[i]);
  }
  return enqueue(stream, [&kernel, arguments]() mutable {
    std::vector<void*> pointers;
    for (auto& argument : arguments) pointers.push_back(argument.data());
    kernel.run(pointers.data());
  });
}
