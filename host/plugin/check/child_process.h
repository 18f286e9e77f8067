// child_process.h: runs a program as a child that cannot hurt its parent: its words come back
// through a pipe, its time is limited, and whatever it left running is killed with it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/types.h"

namespace zomma {

// The child writes its report to this descriptor.
constexpr int child_report_fd = 3;

struct ChildEnd {
  enum class How { exited, signalled, timed_out } how = How::exited;
  int code = 0;  // exit status or signal number
  bool left_children =
      false;           // a process of the child's group was still alive when the child ended
  std::string report;  // at most 1 MiB of what it wrote to child_report_fd
  Nanoseconds took{};
};

// Runs `executable arguments...` with stdin, stdout and stderr on /dev/null and waits. Errors: it
// could not be started. Any thread.
Result<ChildEnd> run_child(const std::string& executable, const std::vector<std::string>& arguments,
                           Nanoseconds timeout);

// "SIGSEGV", "signal 40".
std::string signal_name(int number);

// The program that is running now.
std::string own_executable();

// Called first by a child: it shall not outlive its parent, nor write core files.
void become_child();

}  // namespace zomma
