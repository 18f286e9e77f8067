#include "runtime/config_edit/persist.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "base/file_descriptor.h"
#include "runtime/config/toml_tree.h"

namespace zomma {
namespace {

constexpr std::uint64_t largest_file = std::uint64_t{16} << 20;

Result<std::string> read_text(const FileDescriptor& file, const std::string& path) {
  const auto size = file_size(file, path);
  if (!size) return size.error();
  if (*size > largest_file) return Error{Errc::unsupported, path + " has more than 16 MiB"};
  std::string text(*size, '\0');
  const auto count = read_at(file, path, std::as_writable_bytes(std::span(text)), 0);
  if (!count) return count.error();
  text.resize(*count);
  return text;
}

// Removes the file unless it was renamed to its place.
struct Temporary {
  std::string path;
  ~Temporary() {
    if (!path.empty()) ::unlink(path.c_str());
  }
};

Result<void> replace_file(const std::string& path, const std::string& text,
                          const struct stat& old) {
  Temporary temporary{path + ".XXXXXX"};
  const FileDescriptor file(::mkostemp(temporary.path.data(), O_CLOEXEC));
  if (!file.valid()) {
    const Error error = system_error("create a file beside", path, errno);
    temporary.path.clear();
    return error;
  }
  const auto written = write_all(file, temporary.path, std::as_bytes(std::span(text)), 0);
  if (!written) return written.error();
  // The owner can only be kept by root; the mode always.
  if (old.st_uid != ::geteuid() || old.st_gid != ::getegid()) {
    if (::fchown(file.get(), old.st_uid, old.st_gid) != 0 && ::geteuid() == 0)
      return system_error("keep the owner of", path, errno);
  }
  if (::fchmod(file.get(), old.st_mode & 07777) != 0)
    return system_error("keep the mode of", path, errno);
  if (::fsync(file.get()) != 0) return system_error("sync", temporary.path, errno);
  if (::rename(temporary.path.c_str(), path.c_str()) != 0)
    return system_error("replace", path, errno);
  temporary.path.clear();
  return sync_directory(std::filesystem::path(path).parent_path().string());
}

// True for a damaged document, too: what is wrong with it is said by the edit.
bool defines_plugin(std::string_view text, std::string_view plugin) {
  const TomlDocument document = parse_toml(text);
  const TomlMember* plugins = document.root.find("plugin");
  return !document.errors.empty() || (plugins != nullptr && plugins->value.find(plugin) != nullptr);
}

Result<bool> persist(const std::string& named, const std::vector<std::string>& table,
                     std::string_view key, const TomlScalar& value) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(named.c_str(), nullptr),
                                                         &std::free);
  if (!real) return system_error("open", named, errno);
  const std::string path = real.get();
  const auto file = FileDescriptor::open(path, O_RDONLY);
  if (!file) return file.error();
  struct stat status {};
  if (::fstat(file->get(), &status) != 0) return system_error("read", path, errno);
  if (!S_ISREG(status.st_mode)) return Error{Errc::unsupported, path + " is no regular file"};
  const auto text = read_text(*file, path);
  if (!text) return text.error();
  if (!defines_plugin(*text, table[1]))
    return Error{Errc::not_found, named + ": there is no [plugin." + table[1] + "]"};
  const auto edited = set_toml_value(*text, table, key, value);
  if (!edited) return Error{edited.error().code, named + ": " + edited.error().message};
  if (*edited == *text) return false;
  const auto replaced = replace_file(path, *edited, status);
  if (!replaced) return replaced.error();
  return true;
}

}  // namespace

Result<bool> persist_parameter(const std::string& file, std::string_view plugin,
                               std::string_view key, const TomlScalar& value) {
  return persist(file, {"plugin", std::string(plugin), "params"}, key, value);
}

Result<bool> persist_enabled(const std::string& file, std::string_view plugin, bool enabled) {
  return persist(file, {"plugin", std::string(plugin)}, "enabled", enabled);
}

}  // namespace zomma
