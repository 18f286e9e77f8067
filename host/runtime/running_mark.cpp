#include "runtime/running_mark.h"

#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>

namespace zomma {
namespace {

constexpr std::uint64_t mark_magic = 0x4B52414D4D5A0001;  // "MARK" and the layout's number
constexpr std::size_t mark_bytes = 4096;
constexpr std::array fatal_signals{SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
constexpr std::size_t crash_stack_bytes = 64 * 1024;

std::atomic<RunningMark*> watched{nullptr};

std::string mark_path(const std::string& state_dir) { return state_dir + "/running.mark"; }

// Async-signal-safe: no allocation, no locale, no stdio.
void say(const char* text) {
  const auto ignored = write(STDERR_FILENO, text, std::strlen(text));
  (void)ignored;
}
void say_number(std::uint64_t number) {
  char digits[24];
  char* at = digits + sizeof digits;
  *--at = '\0';
  do *--at = static_cast<char>('0' + number % 10);
  while ((number /= 10) != 0);
  say(at);
}

void on_fatal(int signal, siginfo_t*, void*) {
  RunningMark* mark = watched.load(std::memory_order_acquire);
  if (mark != nullptr) {
    const std::uint32_t instance = mark->instance.load(std::memory_order_acquire);
    mark->died_of.store(static_cast<std::uint32_t>(signal), std::memory_order_release);
    say("\nzomma: fatal signal ");
    say_number(static_cast<std::uint64_t>(signal));
    if (instance != RunningMark::nobody) {
      say(" in strategy number ");
      say_number(instance);
      say(", in the batch that ends with its event ");
      say_number(mark->at_seq.load(std::memory_order_relaxed));
      say("; start again: the run goes on without it\n");
    } else {
      say(" outside of any strategy\n");
    }
  }
  ::signal(signal, SIG_DFL);
  raise(signal);
}

}  // namespace

Result<FoundDead> RunningMarkFile::read(const std::string& state_dir) {
  auto file = MappedFile::open_read_only(mark_path(state_dir));
  if (!file) return Error{Errc::not_found, "no mark"};
  if (file->size() < sizeof(RunningMark)) return Error{Errc::not_found, "no whole mark"};
  const auto& mark = *reinterpret_cast<const RunningMark*>(file->data());
  const FoundDead found{InstanceId{mark.instance.load()}, mark.died_of.load(), mark.at_seq.load(),
                        mark.first_output.load()};
  if (mark.magic != mark_magic || found.instance.value == RunningMark::nobody || found.died_of == 0)
    return Error{Errc::not_found, "no strategy died"};
  return found;
}

Result<RunningMarkFile> RunningMarkFile::create(const std::string& state_dir) {
  std::error_code code;
  std::filesystem::create_directories(state_dir, code);
  const std::string path = mark_path(state_dir);
  std::filesystem::remove(path, code);
  auto file = MappedFile::create(path, mark_bytes);
  if (!file) return file.error();
  new (file->data()) RunningMark;
  reinterpret_cast<RunningMark*>(file->data())->magic = mark_magic;
  return RunningMarkFile(path, std::move(*file));
}

RunningMarkFile::~RunningMarkFile() {
  if (file_.data() == nullptr) return;
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

void install_crash_handlers(RunningMark& mark) {
  watched.store(&mark, std::memory_order_release);
  struct sigaction action {};
  action.sa_sigaction = on_fatal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND;
  for (const int signal : fatal_signals) sigaction(signal, &action, nullptr);
}

void use_crash_stack() {
  static thread_local std::array<char, crash_stack_bytes> memory;
  stack_t stack{};
  stack.ss_sp = memory.data();
  stack.ss_size = memory.size();
  sigaltstack(&stack, nullptr);
}

void clear_crash_handlers() {
  for (const int signal : fatal_signals) ::signal(signal, SIG_DFL);
  watched.store(nullptr, std::memory_order_release);
}

std::string death_in_words(std::uint32_t died_of) {
  if (died_of == RunningMark::stuck) return "the watchdog: it did not come back";
  const char* name = sigabbrev_np(static_cast<int>(died_of));
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", died_of);
}

bool Watchdog::stuck(Nanoseconds now) {
  const bool inside = mark_.instance.load(std::memory_order_acquire) != RunningMark::nobody;
  const std::uint64_t call = mark_.calls.load(std::memory_order_relaxed);
  if (!inside || !inside_ || call != call_) {
    inside_ = inside;
    call_ = call;
    since_ = now;
    return false;
  }
  return now.value - since_.value > longest_.value;
}

void end_stuck(RunningMark& mark) {
  mark.died_of.store(RunningMark::stuck, std::memory_order_release);
  say("\nzomma: strategy number ");
  say_number(mark.instance.load());
  say(" does not come back from the batch that ends with its event ");
  say_number(mark.at_seq.load());
  say("; start again: the run goes on without it\n");
  _exit(exit_stuck);
}

}  // namespace zomma
