// dlpack.h: tensors out to NumPy, PyTorch and their like, and in from them, without a copy. What goes
// out keeps its memory alive until the other side lets go; what comes in is checked before it is used.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/result.h"
#include "gpu/memory/dlpack_types.h"

namespace zomma::gpu {

// A tensor in memory that somebody else owns.
struct TensorView {
  void* data = nullptr;  // of the first element
  dlpack::Device device{dlpack::device_cpu, 0};
  dlpack::DataType type{dlpack::code_float, 64, 1};
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;  // in elements; empty: compact, last index fastest
  bool read_only = false;

  std::uint64_t elements() const;
  std::uint64_t element_bytes() const { return (type.bits * type.lanes + 7u) / 8u; }
};

// Called once, from whatever thread the receiver lets go on: frees the memory.
using Release = std::function<void()>;

// The receiver owns the result and calls its deleter. `release` has been called on error too.
// Errc::invalid_argument: no data, a negative size, strides of another rank, a type of no size.
// A read-only view has no legacy form: Errc::unsupported.
Result<dlpack::ManagedTensorVersioned*> export_tensor(const TensorView& view, Release release);
Result<dlpack::ManagedTensor*> export_legacy_tensor(const TensorView& view, Release release);

// A tensor of another library, let go when this ends.
class ImportedTensor {
 public:
  // Takes the tensor over; on error it has been given back to its library.
  // Errc::incompatible: another major version. Errc::invalid_argument: null, or sizes, a type or a
  // device that cannot be.
  static Result<ImportedTensor> from(dlpack::ManagedTensorVersioned* tensor);
  static Result<ImportedTensor> from(dlpack::ManagedTensor* tensor);

  const TensorView& view() const { return view_; }
  // Whether the elements lie one after the other, last index fastest.
  bool compact() const;

 private:
  ImportedTensor(TensorView view, std::shared_ptr<void> owner)
      : view_(std::move(view)), owner_(std::move(owner)) {}
  TensorView view_;
  std::shared_ptr<void> owner_;
};

}  // namespace zomma::gpu
