#include "base/sha256.h"

#include <openssl/evp.h>

#include <fcntl.h>

#include <new>
#include <vector>

#include "base/file_descriptor.h"

namespace zomma {

std::string to_hex(const Sha256Digest& digest) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(digest.size() * 2);
  for (const std::uint8_t byte : digest) {
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 15]);
  }
  return text;
}

// `scratch` takes a copy for an intermediate digest, so that asking for one never allocates.
struct Sha256::Contexts {
  Contexts() : running(EVP_MD_CTX_new()), scratch(EVP_MD_CTX_new()) {
    // Only lack of memory, or an OpenSSL without SHA-256, can fail here.
    if (!running || !scratch || !EVP_DigestInit_ex(running, EVP_sha256(), nullptr))
      throw std::bad_alloc();
  }
  Contexts(const Contexts&) = delete;
  Contexts& operator=(const Contexts&) = delete;
  ~Contexts() {
    EVP_MD_CTX_free(running);
    EVP_MD_CTX_free(scratch);
  }
  EVP_MD_CTX* running;
  EVP_MD_CTX* scratch;
};

Sha256::Sha256() : contexts_(std::make_unique<Contexts>()) {}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(const void* data, std::size_t size) noexcept {
  EVP_DigestUpdate(contexts_->running, data, size);
}

Sha256Digest Sha256::digest() const noexcept {
  Sha256Digest result{};
  EVP_MD_CTX_copy_ex(contexts_->scratch, contexts_->running);
  EVP_DigestFinal_ex(contexts_->scratch, result.data(), nullptr);
  return result;
}

void Sha256::reset() noexcept { EVP_DigestInit_ex(contexts_->running, EVP_sha256(), nullptr); }

Sha256Digest sha256(const void* data, std::size_t size) {
  Sha256 hash;
  hash.update(data, size);
  return hash.digest();
}

Result<Sha256Digest> sha256_file(const std::string& path) {
  auto file = FileDescriptor::open(path, O_RDONLY);
  if (!file) return file.error();
  Sha256 hash;
  std::vector<std::byte> block(1 << 18);
  for (std::uint64_t offset = 0;;) {
    const auto count = read_at(*file, path, block, offset);
    if (!count) return count.error();
    if (*count == 0) return hash.digest();
    hash.update(block.data(), *count);
    offset += *count;
  }
}

}  // namespace zomma
