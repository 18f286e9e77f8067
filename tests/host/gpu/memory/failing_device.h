// failing_device.h: a device whose n-th call fails. The loop `for (n = 0; !passes; ++n)
// device.fail_after(n)` fails each call site of a piece of code in turn.
#pragma once

#include <cstdint>

#include "gpu/memory/device_memory.h"

namespace zomma::gpu {

class FailingDevice final : public DeviceMemory {
 public:
  explicit FailingDevice(DeviceMemory& inner) : inner_(inner) {}

  // Lets `calls` calls that may fail pass, then fails one, as if memory was lacking; the rest pass.
  void fail_after(std::uint64_t calls, Errc code = Errc::exhausted) {
    left_ = calls;
    code_ = code;
    armed_ = true;
  }
  void fail_never() { armed_ = false; }
  // Whether the failure has not happened yet.
  bool armed() const { return armed_; }

  std::string name() const override { return inner_.name(); }
  int device() const override { return inner_.device(); }
  std::size_t chunk_bytes() const override { return inner_.chunk_bytes(); }
  Result<DeviceAddress> reserve(std::size_t bytes) override {
    if (fails()) return error("reserve");
    return inner_.reserve(bytes);
  }
  void unreserve(DeviceAddress address, std::size_t bytes) override {
    inner_.unreserve(address, bytes);
  }
  Result<PhysicalHandle> create_chunk() override {
    if (fails()) return error("create_chunk");
    return inner_.create_chunk();
  }
  void destroy_chunk(PhysicalHandle chunk) override { inner_.destroy_chunk(chunk); }
  Result<void> map(DeviceAddress address, PhysicalHandle chunk) override {
    if (fails()) return error("map");
    return inner_.map(address, chunk);
  }
  void unmap(DeviceAddress address) override { inner_.unmap(address); }
  Result<void*> pin(std::size_t bytes) override {
    if (fails()) return error("pin");
    return inner_.pin(bytes);
  }
  void unpin(void* address) override { inner_.unpin(address); }
  Result<void> copy_to_host(void* to, DeviceAddress from, std::size_t bytes,
                            DriverStream stream) override {
    if (fails()) return error("copy_to_host");
    return inner_.copy_to_host(to, from, bytes, stream);
  }
  Result<void> copy_to_device(DeviceAddress to, const void* from, std::size_t bytes,
                              DriverStream stream) override {
    if (fails()) return error("copy_to_device");
    return inner_.copy_to_device(to, from, bytes, stream);
  }
  Result<void> order_after(DriverStream later, DriverStream earlier) override {
    if (fails()) return error("order_after");
    return inner_.order_after(later, earlier);
  }
  bool drained(DriverStream stream) override { return inner_.drained(stream); }
  Result<void> synchronize(DriverStream stream) override {
    if (fails()) return error("synchronize");
    return inner_.synchronize(stream);
  }

 private:
  bool fails() {
    if (!armed_ || left_-- > 0) return false;
    armed_ = false;
    return true;
  }
  Error error(const char* call) const { return {code_, std::string("injected into ") + call}; }

  DeviceMemory& inner_;
  std::uint64_t left_ = 0;
  Errc code_ = Errc::exhausted;
  bool armed_ = false;
};

}  // namespace zomma::gpu
