// dlpack_probe.cpp: a library that Python loads: hands a tensor to NumPy and takes one from it.
#include <cstdint>

#include "gpu/memory/dlpack.h"

using namespace zomma::gpu;

namespace {
double values[6] = {1, 2, 3, 4, 5, 6};
int released = 0;
}  // namespace

extern "C" {

__attribute__((visibility("default"))) void* probe_export() {
  TensorView view;
  view.data = values;
  view.shape = {2, 3};
  auto exported = export_legacy_tensor(view, [] { ++released; });
  return exported ? *exported : nullptr;
}

__attribute__((visibility("default"))) int probe_released() { return released; }

// The sum over a tensor of doubles of rank two, by its strides; -1 where it is refused.
__attribute__((visibility("default"))) double probe_sum(void* tensor) {
  const auto imported = ImportedTensor::from(static_cast<dlpack::ManagedTensor*>(tensor));
  if (!imported || imported->view().shape.size() != 2) return -1;
  const TensorView& view = imported->view();
  const std::int64_t row = view.strides.empty() ? view.shape[1] : view.strides[0];
  const std::int64_t column = view.strides.empty() ? 1 : view.strides[1];
  double sum = 0;
  for (std::int64_t i = 0; i < view.shape[0]; ++i) {
    for (std::int64_t j = 0; j < view.shape[1]; ++j) {
      sum += static_cast<const double*>(view.data)[i * row + j * column];
    }
  }
  return sum;
}
}
