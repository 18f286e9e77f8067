#include "plugin/worker/process.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <new>

extern char** environ;

namespace zomma::worker {
namespace {

constexpr int memory_fd = 3;  // as the worker sees them
constexpr int lifeline_fd = 4;
constexpr int first_safe_fd =
    10;  // ours stay clear of the two numbers, so that one dup2 cannot close the other

Error failed(const char* doing, int number) { return system_error(doing, "the worker", number); }

Result<FileDescriptor> clear_of_small_numbers(FileDescriptor fd) {
  FileDescriptor moved(fcntl(fd.get(), F_DUPFD_CLOEXEC, first_safe_fd));
  if (!moved.valid()) return failed("get a descriptor for", errno);
  return moved;
}

// Its size is sealed: a worker that truncated it would give the host SIGBUS.
Result<FileDescriptor> make_memory() {
  FileDescriptor file(memfd_create("zomma-worker", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file.valid()) return failed("make memory for", errno);
  if (posix_fallocate(file.get(), 0, sizeof(Shared)) != 0 ||
      ftruncate(file.get(), sizeof(Shared)) != 0)
    return Error{Errc::no_space, "there is no memory to share with a worker"};
  if (fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    return failed("seal the memory of", errno);
  return clear_of_small_numbers(std::move(file));
}

bool one_core_only() {
  cpu_set_t cores;
  return sched_getaffinity(0, sizeof cores, &cores) == 0 && CPU_COUNT(&cores) < 2;
}

struct SpawnPlan {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  SpawnPlan() {
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
};

// The host's variables with those of the options in place of their like, as "NAME=value".
std::vector<std::string> variables_of(const gpu::Environment& own) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::string_view name = text.substr(0, text.find('='));
    if (std::none_of(own.begin(), own.end(),
                     [&](const auto& known) { return known.first == name; }))
      variables.emplace_back(text);
  }
  for (const auto& [name, value] : own) variables.push_back(name + '=' + value);
  return variables;
}

// Nothing of the host is inherited but its environment, stdout, stderr, the memory and the
// lifeline. A group of its own: Ctrl-C at the terminal is for the host, which then ends its workers
// in order.
int spawn_child(const WorkerOptions& options, const gpu::Environment& own, int memory, int lifeline,
                pid_t& pid) {
  SpawnPlan plan;
  posix_spawn_file_actions_addopen(&plan.files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&plan.files, memory, memory_fd);
  posix_spawn_file_actions_adddup2(&plan.files, lifeline, lifeline_fd);
  posix_spawn_file_actions_addclosefrom_np(&plan.files, lifeline_fd + 1);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&plan.attributes, &none);
  posix_spawnattr_setsigdefault(&plan.attributes, &all);
  posix_spawnattr_setpgroup(&plan.attributes, 0);
  posix_spawnattr_setflags(&plan.attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> words{"zomma"};
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  words.insert(words.end(), {"--fd", std::to_string(memory_fd)});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::vector<std::string> variables = variables_of(own);
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  return posix_spawn(&pid, options.program.c_str(), &plan.files, &plan.attributes, arguments.data(),
                     environment.data());
}

std::string describe(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return fmt::format("exited with status {}", info.si_status);
  const char* name = sigabbrev_np(info.si_status);
  const char* meaning = sigdescr_np(info.si_status);
  return fmt::format("killed by signal {} ({}: {})", info.si_status, name == nullptr ? "?" : name,
                     meaning == nullptr ? "unknown" : meaning);
}

bool readable(int fd, int timeout_ms) {
  pollfd watched{fd, POLLIN, 0};
  return poll(&watched, 1, timeout_ms) == 1;
}

}  // namespace

Result<std::unique_ptr<Process>> Process::start(const WorkerOptions& options) {
  auto own = gpu::environment_of(options.gpu_limits);
  if (!own) return own.error();
  if (const auto daemon = gpu::check_mps(options.gpu_limits); !daemon) return daemon.error();
  own->insert(own->end(), options.environment.begin(), options.environment.end());
  auto memory = make_memory();
  if (!memory) return memory.error();
  std::unique_ptr<Process> process(new Process);
  void* mapped =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, memory->get(), 0);
  if (mapped == MAP_FAILED) return failed("map the memory of", errno);
  process->shared_ = new (mapped) Shared;
  Shared& shared = *process->shared_;
  shared.magic = shared_magic;
  shared.size = sizeof(Shared);
  shared.memory_limit = options.memory_limit;
  process->spin_ = one_core_only() ? Nanoseconds{0} : options.spin;
  shared.spin_ns = process->spin_.value;
  shared.core = options.core;
  shared.lifeline = lifeline_fd;
  shared.lending = options.lending;
  shared.loans = options.loans;

  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return failed("make a pipe for", errno);
  process->lifeline_ = FileDescriptor(ends[1]);
  auto lifeline = clear_of_small_numbers(FileDescriptor(ends[0]));
  if (!lifeline) return lifeline.error();
  if (const int number = spawn_child(options, *own, memory->get(), lifeline->get(), process->pid_);
      number != 0) {
    process->pid_ = -1;
    return system_error("start", options.program.string(), number);
  }
  process->pidfd_ = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, process->pid_, 0)));
  if (!process->pidfd_.valid()) return failed("watch", errno);
  if (const auto confined = process->confine(options); !confined) return confined.error();
  return process;
}

Result<void> Process::confine(const WorkerOptions& options) {
  if (options.cgroup.empty()) return {};
  auto group = gpu::WorkerCgroup::create(options.cgroup, fmt::format("worker-{}", pid_),
                                         options.cgroup_limits);
  if (!group) return group.error();
  group_ = std::move(*group);
  return group_->add(pid_);
}

Process::~Process() {
  if (pid_ > 0) kill();
  if (shared_ != nullptr) munmap(shared_, sizeof(Shared));
}

bool Process::alive() const { return !readable(pidfd_.get(), 0); }

bool Process::reap() {
  if (reaped_) return true;
  if (pidfd_.valid() && !readable(pidfd_.get(), 0)) return false;
  siginfo_t info{};
  int found = -1;
  while ((found = waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED)) != 0 && errno == EINTR) {
  }
  // Not ours to wait for only where the embedding program ignores SIGCHLD; it has ended all the
  // same.
  description_ = found == 0 ? describe(info) : "ended";
  if (group_ && group_->out_of_memory_kills() > 0)
    description_ += ", for want of memory in its control group";
  reaped_ = true;
  return true;
}

void Process::kill() {
  if (reaped_ || (pidfd_.valid() && reap())) return;
  ::kill(pid_, SIGKILL);
  if (pidfd_.valid()) readable(pidfd_.get(), -1);
  reap();
}

bool Process::wait(Nanoseconds timeout) {
  readable(pidfd_.get(), static_cast<int>(timeout.value / 1'000'000));
  return reap();
}

}  // namespace zomma::worker
