#include "plugin/worker/worker_main.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include <zomma/entry.h>
#include <zomma/ext/params.h>
#include <zomma/ext/state.h>

#include "base/file_descriptor.h"
#include "plugin/worker/worker_host.h"

namespace zomma {
namespace worker {
namespace {

constexpr int exit_wrong_memory = 3;
constexpr int exit_no_host = 4;

// The host may die in any way and from any thread, so this hangs on a pipe that dies with the
// process. (The kernel's PR_SET_PDEATHSIG follows the *thread* that made us, which may end long
// before the host does.) The signal is SIGKILL: it also ends a plugin that loops, or a process that
// was stopped.
bool tie_to_host(int lifeline) {
  if (fcntl(lifeline, F_SETFD, FD_CLOEXEC) != 0 || fcntl(lifeline, F_SETOWN, getpid()) != 0 ||
      fcntl(lifeline, F_SETSIG, SIGKILL) != 0)
    return false;
  if (fcntl(lifeline, F_SETFL, O_ASYNC | O_NONBLOCK) != 0) return false;
  pollfd already{lifeline, POLLIN, 0};
  return poll(&already, 1, 0) == 0;  // it may have died before
}

// The limits of this process; the sentence of what went wrong, or nothing.
std::string limit(const Shared& shared) {
  const rlimit no_core{0, 0};  // writing one would delay the news of our death
  setrlimit(RLIMIT_CORE, &no_core);
  if (shared.memory_limit != 0) {
    const rlimit memory{shared.memory_limit, shared.memory_limit};
    if (setrlimit(RLIMIT_AS, &memory) != 0)
      return system_error("limit the memory of", "the worker", errno).message;
  }
  if (shared.core >= 0) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(shared.core, &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0)
      return system_error("pin", "the worker to core " + std::to_string(shared.core), errno)
          .message;
  }
  return {};
}

std::int64_t write_out(const zm_ostream* stream, const void* data, std::uint64_t length) {
  auto& host = *static_cast<WorkerHost*>(stream->self);
  const std::uint64_t some = std::min<std::uint64_t>(length, area_size / 2);
  return Cursor(host.call(Call::write, {static_cast<const std::byte*>(data), some}).body)
      .get<std::int64_t>();
}

std::int64_t read_in(const zm_istream* stream, void* data, std::uint64_t length) {
  auto& host = *static_cast<WorkerHost*>(stream->self);
  const std::uint64_t some = std::min<std::uint64_t>(length, area_size);
  const Message answer = host.call(Call::read, std::as_bytes(std::span(&some, 1)));
  if (answer.number != 0 || answer.body.size() > length) return -1;
  if (!answer.body.empty()) std::memcpy(data, answer.body.data(), answer.body.size());
  return static_cast<std::int64_t>(answer.body.size());
}

std::string_view text_or_empty(const char* text) {
  return text == nullptr ? std::string_view{} : text;
}

class Server {
 public:
  explicit Server(WorkerHost& host, std::string trouble)
      : host_(host), trouble_(std::move(trouble)) {}

  // False when the host said leave.
  bool serve(const Message& request) {
    switch (static_cast<Request>(request.kind)) {
      case Request::load:
        load(request);
        return true;
      case Request::create:
        create();
        return true;
      case Request::init:
        init();
        return true;
      case Request::activate:
        activate(request);
        return true;
      case Request::start:
        run([&] { return strategy_->start(strategy_); });
        return true;
      case Request::batch_part:
        keep(request.body);
        host_.finish(ZM_OK);
        return true;
      case Request::on_events:
        on_events(request);
        return true;
      case Request::quiesce: {
        const auto deadline = Cursor(request.body).get<std::int64_t>();
        run([&] { return strategy_->quiesce(strategy_, deadline); });
        return true;
      }
      case Request::resume:
        run([&] { return strategy_->resume(strategy_); });
        return true;
      case Request::deactivate:
        run([&] {
          strategy_->deactivate(strategy_);
          return zm_status{ZM_OK};
        });
        return true;
      case Request::destroy:
        run([&] {
          strategy_->destroy(strategy_);
          strategy_ = nullptr;
          host_.return_gpu();  // first: queued copies may still read the buffers
          host_.unmap_buffers();
          return zm_status{ZM_OK};
        });
        return true;
      case Request::parameter:
        parameter(request);
        return true;
      case Request::save:
        save(request);
        return true;
      case Request::load_state:
        load_state(request);
        return true;
      case Request::leave:
        leave();
        return false;
      case Request::answer:
        break;
    }
    host_.finish(ZM_E_UNSUPPORTED);
    return true;
  }

 private:
  void say(std::string_view text) {
    host_.note(Note::set_error, {}, std::as_bytes(std::span(text)));
  }
  void refuse(std::string_view text) {
    say(text);
    host_.finish(ZM_E_FAILED);
  }

  // A hook, whose exceptions become a status, with the sentences an inline instance would get.
  template <class Hook>
  zm_status guarded(Hook hook) {
    try {
      return hook();
    } catch (const std::exception& error) {
      say(error.what());
    } catch (...) {
      say("an exception that is not a std::exception left the plugin");
    }
    return ZM_E_EXCEPTION;
  }
  template <class Hook>
  void run(Hook hook) {
    host_.finish(guarded(hook));
  }

  void load(const Message& request) {
    if (!trouble_.empty()) return refuse(trouble_);
    const std::string path(Cursor::as_text(request.body));
    library_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library_ == nullptr) return refuse(std::string("the loader refused it: ") + dlerror());
    const auto entry_of =
        reinterpret_cast<const zm_entry* (*)()>(dlsym(library_, "zm_plugin_entry"));
    if (entry_of == nullptr) return refuse("it exports no zm_plugin_entry");
    const zm_entry* entry = entry_of();
    if (entry == nullptr || entry->abi_major != ZM_ABI_MAJOR || entry->get_factory == nullptr)
      return refuse("zm_plugin_entry answers with another ABI than its note");
    factory_ = static_cast<const zm_strategy_factory*>(entry->get_factory(ZM_STRATEGY_FACTORY));
    if (factory_ == nullptr || !ZM_HAS(factory_, create) || factory_->desc == nullptr)
      return refuse("it offers no " ZM_STRATEGY_FACTORY);
    const zm_desc& desc = *factory_->desc;
    Body body;
    body.put(Description{desc.subscribe, desc.state_schema, 0});
    body.text(text_or_empty(desc.id))
        .text(text_or_empty(desc.version))
        .text(text_or_empty(desc.name))
        .text(text_or_empty(desc.description));
    if (!body.ok()) return refuse("its description is longer than 4 KiB");
    host_.finish(ZM_OK, body.bytes());
  }

  void leave() {
    if (library_ != nullptr) dlclose(library_);
    host_.finish(ZM_OK);
  }

  void create() {
    const zm_status made = guarded([&] {
      strategy_ = factory_->create(host_.table());
      return strategy_ == nullptr ? zm_status{ZM_E_FAILED} : zm_status{ZM_OK};
    });
    if (made != ZM_OK) return host_.finish(made);
    if (!ZM_HAS(strategy_, get_ext)) return refuse("its hook table is smaller than ABI 1.0");
    finish_with_tables(ZM_OK);
  }

  void init() {
    finish_with_tables(guarded([&] { return strategy_->init(strategy_, host_.table()); }));
  }

  void finish_with_tables(zm_status status) {
    Tables tables{};
    const zm_status asked = guarded([&]() -> zm_status {
      params_ = static_cast<const zm_params_api*>(strategy_->get_ext(strategy_, ZM_EXT_PARAMS));
      state_ = static_cast<const zm_state_api*>(strategy_->get_ext(strategy_, ZM_EXT_STATE));
      return ZM_OK;
    });
    if (params_ != nullptr && ZM_HAS(params_, info))
      tables.has_parameters = 1, tables.parameters = params_->count;
    if (state_ != nullptr && ZM_HAS(state_, load)) tables.has_state = 1;
    host_.finish(status == ZM_OK ? asked : status, std::as_bytes(std::span(&tables, 1)));
  }

  void activate(const Message& request) {
    Cursor fields(request.body);
    const auto now = fields.get<std::int64_t>();
    const auto bytes = fields.rest();
    std::vector<std::uint32_t> instruments(bytes.size() / sizeof(std::uint32_t));
    if (!instruments.empty())
      std::memcpy(instruments.data(), bytes.data(), instruments.size() * sizeof(std::uint32_t));
    const zm_activation activation{sizeof(zm_activation),
                                   static_cast<std::uint32_t>(instruments.size()),
                                   instruments.data(), now};
    run([&] { return strategy_->activate(strategy_, &activation); });
  }

  void keep(std::span<const std::byte> bytes) {
    const std::size_t before = parts_.size();
    parts_.resize(before + bytes.size() / sizeof(zm_event));
    std::memcpy(static_cast<void*>(parts_.data() + before), bytes.data(),
                (parts_.size() - before) * sizeof(zm_event));
  }

  // A batch that fits the lane is heard where it lies.
  void on_events(const Message& request) {
    zm_batch batch{sizeof(zm_batch),
                   static_cast<std::uint32_t>(request.body.size() / sizeof(zm_event)),
                   reinterpret_cast<const zm_event*>(request.body.data())};
    if (!parts_.empty()) {
      keep(request.body);
      batch.count = static_cast<std::uint32_t>(parts_.size());
      batch.events = parts_.data();
    }
    run([&] { return strategy_->on_events(strategy_, &batch); });
    parts_.clear();
  }

  void parameter(const Message& request) {
    const auto index = Cursor(request.body).get<std::uint32_t>();
    zm_param_info info{};
    info.size = sizeof info;
    const zm_status status = guarded([&] { return params_->info(strategy_, index, &info); });
    Body body;
    zm_param_info bare = info;
    bare.name = bare.unit = bare.description = nullptr;
    body.put(bare).put(std::uint32_t{info.name == nullptr ? 0u : 1u});
    body.text(text_or_empty(info.name))
        .text(text_or_empty(info.unit))
        .text(text_or_empty(info.description));
    if (!body.ok()) return refuse("the texts of a parameter are longer than 4 KiB");
    host_.finish(status, body.bytes());
  }

  void save(const Message& request) {
    const auto reason = Cursor(request.body).get<std::uint32_t>();
    const zm_ostream stream{&host_, write_out};
    run([&] { return state_->save(strategy_, &stream, reason); });
  }

  void load_state(const Message& request) {
    const auto info = Cursor(request.body).get<zm_state_info>();
    const zm_istream stream{&host_, read_in};
    run([&] { return state_->load(strategy_, &stream, &info); });
  }

  WorkerHost& host_;
  std::string trouble_;
  void* library_ = nullptr;
  const zm_strategy_factory* factory_ = nullptr;
  const zm_strategy* strategy_ = nullptr;
  const zm_params_api* params_ = nullptr;
  const zm_state_api* state_ = nullptr;
  std::vector<zm_event> parts_;  // of a batch longer than the lane
};

}  // namespace
}  // namespace worker

int worker_main(int fd) {
  using namespace worker;
  struct stat status {};
  if (fstat(fd, &status) != 0 || status.st_size < static_cast<off_t>(sizeof(Shared)))
    return exit_wrong_memory;
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return exit_wrong_memory;
  auto& shared = *static_cast<Shared*>(memory);
  if (shared.magic != shared_magic || shared.size != sizeof(Shared)) return exit_wrong_memory;
  close(fd);
  if (!tie_to_host(shared.lifeline)) return exit_no_host;
  prctl(PR_SET_NAME, "zomma-worker");
  WorkerHost host(shared);
  Server server(host, limit(shared));
  while (server.serve(host.next())) {
  }
  return 0;
}

}  // namespace zomma
