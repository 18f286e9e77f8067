#include "plugin/check/marker.h"

#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstring>

#include "plugin/check/child_process.h"

namespace zomma::check {
namespace {

constexpr std::size_t signal_stack_size = 64 * 1024;

// Only what is allowed in a signal handler: a buffer, copies, write().
struct Line {
  char text[512];
  std::size_t length = 0;
  Line& operator<<(const char* word) {
    while (*word != '\0' && length < sizeof text) text[length++] = *word++;
    return *this;
  }
  Line& operator<<(std::uint64_t number) {
    char digits[20];
    int count = 0;
    do {
      digits[count++] = static_cast<char>('0' + number % 10);
    } while ((number /= 10) != 0);
    while (count > 0 && length < sizeof text) text[length++] = digits[--count];
    return *this;
  }
};

const char* name_of(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGBUS:
      return "SIGBUS";
    case SIGFPE:
      return "SIGFPE";
    case SIGILL:
      return "SIGILL";
    case SIGABRT:
      return "SIGABRT";
    case SIGTRAP:
      return "SIGTRAP";
    case SIGSYS:
      return "SIGSYS";
    default:
      return "a signal";
  }
}

// Near the stack pointer and not mapped: the stack ran out.
bool stack_ran_out(const siginfo_t& info, const void* context) {
#ifdef __x86_64__
  const auto pointer = static_cast<std::uint64_t>(
      static_cast<const ucontext_t*>(context)->uc_mcontext.gregs[REG_RSP]);
  const auto fault = reinterpret_cast<std::uint64_t>(info.si_addr);
  return fault + 65536 > pointer && fault < pointer + 65536;
#else
  (void)info, (void)context;
  return false;
#endif
}

void on_fatal(int signal, siginfo_t* info, void* context) {
  const Marker& at = marker();
  Line line;
  const auto* address = static_cast<const std::byte*>(info->si_addr);
  const bool in_loan = signal == SIGSEGV && address >= at.lent && address < at.lent + at.lent_size;
  if (in_loan) {
    line << "Failed\n"
         << (at.lending ? "it wrote into the host's events"
                        : "it used a batch after the call that lent it")
         << " in " << at.hook << ", event " << at.seq << "\n";
  } else if (signal == SIGALRM || signal == SIGVTALRM) {
    line << "Crashed\nit did not return from " << at.hook << " in time, event " << at.seq << "\n";
  } else {
    line << "Crashed\n" << name_of(signal) << " in " << at.hook << ", event " << at.seq;
    if (signal == SIGSEGV && stack_ran_out(*info, context)) line << ": the stack ran out";
    line << "\n";
  }
  [[maybe_unused]] const auto written = ::write(child_report_fd, line.text, line.length);
  ::_exit(125);
}

}  // namespace

Marker& marker() {
  static Marker one;
  return one;
}

void use_signal_stack() {
  // Never freed: it must outlive every handler of the thread, and a child is short-lived.
  static thread_local char* stack = new char[signal_stack_size];
  const stack_t alternative{stack, 0, signal_stack_size};
  ::sigaltstack(&alternative, nullptr);
}

void report_fatal_signals(double seconds) {
  marker();
  use_signal_stack();
  struct sigaction action {};
  action.sa_sigaction = on_fatal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGALRM})
    ::sigaction(signal, &action, nullptr);
  const auto whole = static_cast<time_t>(seconds);
  const itimerval once{
      {0, 0}, {whole, static_cast<suseconds_t>((seconds - static_cast<double>(whole)) * 1e6)}};
  ::setitimer(ITIMER_REAL, &once, nullptr);
}

}  // namespace zomma::check
