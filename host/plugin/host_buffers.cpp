#include "plugin/host_buffers.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <new>

namespace zomma {

void HostBuffers::Release::operator()(std::byte* memory) const {
  if (mapped != 0)
    ::munmap(memory, mapped);
  else
    ::operator delete (memory, std::align_val_t{alignment});
}

const HostBuffers::Buffer* HostBuffers::find(std::string_view name) const {
  for (const Buffer& buffer : buffers_)
    if (buffer.name == name) return &buffer;
  return nullptr;
}

HostBuffers::Buffer& HostBuffers::add(std::string_view name, std::uint64_t bytes) {
  auto* memory = static_cast<std::byte*>(::operator new (bytes, std::align_val_t{alignment}));
  std::memset(memory, 0, bytes);
  buffers_.push_back({std::string(name), Memory(memory, Release{0}), bytes, false, {}});
  used_ += bytes;
  return buffers_.back();
}

zm_status HostBuffers::adopt(std::string_view name, std::uint64_t bytes, void*& memory) {
  if (const zm_status may = may_add(name, bytes); may != ZM_OK) return may;
  memory = add(name, bytes).memory.get();
  return ZM_OK;
}

zm_status HostBuffers::may_add(std::string_view name, std::uint64_t bytes) const {
  if (name.empty() || bytes == 0 || find(name) != nullptr) return ZM_E_ARGUMENT;
  return bytes > limit_ || used_ > limit_ - bytes ? zm_status{ZM_E_QUOTA} : zm_status{ZM_OK};
}

// Neither process can shrink it: the other would get SIGBUS.
zm_status HostBuffers::adopt_shared(std::string_view name, std::uint64_t bytes, void*& memory,
                                    int& file) {
  if (const zm_status may = may_add(name, bytes); may != ZM_OK) return may;
  FileDescriptor made(::memfd_create("zomma-buffer", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!made.valid() || ::posix_fallocate(made.get(), 0, static_cast<off_t>(bytes)) != 0 ||
      ::fcntl(made.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    return ZM_E_FAILED;
  void* mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, made.get(), 0);
  if (mapped == MAP_FAILED) return ZM_E_FAILED;
  memory = mapped;
  file = made.get();
  buffers_.push_back({std::string(name), Memory(static_cast<std::byte*>(mapped), Release{bytes}),
                      bytes, false, std::move(made)});
  used_ += bytes;
  return ZM_OK;
}

bool HostBuffers::restored(std::string_view name) const {
  const Buffer* buffer = find(name);
  return buffer != nullptr && buffer->restored;
}

void HostBuffers::fill_from(const HostBuffers& from) {
  for (Buffer& buffer : buffers_) {
    const Buffer* known = from.find(buffer.name);
    if (known == nullptr || known->bytes != buffer.bytes) continue;
    std::memcpy(buffer.memory.get(), known->memory.get(), buffer.bytes);
    buffer.restored = true;
  }
}

HostBuffers HostBuffers::copy() const {
  HostBuffers kept(UINT64_MAX);
  for (const Buffer& buffer : buffers_)
    std::memcpy(kept.add(buffer.name, buffer.bytes).memory.get(), buffer.memory.get(),
                buffer.bytes);
  return kept;
}

void HostBuffers::save(ArchiveWriter& out) const {
  out.put(static_cast<std::uint32_t>(buffers_.size()));
  for (const Buffer& buffer : buffers_) {
    out.put_text(buffer.name);
    out.put_text({reinterpret_cast<const char*>(buffer.memory.get()), buffer.bytes});
  }
}

HostBuffers HostBuffers::load(ArchiveReader& in) {
  HostBuffers kept(UINT64_MAX);
  for (auto count = in.get<std::uint32_t>(); count > 0 && in.ok(); --count) {
    const std::string name = in.get_text();
    const auto bytes = in.get_vector<std::byte>();
    if (name.empty() || bytes.empty() || kept.find(name) != nullptr) in.fail();
    if (in.ok()) std::memcpy(kept.add(name, bytes.size()).memory.get(), bytes.data(), bytes.size());
  }
  return kept;
}

}  // namespace zomma
