// input.h: a file's bytes in order, unpacked on the way if it is gzip or xz. Blocking; not for a
// hot path.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"

namespace zomma::itch {

class Input {
 public:
  virtual ~Input() = default;
  // Fills the front of `to` and returns how much; less than all of it only at the end, 0 then. An
  // error (Errc::io, corrupt, truncated) comes after every byte before it.
  virtual Result<std::size_t> read(std::span<std::byte> to) = 0;
};

// Tells the kind by the first bytes, not by the name.
Result<std::unique_ptr<Input>> open_input(const std::string& path);
// Bytes in memory, which must outlive the input.
std::unique_ptr<Input> memory_input(std::span<const std::byte> bytes);

}  // namespace zomma::itch
