// resource_tests.cpp: what a plugin takes: memory, threads, files, time, the settings of the
// process; and that it all comes back when it goes.
#include <fcntl.h>
#include <fenv.h>
#include <fmt/format.h>
#include <malloc.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xmmintrin.h>

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/file_descriptor.h"
#include "plugin/check/catalogue.h"
#include "plugin/check/child_process.h"
#include "plugin/check/interpose.h"
#include "plugin/check/subject.h"

namespace zomma::check {
namespace {

Outcome failed(std::string message) { return {Status::failed, std::move(message), {}}; }

std::size_t entries(const char* directory) {
  std::error_code code;
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(directory, code), {}));
}
std::size_t thread_count() { return entries("/proc/self/task"); }
std::size_t file_count() { return entries("/proc/self/fd"); }
std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0, resident = 0;
  file >> all >> resident;
  return resident * 4096;
}

void one_life(const Library& library, std::uint64_t seed, int updates, bool own_thread = true) {
  Life::Habits habits;
  habits.own_thread = own_thread;
  Life life(library, seed, habits);
  life.begin();
  life.run(updates);
  life.end();
}

Outcome threads_and_files(const Subject& subject) {
  const std::size_t threads = thread_count(), files = file_count();
  {
    const Library library(subject.path);
    for (int i = 0; i < 3; ++i) one_life(library, subject.seed, 100);
    if (thread_count() > threads)
      return failed(fmt::format("{} threads run on after destroy: ask the host for timers instead",
                                thread_count() - threads));
    if (file_count() > files)
      return failed(
          fmt::format("{} file descriptors are left open after destroy", file_count() - files));
  }
  if (thread_count() > threads || file_count() > files)
    return failed("threads or file descriptors are left after unloading");
  return {};
}

Outcome leaks(const Subject& subject) {
  const Library library(subject.path);
  constexpr int lives = 40;
  for (int i = 0; i < 3; ++i) one_life(library, subject.seed, 60, false);
  const auto before = mallinfo2().uordblks + mallinfo2().hblkhd;
  for (int i = 0; i < lives; ++i) one_life(library, subject.seed, 60, false);
  const auto after = mallinfo2().uordblks + mallinfo2().hblkhd;
  const auto each = after > before ? (after - before) / lives : 0;
  if (each >= 64)
    return failed(fmt::format("every life leaves about {} bytes allocated after destroy", each));
  return {};
}

Outcome allocations(const Subject& subject) {
  const Library library(subject.path);
  interpose(library.handle());
  Life life(library, subject.seed);
  life.begin();
  life.run(200);  // a buffer may grow to its size first
  // The orders' answers of a Life allocate in the host; only what happens inside on_events counts.
  Asked asked{};
  std::uint64_t calls = 0, guilty = 0;
  life.around = [&](bool before) {
    if (before) return begin_counting();
    const Asked one = end_counting();
    asked.allocations += one.allocations;
    asked.blocking += one.blocking;
    asked.clock += one.clock;
    asked.random += one.random;
    ++calls;
    if (one.allocations > 0) ++guilty;
  };
  life.run(400);
  life.around = nullptr;
  life.end();
  if (asked.allocations > 0)
    return failed(fmt::format(
        "on_events allocated memory in {} of {} calls ({} allocations); allocate in activate",
        guilty, calls, asked.allocations));
  if (asked.blocking > 0)
    return failed(fmt::format("on_events made {} calls that may block (sleep, files) in {} batches",
                              asked.blocking, calls));
  if (asked.random > 0)
    return failed(fmt::format(
        "on_events asked the system for random numbers {} times: a replay cannot repeat them",
        asked.random));
  if (asked.clock > 0)
    return failed(fmt::format(
        "on_events read the system's clock {} times: use the event's ts_ns, or a replay differs",
        asked.clock));
  return {};
}

Outcome memory(const Subject& subject) {
  constexpr std::uint64_t most = 1ull << 30;
  const std::size_t before = resident_bytes();
  const Library library(subject.path);
  interpose(library.handle());
  begin_counting();
  one_life(library, subject.seed, 200);
  const Asked asked = end_counting();
  if (asked.largest > most)
    return failed(fmt::format("it asked for {} MiB at once; an instance has at most {}",
                              asked.largest >> 20, most >> 20));
  const std::size_t after = resident_bytes();
  if (after > before + most)
    return failed(fmt::format("the process grew by {} MiB in one life", (after - before) >> 20));
  return {};
}

Outcome speed(const Subject& subject) {
  const Library library(subject.path);
  Life life(library, subject.seed);
  life.begin();
  life.run(100);
  std::vector<std::int64_t> took;
  timespec begin{};
  life.around = [&](bool before) {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    if (before)
      begin = now;
    else
      took.push_back((now.tv_sec - begin.tv_sec) * 1'000'000'000 + now.tv_nsec - begin.tv_nsec);
  };
  life.run(300);
  life.around = nullptr;
  life.end();
  if (took.empty()) return {};
  std::nth_element(took.begin(), took.begin() + static_cast<std::ptrdiff_t>(took.size() / 2),
                   took.end());
  const auto median = took[took.size() / 2];
  if (median > 200'000)
    return {
        Status::warning,
        fmt::format(
            "half of its batches take more than {} us of processor time; the host's budget is 200",
            median / 1000),
        {}};
  return {};
}

// stdout and stderr go into memory while it lives.
class Catcher {
 public:
  Catcher()
      : file_(::memfd_create("output", MFD_CLOEXEC)),
        out_(::dup(STDOUT_FILENO)),
        err_(::dup(STDERR_FILENO)) {
    std::fflush(nullptr);
    ::dup2(file_.get(), STDOUT_FILENO);
    ::dup2(file_.get(), STDERR_FILENO);
  }
  ~Catcher() {
    std::fflush(nullptr);
    ::dup2(out_.get(), STDOUT_FILENO);
    ::dup2(err_.get(), STDERR_FILENO);
  }
  Catcher(const Catcher&) = delete;
  Catcher& operator=(const Catcher&) = delete;
  std::size_t written() const {
    struct stat info {};
    ::fstat(file_.get(), &info);
    return static_cast<std::size_t>(info.st_size);
  }

 private:
  FileDescriptor file_, out_, err_;
};

// What belongs to the process and not to a plugin.
struct Settings {
  unsigned rounding = _mm_getcsr() & ~0x3Fu;  // without the sticky flags
  std::string locale = std::setlocale(LC_ALL, nullptr);
  std::string folder = std::filesystem::current_path().string();
  mode_t mask = [] {
    const mode_t old = ::umask(0);
    ::umask(old);
    return old;
  }();
  std::vector<void*> handlers = [] {
    std::vector<void*> all;
    for (int number = 1; number < 32; ++number) {
      struct sigaction action {};
      ::sigaction(number, nullptr, &action);
      all.push_back(reinterpret_cast<void*>(action.sa_handler));
    }
    return all;
  }();
  rlimit files = [] {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit;
  }();

  std::string difference(const Settings& other) const {
    if (rounding != other.rounding)
      return "the floating-point mode (flush-to-zero or rounding; -ffast-math does it at load)";
    if (locale != other.locale) return "the locale";
    if (folder != other.folder) return "the working directory";
    if (mask != other.mask) return "the umask";
    if (handlers != other.handlers) return "a signal handler";
    if (files.rlim_cur != other.files.rlim_cur) return "a resource limit";
    return {};
  }
};

Outcome process_settings(const Subject& subject) {
  const Catcher out_and_err;
  const Settings before;
  const Library library(subject.path);
  one_life(library, subject.seed, 100, false);
  const std::string changed = before.difference(Settings{});
  std::fflush(nullptr);
  if (!changed.empty()) return failed("it changed " + changed + ", which belongs to the host");
  if (out_and_err.written() > 0)
    return failed(fmt::format("it wrote {} bytes to stdout or stderr; use the log extension",
                              out_and_err.written()));
  return {};
}

Outcome reloads(const Subject& subject) {
  const int wanted = subject.level >= 10 ? 300 : 60;
  const int settle = wanted / 5;
  std::size_t memory_before = 0, threads = 0, files = 0;
  for (int i = 0; i < wanted; ++i) {
    if (i == settle) {
      ::malloc_trim(0);
      memory_before = resident_bytes();
      threads = thread_count();
      files = file_count();
    }
    const Library library(subject.path);
    one_life(library, subject.seed, 3, false);
  }
  ::malloc_trim(0);
  const std::size_t memory_after = resident_bytes();
  if (thread_count() > threads)
    return failed(fmt::format("{} reloads left {} threads", wanted, thread_count() - threads));
  if (file_count() > files)
    return failed(fmt::format("{} reloads left {} open files", wanted, file_count() - files));
  constexpr std::size_t slack = 512 * 1024;
  if (memory_after > memory_before + slack)
    return failed(fmt::format("{} reloads let the process grow by {} KiB", wanted - settle,
                              (memory_after - memory_before) / 1024));
  return {};
}

constexpr Test tests[] = {
    {"threads-and-files", 2, "no thread and no open file outlives an instance", threads_and_files},
    {"memory-leak", 4, "nothing stays allocated after destroy", leaks},
    {"memory-size", 3, "an instance stays below 1 GiB", memory},
    {"hot-path", 5,
     "on_events allocates nothing, blocks on nothing, and reads no clock and no random numbers",
     allocations},
    {"hot-path-time", 6, "a batch takes at most 200 us of processor time", speed},
    {"process-settings", 5,
     "floating-point mode, locale, signal handlers and output are the host's", process_settings},
    {"reloads", 7, "many reloads leave memory, threads and files as they were", reloads},
};

}  // namespace

std::span<const Test> resource_tests() { return tests; }

}  // namespace zomma::check
