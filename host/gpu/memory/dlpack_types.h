// dlpack_types.h: the C structures of DLPack 1.x, by which tensors pass between libraries without a
// copy, declared by hand: names and layout are the standard's, so a pointer to one is a pointer to
// theirs.
#pragma once

#include <cstddef>
#include <cstdint>

namespace zomma::gpu::dlpack {

enum DeviceType : std::int32_t {
  device_cpu = 1, device_cuda = 2, device_cuda_host = 3, device_rocm = 10, device_cuda_managed = 13
};
enum TypeCode : std::uint8_t { code_int = 0, code_uint = 1, code_float = 2, code_bool = 6 };

constexpr std::uint32_t version_major = 1, version_minor = 1;
constexpr std::uint64_t flag_read_only = 1;
constexpr std::uint64_t flag_copied = 2;

extern "C" {

struct Device {
  std::int32_t type;
  std::int32_t id;
};

struct DataType {
  std::uint8_t code;
  std::uint8_t bits;
  std::uint16_t lanes;
};

// Shape and strides count elements; strides may be null: compact, last index fastest.
struct Tensor {
  void* data;
  Device device;
  std::int32_t dimensions;
  DataType type;
  std::int64_t* shape;
  std::int64_t* strides;
  std::uint64_t byte_offset;
};

// The form before 1.0, which NumPy 1 and others still take.
struct ManagedTensor {
  Tensor tensor;
  void* context;
  void (*deleter)(ManagedTensor* self);
};

struct Version {
  std::uint32_t major, minor;
};

struct ManagedTensorVersioned {
  Version version;
  void* context;
  void (*deleter)(ManagedTensorVersioned* self);
  std::uint64_t flags;
  Tensor tensor;
};

}  // extern "C"

static_assert(sizeof(Tensor) == 48 && offsetof(Tensor, shape) == 24);
static_assert(sizeof(ManagedTensor) == 64 && offsetof(ManagedTensor, context) == 48);
static_assert(sizeof(ManagedTensorVersioned) == 80 &&
              offsetof(ManagedTensorVersioned, tensor) == 32);

}  // namespace zomma::gpu::dlpack
