#include "serve/admin_token.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

#include "base/file_descriptor.h"
#include "base/sha256.h"

namespace zomma {
namespace {

constexpr std::size_t shortest = 32, longest = 256;

// Complete under its name or not there at all: written beside it and linked, so that of two hosts
// starting at once one makes the token and both read it.
Result<void> make_token(const std::string& path) {
  Sha256Digest random;
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    return system_error("draw random bytes for", path, errno);
  std::error_code code;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), code);
  std::string temporary = path + ".XXXXXX";
  const FileDescriptor file(::mkostemp(temporary.data(), O_CLOEXEC));  // of mode 0600
  if (!file.valid()) return system_error("create", path, errno);
  const std::string text = to_hex(random) + "\n";
  auto written = write_all(file, temporary, std::as_bytes(std::span(text)), 0);
  if (written && ::link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST)
    written = system_error("create", path, errno);
  ::unlink(temporary.c_str());
  return written;
}

}  // namespace

Result<AdminToken> AdminToken::load(const std::string& path, bool make) {
  if (make && ::access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
    if (const auto made = make_token(path); !made) return made.error();
  }
  const auto file = FileDescriptor::open(path, O_RDONLY);
  if (!file) return Error{file.error().code, "the admin token: " + file.error().message};
  struct stat status {};
  if (::fstat(file->get(), &status) != 0) return system_error("read", path, errno);
  if (!S_ISREG(status.st_mode)) return Error{Errc::refused, path + " is no regular file"};
  if ((status.st_mode & 077) != 0)
    return Error{Errc::refused, "others may read the admin token " + path +
                                    "; chmod 600 it, or remove it for a new one"};
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    return Error{Errc::refused, "the admin token " + path + " belongs to another user"};
  std::array<char, longest + 2> bytes{};
  const auto count = read_at(*file, path, std::as_writable_bytes(std::span(bytes)), 0);
  if (!count) return count.error();
  std::string_view text(bytes.data(), *count);
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  const bool visible =
      std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (text.size() < shortest || text.size() > longest || !visible)
    return Error{Errc::invalid_argument,
                 path + " holds no admin token; expected one line of 32 to 256 visible characters"};
  return AdminToken(std::string(text));
}

bool AdminToken::fits(std::string_view authorization) const {
  constexpr std::string_view scheme = "Bearer ";
  const bool bearer = authorization.substr(0, scheme.size()) == scheme;
  const std::string_view given = bearer ? authorization.substr(scheme.size()) : std::string_view();
  // Digests have one length, so not even the token's length shows.
  const Sha256Digest a = sha256(given.data(), given.size()),
                     b = sha256(token_.data(), token_.size());
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0 && bearer;
}

}  // namespace zomma
