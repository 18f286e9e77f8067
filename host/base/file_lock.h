// file_lock.h: "this file is mine as long as I live". An exclusive lock on an open file description
// (fcntl F_OFD_*): the kernel drops it when the owner's last descriptor closes, however the process
// ends. Advisory, whole file.
#pragma once

#include <string>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace zomma {

// True if the lock was taken (it is held until `file` and its duplicates close), false if someone
// else holds it.
Result<bool> lock_file(const FileDescriptor& file, const std::string& path);

// Whether anyone but `file` itself holds the lock. Takes nothing; works on read-only descriptors.
Result<bool> is_locked(const FileDescriptor& file, const std::string& path);

}  // namespace zomma
