// device_column.h: columns in device memory, for the tests that compare a device with the CPU.
#pragma once

#include <catch2/catch.hpp>

#include <cuda_runtime_api.h>

#include <cstring>
#include <iostream>
#include <span>
#include <vector>

namespace zomma::test {

// Whether there is a device to compare; says so where there is none.
inline bool device_present() {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess && count > 0) return true;
  std::cout << "SKIPPED: no CUDA device, nothing was compared\n";
  return false;
}

// A column in device memory, filled from the host.
template <class T>
class DeviceColumn {
 public:
  explicit DeviceColumn(const std::vector<T>& host) : size_(host.size()) {
    REQUIRE(cudaMalloc(reinterpret_cast<void**>(&data_), size_ * sizeof(T)) == cudaSuccess);
    REQUIRE(cudaMemcpy(data_, host.data(), size_ * sizeof(T), cudaMemcpyHostToDevice) ==
            cudaSuccess);
  }
  DeviceColumn(const DeviceColumn&) = delete;
  DeviceColumn& operator=(const DeviceColumn&) = delete;
  ~DeviceColumn() { cudaFree(data_); }
  std::span<T> span() const { return {data_, size_}; }
  std::vector<T> host() const {
    std::vector<T> out(size_);
    REQUIRE(cudaMemcpy(out.data(), data_, size_ * sizeof(T), cudaMemcpyDeviceToHost) ==
            cudaSuccess);
    return out;
  }

 private:
  T* data_ = nullptr;
  std::size_t size_;
};

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

// Waits for the device; false where any of its work failed.
inline bool device_done() { return cudaDeviceSynchronize() == cudaSuccess; }

}  // namespace zomma::test
