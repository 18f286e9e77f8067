// marker.h: where a child is in its subject, readable by a signal handler: so that a crash or a
// hang names the hook.
#pragma once

#include <cstddef>
#include <cstdint>

namespace zomma::check {

struct Marker {
  const char* volatile hook = "the validator";
  volatile std::uint64_t seq = 0;  // last event given to the plugin
  const std::byte* volatile lent =
      nullptr;  // memory lent to the plugin; a fault inside it is misuse of a batch
  volatile std::size_t lent_size = 0;
  volatile bool lending = false;  // true during the call for which it is valid
};
Marker& marker();

// Sets marker().hook for a scope.
class In {
 public:
  explicit In(const char* hook) : before_(marker().hook) { marker().hook = hook; }
  ~In() { marker().hook = before_; }
  In(const In&) = delete;
  In& operator=(const In&) = delete;

 private:
  const char* before_;
};

// From here fatal signals and an alarm after `seconds` write "Crashed" or "Crashed (hang)" with the
// hook and the event to child_report_fd before the process ends. The calling thread gets an
// alternative stack; others call use_signal_stack().
void report_fatal_signals(double seconds);
void use_signal_stack();

}  // namespace zomma::check
