// dlpack_libtorch_test.cpp: tensors to libtorch and back without a copy. Built where libtorch is;
// a program of its own, for libtorch's weight is nobody else's.
#include <ATen/ATen.h>
#include <ATen/DLConvertor.h>
#include <catch2/catch.hpp>

#include <vector>

#include "gpu/memory/dlpack.h"

using namespace zomma::gpu;

namespace {

// ATen's structure has another name and the same layout.
at::Tensor to_torch(const TensorView& view, Release release) {
  auto exported = export_legacy_tensor(view, std::move(release));
  if (!exported) FAIL(exported.error().message);
  return at::fromDLPack(reinterpret_cast<DLManagedTensor*>(*exported));
}
ImportedTensor from_torch(const at::Tensor& tensor) {
  auto imported =
      ImportedTensor::from(reinterpret_cast<dlpack::ManagedTensor*>(at::toDLPack(tensor)));
  if (!imported) FAIL(imported.error().message);
  return std::move(*imported);
}

}  // namespace

TEST_CASE("libtorch sees our memory itself, and lets go once") {
  std::vector<double> values{1, 2, 3, 4, 5, 6};
  int released = 0;
  TensorView view;
  view.data = values.data();
  view.shape = {2, 3};
  {
    at::Tensor tensor = to_torch(view, [&] { ++released; });
    CHECK(tensor.data_ptr() == values.data());
    CHECK(tensor.sizes() == at::IntArrayRef({2, 3}));
    CHECK(tensor.scalar_type() == at::kDouble);
    CHECK(tensor.sum().item<double>() == 21);
    tensor.mul_(2);
    CHECK(values[5] == 12);
    const at::Tensor row = tensor[1];
    tensor.reset();
    CHECK(released == 0);  // the row keeps it
    CHECK(row.sum().item<double>() == 30);
  }
  CHECK(released == 1);
}

TEST_CASE("strides and element types mean the same to both") {
  std::vector<std::int64_t> values{1, 2, 3, 4, 5, 6};
  TensorView view;
  view.data = values.data();
  view.type = {dlpack::code_int, 64, 1};
  view.shape = {3, 2};
  view.strides = {1, 3};  // by columns
  CHECK(to_torch(view, {}).equal(at::tensor({1, 4, 2, 5, 3, 6}, at::kLong).reshape({3, 2})));
  const std::vector<std::pair<dlpack::DataType, at::ScalarType>> types{
      {{dlpack::code_float, 16, 1}, at::kHalf}, {{dlpack::code_float, 32, 1}, at::kFloat},
      {{dlpack::code_int, 8, 1}, at::kChar},    {{dlpack::code_int, 16, 1}, at::kShort},
      {{dlpack::code_int, 32, 1}, at::kInt},    {{dlpack::code_uint, 8, 1}, at::kByte}};
  for (const auto& [ours, theirs] : types) {
    view.type = ours;
    CHECK(to_torch(view, {}).scalar_type() == theirs);
    const ImportedTensor back = from_torch(at::zeros({2}, theirs));
    CHECK(back.view().type.code == ours.code);
    CHECK(back.view().type.bits == ours.bits);
  }
}

TEST_CASE("we see libtorch's memory itself, also of a part of a tensor, as long as we hold it") {
  at::Tensor tensor = at::arange(12, at::kDouble).reshape({3, 4});
  const auto owners = tensor.storage().use_count();
  {
    const ImportedTensor whole = from_torch(tensor);
    CHECK(whole.view().data == tensor.data_ptr());
    CHECK(whole.view().shape == std::vector<std::int64_t>{3, 4});
    CHECK(whole.compact());
    const ImportedTensor part = from_torch(tensor.slice(0, 1).slice(1, 0, 4, 2).t());
    CHECK(part.view().shape == std::vector<std::int64_t>{2, 2});
    CHECK_FALSE(part.compact());
    const auto* first = static_cast<const double*>(part.view().data);
    CHECK(first[0] == 4);
    CHECK(first[part.view().strides[0]] == 6);
    CHECK(first[part.view().strides[1]] == 8);
    CHECK(tensor.storage().use_count() > owners);
  }
  CHECK(tensor.storage().use_count() == owners);
}
