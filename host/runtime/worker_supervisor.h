// worker_supervisor.h: watches the processes of strategies, so that a death is seen at once and not
// at the next event, and begins the dead again.
#pragma once

#include <memory>
#include <thread>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "runtime/session_control.h"

namespace zomma {

class WorkerSupervisor {
 public:
  // `control` outlives it. [control]
  static Result<std::unique_ptr<WorkerSupervisor>> start(SessionControl& control);
  ~WorkerSupervisor();
  WorkerSupervisor(const WorkerSupervisor&) = delete;
  WorkerSupervisor& operator=(const WorkerSupervisor&) = delete;

 private:
  WorkerSupervisor(SessionControl& control, FileDescriptor over)
      : control_(control), over_(std::move(over)) {}
  void watch();

  SessionControl& control_;
  FileDescriptor over_;  // an eventfd; readable = stop
  std::thread thread_;
};

}  // namespace zomma
