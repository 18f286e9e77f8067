#include "cli/authoring/source_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace zomma::cli {
namespace {
namespace fs = std::filesystem;

constexpr int quiet_ms = 20;
constexpr std::uint32_t saved = IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM;

bool is_ours(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return !name.empty() && name.front() != '.' && name.compare(0, 5, "build") != 0;
}

}  // namespace

bool is_source(const fs::path& file) {
  static constexpr std::string_view endings[] = {".c",   ".cc",  ".cpp", ".cxx", ".h",   ".hh",
                                                 ".hpp", ".hxx", ".inc", ".cu",  ".cuh", ".cmake"};
  const std::string name = file.filename().string(), ending = file.extension().string();
  if (name.empty() || name.front() == '.' || name.front() == '#') return false;
  return name == "CMakeLists.txt" || name == "plugin.toml" ||
         std::find(std::begin(endings), std::end(endings), ending) != std::end(endings);
}

Result<SourceWatch> SourceWatch::open(const fs::path& folder) {
  const int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0)
    return Error{Errc::exhausted,
                 std::string("the system gives no inotify watch: ") + std::strerror(errno)};
  SourceWatch watch(descriptor, folder);
  watch.add(folder);
  if (watch.watched_.empty())
    return Error{Errc::exhausted, folder.string() + " cannot be watched: " + std::strerror(errno) +
                                      "; see fs.inotify.max_user_watches"};
  return watch;
}

SourceWatch::SourceWatch(SourceWatch&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      folder_(std::move(other.folder_)),
      watched_(std::move(other.watched_)) {}

SourceWatch::~SourceWatch() {
  if (descriptor_ >= 0) close(descriptor_);
}

void SourceWatch::add(const fs::path& folder) {
  const int number = inotify_add_watch(descriptor_, folder.c_str(), saved | IN_CREATE | IN_ONLYDIR);
  if (number < 0) return;
  watched_[number] = folder;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code))
    if (entry.is_directory(code) && !entry.is_symlink(code) && is_ours(entry.path()))
      add(entry.path());
}

std::vector<std::string> SourceWatch::take() {
  std::vector<std::string> changed;
  alignas(inotify_event) char block[8192];
  pollfd ready{descriptor_, POLLIN, 0};
  do {
    for (ssize_t count = 0; (count = read(descriptor_, block, sizeof block)) > 0;) {
      for (const char* at = block; at < block + count;) {
        const auto* event = reinterpret_cast<const inotify_event*>(at);
        at += sizeof(inotify_event) + event->len;
        const auto folder = watched_.find(event->wd);
        if (folder == watched_.end() || event->len == 0) continue;
        const fs::path path = folder->second / event->name;
        if (event->mask & IN_ISDIR) {
          if ((event->mask & (IN_CREATE | IN_MOVED_TO)) && is_ours(path)) add(path);
        } else if ((event->mask & saved) && is_source(path)) {
          changed.push_back(path.lexically_relative(folder_).string());
        }
      }
    }
  } while (poll(&ready, 1, quiet_ms) > 0);
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  return changed;
}

}  // namespace zomma::cli
