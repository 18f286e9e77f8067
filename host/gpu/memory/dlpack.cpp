// dlpack.cpp: the checks on both ways, and the one allocation that an exported tensor is.
#include "gpu/memory/dlpack.h"

#include <fmt/format.h>

#include <array>

namespace zomma::gpu {
namespace {

constexpr std::int32_t most_dimensions = 64;
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 62;

Error bad(std::string what) { return {Errc::invalid_argument, "tensor: " + std::move(what)}; }

// Whether the shape is one, and how far its elements reach.
Result<void> check(const TensorView& view) {
  if (view.type.lanes == 0 || view.type.bits == 0 || view.type.bits > 128) {
    return bad(fmt::format("an element of {} x {} bits", view.type.lanes, view.type.bits));
  }
  constexpr std::array<std::int32_t, 5> known{dlpack::device_cpu, dlpack::device_cuda,
                                              dlpack::device_cuda_host, dlpack::device_rocm,
                                              dlpack::device_cuda_managed};
  bool is_known = false;
  for (const std::int32_t type : known) is_known = is_known || type == view.device.type;
  if (!is_known || view.device.id < 0) {
    return bad(fmt::format("device {} of type {} is none that is known here", view.device.id,
                           view.device.type));
  }
  if (!view.strides.empty() && view.strides.size() != view.shape.size()) {
    return bad(fmt::format("{} strides for {} dimensions", view.strides.size(), view.shape.size()));
  }
  std::uint64_t bytes = view.element_bytes();
  for (const std::int64_t extent : view.shape) {
    if (extent < 0) return bad(fmt::format("an extent of {}", extent));
    if (extent != 0 && bytes > most_bytes / static_cast<std::uint64_t>(extent)) {
      return bad("more bytes than there are addresses");
    }
    bytes *= static_cast<std::uint64_t>(extent);
  }
  if (bytes != 0 && view.data == nullptr) return bad("elements but no data");
  return {};
}

struct Content {
  std::vector<std::int64_t> shape, strides;
  Release release;
};

// Strides are always written out: readers of the newest versions insist on them.
std::vector<std::int64_t> compact_strides(const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> strides(shape.size());
  std::int64_t step = 1;
  for (std::size_t at = shape.size(); at-- > 0;) {
    strides[at] = step;
    step *= shape[at] == 0 ? 1 : shape[at];
  }
  return strides;
}

template <class Managed>
Managed* make(const TensorView& view, Release release) {
  struct Whole {
    Managed managed{};
    Content content;
  };
  auto* whole = new Whole;
  whole->content = {view.shape, view.strides.empty() ? compact_strides(view.shape) : view.strides,
                    std::move(release)};
  whole->managed.context = whole;
  whole->managed.deleter = [](Managed* self) {
    auto* made = static_cast<Whole*>(self->context);
    if (made->content.release) made->content.release();
    delete made;
  };
  whole->managed.tensor = {view.data,
                           view.device,
                           static_cast<std::int32_t>(view.shape.size()),
                           view.type,
                           whole->content.shape.data(),
                           whole->content.strides.data(),
                           0};
  return &whole->managed;
}

template <class Managed>
std::shared_ptr<void> own(Managed* managed) {
  return std::shared_ptr<void>(managed, [managed](void*) {
    if (managed->deleter != nullptr) managed->deleter(managed);
  });
}

Result<TensorView> read(const dlpack::Tensor& tensor) {
  if (tensor.dimensions < 0 || tensor.dimensions > most_dimensions) {
    return bad(fmt::format("{} dimensions; at most {}", tensor.dimensions, most_dimensions));
  }
  if (tensor.dimensions != 0 && tensor.shape == nullptr) return bad("dimensions but no shape");
  TensorView view;
  view.data = tensor.data == nullptr ? nullptr : static_cast<char*>(tensor.data) + tensor.byte_offset;
  view.device = tensor.device;
  view.type = tensor.type;
  if (tensor.dimensions != 0) {
    view.shape.assign(tensor.shape, tensor.shape + tensor.dimensions);
    if (tensor.strides != nullptr) {
      view.strides.assign(tensor.strides, tensor.strides + tensor.dimensions);
    }
  }
  if (auto checked = check(view); !checked) return checked.error();
  return view;
}

}  // namespace

std::uint64_t TensorView::elements() const {
  std::uint64_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::uint64_t>(extent);
  return count;
}

Result<dlpack::ManagedTensorVersioned*> export_tensor(const TensorView& view, Release release) {
  if (auto checked = check(view); !checked) {
    if (release) release();
    return checked.error();
  }
  auto* managed = make<dlpack::ManagedTensorVersioned>(view, std::move(release));
  managed->version = {dlpack::version_major, dlpack::version_minor};
  managed->flags = view.read_only ? dlpack::flag_read_only : 0;
  return managed;
}

Result<dlpack::ManagedTensor*> export_legacy_tensor(const TensorView& view, Release release) {
  Result<void> checked = check(view);
  if (checked && view.read_only) {
    checked = Error{Errc::unsupported,
                    "tensor: the legacy form cannot say read-only; export the versioned one"};
  }
  if (!checked) {
    if (release) release();
    return checked.error();
  }
  return make<dlpack::ManagedTensor>(view, std::move(release));
}

Result<ImportedTensor> ImportedTensor::from(dlpack::ManagedTensorVersioned* tensor) {
  if (tensor == nullptr) return bad("null");
  auto owner = own(tensor);
  // Of another major version only version, context and deleter are where they were.
  if (tensor->version.major != dlpack::version_major) {
    return Error{Errc::incompatible, fmt::format("tensor of DLPack {}.{}; {}.x is understood",
                                                 tensor->version.major, tensor->version.minor,
                                                 dlpack::version_major)};
  }
  auto view = read(tensor->tensor);
  if (!view) return view.error();
  view->read_only = (tensor->flags & dlpack::flag_read_only) != 0;
  return ImportedTensor(std::move(*view), std::move(owner));
}

Result<ImportedTensor> ImportedTensor::from(dlpack::ManagedTensor* tensor) {
  if (tensor == nullptr) return bad("null");
  auto owner = own(tensor);
  auto view = read(tensor->tensor);
  if (!view) return view.error();
  return ImportedTensor(std::move(*view), std::move(owner));
}

bool ImportedTensor::compact() const {
  if (view_.strides.empty()) return true;
  const auto expected = compact_strides(view_.shape);
  for (std::size_t at = 0; at < expected.size(); ++at) {
    // The stride of an extent of one is never used.
    if (view_.shape[at] > 1 && view_.strides[at] != expected[at]) return view_.elements() == 0;
  }
  return true;
}

}  // namespace zomma::gpu
