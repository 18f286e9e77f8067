// host_memory.cpp: chunks as pieces of a memory file; streams as vector clocks.
#include "gpu/memory/host_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace zomma::gpu {
namespace {

void* pointer(DeviceAddress address) { return reinterpret_cast<void*>(address); }
Error failed(std::string_view what) { return system_error(what, "host memory", errno); }

}  // namespace

Result<HostMemory> HostMemory::create(std::uint64_t bytes, int device) {
  HostMemory memory;
  memory.device_ = device;
  memory.capacity_ = bytes / chunk;
  memory.file_ = FileDescriptor(::memfd_create("zomma-device-memory", MFD_CLOEXEC));
  if (!memory.file_.valid()) return failed("make");
  if (::ftruncate(memory.file_.get(), static_cast<off_t>(memory.capacity_ * chunk)) != 0) {
    return failed("size");
  }
  return memory;
}

std::string HostMemory::name() const { return fmt::format("host memory {}", device_); }

Result<DeviceAddress> HostMemory::reserve(std::size_t bytes) {
  // One chunk more, so that an aligned start can be cut out of it.
  void* got = ::mmap(nullptr, bytes + chunk, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                     -1, 0);
  if (got == MAP_FAILED) return Error{Errc::exhausted, failed("reserve").message};
  const auto start = reinterpret_cast<DeviceAddress>(got);
  const DeviceAddress aligned = (start + chunk - 1) / chunk * chunk;
  if (aligned != start) ::munmap(got, aligned - start);
  const std::size_t tail = start + bytes + chunk - (aligned + bytes);
  if (tail != 0) ::munmap(pointer(aligned + bytes), tail);
  return aligned;
}

void HostMemory::unreserve(DeviceAddress address, std::size_t bytes) {
  ::munmap(pointer(address), bytes);
}

Result<PhysicalHandle> HostMemory::create_chunk() {
  if (returned_.empty() && next_ == capacity_) {
    return Error{Errc::exhausted, fmt::format("{} is full: all {} bytes are in chunks", name(),
                                              capacity_ * chunk)};
  }
  ++made_;
  if (returned_.empty()) return next_++;
  const PhysicalHandle handle = returned_.back();
  returned_.pop_back();
  return handle;
}

void HostMemory::destroy_chunk(PhysicalHandle handle) {
  --made_;
  ::fallocate(file_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
              static_cast<off_t>(handle * chunk), chunk);
  returned_.push_back(handle);
}

Result<void> HostMemory::map(DeviceAddress address, PhysicalHandle handle) {
  void* got = ::mmap(pointer(address), chunk, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
                     file_.get(), static_cast<off_t>(handle * chunk));
  if (got == MAP_FAILED) return Error{Errc::exhausted, failed("map").message};
  return {};
}

void HostMemory::unmap(DeviceAddress address) {
  ::mmap(pointer(address), chunk, PROT_NONE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

Result<void*> HostMemory::pin(std::size_t bytes) {
  void* got = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (got == MAP_FAILED) return Error{Errc::exhausted, failed("pin").message};
  ++pinned_;
  pinned_sizes_.emplace_back(got, bytes);
  return got;
}

void HostMemory::unpin(void* address) {
  const auto at = std::find_if(pinned_sizes_.begin(), pinned_sizes_.end(),
                               [&](const auto& entry) { return entry.first == address; });
  if (at == pinned_sizes_.end()) return;
  ::munmap(address, at->second);
  pinned_sizes_.erase(at);
  --pinned_;
}

Result<void> HostMemory::copy_to_host(void* to, DeviceAddress from, std::size_t bytes,
                                      DriverStream) {
  std::memcpy(to, pointer(from), bytes);
  return {};
}

Result<void> HostMemory::copy_to_device(DeviceAddress to, const void* from, std::size_t bytes,
                                        DriverStream) {
  std::memcpy(pointer(to), from, bytes);
  return {};
}

DriverStream HostMemory::add_stream() {
  streams_.emplace_back();
  return reinterpret_cast<DriverStream>(streams_.size());
}

std::size_t HostMemory::number(DriverStream stream) {
  return reinterpret_cast<std::size_t>(stream) - 1;
}

std::uint64_t HostMemory::submit(DriverStream stream) { return ++streams_[number(stream)].given; }

void HostMemory::complete(DriverStream stream) {
  if (stream == nullptr) return;  // the default stream has no work of its own here
  // What it has waited for is done too, and what that waited for in turn.
  Stream& self = streams_[number(stream)];
  self.done = self.given;
  for (std::size_t other = 0; other < self.waited_for.size(); ++other) {
    streams_[other].done = std::max(streams_[other].done, self.waited_for[other]);
  }
}

bool HostMemory::runs_after(DriverStream stream, DriverStream other, std::uint64_t ticket) const {
  if (stream == other || streams_[number(other)].done >= ticket) return true;
  const auto& waited = streams_[number(stream)].waited_for;
  return number(other) < waited.size() && waited[number(other)] >= ticket;
}

Result<void> HostMemory::order_after(DriverStream later, DriverStream earlier) {
  ++events_;
  Stream& waiting = streams_[number(later)];
  const Stream& before = streams_[number(earlier)];
  waiting.waited_for.resize(streams_.size());
  for (std::size_t other = 0; other < before.waited_for.size(); ++other) {
    waiting.waited_for[other] = std::max(waiting.waited_for[other], before.waited_for[other]);
  }
  auto& ticket = waiting.waited_for[number(earlier)];
  ticket = std::max(ticket, before.given);
  return {};
}

bool HostMemory::drained(DriverStream stream) {
  const Stream& self = streams_[number(stream)];
  return self.done == self.given;
}

Result<void> HostMemory::synchronize(DriverStream stream) {
  ++synchronizations_;
  complete(stream);
  return {};
}

}  // namespace zomma::gpu
