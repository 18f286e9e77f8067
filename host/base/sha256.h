// sha256.h: incremental SHA-256 (FIPS 180-4), for digests of runs and of plugin files. Allocates
// when made, not afterwards.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace zomma {

using Sha256Digest = std::array<std::uint8_t, 32>;

// 64 lower-case hexadecimal digits.
std::string to_hex(const Sha256Digest& digest);

class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();

  void update(const void* data, std::size_t size) noexcept;
  void update(std::span<const std::byte> bytes) noexcept { update(bytes.data(), bytes.size()); }

  // The digest of everything up to now; more may follow.
  Sha256Digest digest() const noexcept;
  std::string hex() const { return to_hex(digest()); }
  // Starts again from nothing.
  void reset() noexcept;

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

// In one call.
Sha256Digest sha256(const void* data, std::size_t size);
// Of a file's content. Errors: not_found, io.
Result<Sha256Digest> sha256_file(const std::string& path);

}  // namespace zomma
