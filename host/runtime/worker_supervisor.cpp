#include "runtime/worker_supervisor.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace zomma {
namespace {

// How soon the process of a strategy that was replaced or enabled is watched.
constexpr int look_every_ms = 100;

}  // namespace

Result<std::unique_ptr<WorkerSupervisor>> WorkerSupervisor::start(SessionControl& control) {
  FileDescriptor over(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!over.valid()) return system_error("watch", "the strategies' processes", errno);
  std::unique_ptr<WorkerSupervisor> supervisor(new WorkerSupervisor(control, std::move(over)));
  supervisor->thread_ = std::thread([raw = supervisor.get()] { raw->watch(); });
  return supervisor;
}

WorkerSupervisor::~WorkerSupervisor() {
  const std::uint64_t one = 1;
  while (::write(over_.get(), &one, sizeof one) < 0 && errno == EINTR) {
  }
  if (thread_.joinable()) thread_.join();
}

void WorkerSupervisor::watch() {
  for (;;) {
    const std::vector<SessionControl::Worker> workers = control_.workers();
    std::vector<pollfd> watched{{over_.get(), POLLIN, 0}};
    for (const auto& worker : workers) watched.push_back({worker.process.get(), POLLIN, 0});
    const int found = ::poll(watched.data(), watched.size(), look_every_ms);
    if (watched.front().revents != 0) return;
    for (std::size_t i = 0; found > 0 && i < workers.size(); ++i)
      if (watched[i + 1].revents != 0) control_.found_dead(workers[i].instance);
    control_.begin_again();
  }
}

}  // namespace zomma
