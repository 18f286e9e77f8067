#include "plugin/worker/worker.h"

#include <fmt/core.h>

#include <array>
#include <atomic>
#include <utility>

#include "plugin/worker/process.h"
#include "plugin/worker/remote_strategy.h"

namespace zomma {
namespace {

constexpr std::size_t most_workers = 256;  // four times as many as an engine runs strategies
constexpr Nanoseconds farewell{500'000'000};

// zm_strategy_factory.create is told its host but not its factory, so every living worker has a
// function of its own.
class FactorySlots {
 public:
  using Maker = const zm_strategy* (*)(void* owner, const zm_host* host);

  // The index of a free slot, now the owner's; most_workers if there is none.
  static std::size_t claim(void* owner, Maker maker) {
    makers_ = maker;
    for (std::size_t i = 0; i < most_workers; ++i) {
      void* expected = nullptr;
      if (owners_[i].compare_exchange_strong(expected, owner)) return i;
    }
    return most_workers;
  }
  static void release(std::size_t index) { owners_[index] = nullptr; }
  static auto function(std::size_t index) { return table_[index]; }

 private:
  template <std::size_t Index>
  static const zm_strategy* create(const zm_host* host) {
    void* owner = owners_[Index];
    return owner == nullptr ? nullptr : makers_.load()(owner, host);
  }
  template <std::size_t... Index>
  static constexpr auto functions(std::index_sequence<Index...>) {
    return std::array<const zm_strategy* (*)(const zm_host*), most_workers>{create<Index>...};
  }

  static inline std::array<std::atomic<void*>, most_workers> owners_{};
  static inline std::atomic<Maker> makers_{nullptr};
  static const std::array<const zm_strategy* (*)(const zm_host*), most_workers> table_;
};
const std::array<const zm_strategy* (*)(const zm_host*), most_workers> FactorySlots::table_ =
    FactorySlots::functions(std::make_index_sequence<most_workers>{});

}  // namespace

struct WorkerProcess::Impl {
  Impl(WorkerOptions wanted, std::unique_ptr<worker::Process> child)
      : options(std::move(wanted)),
        process(std::move(child)),
        conversation(*process),
        strategy(conversation, options) {}
  ~Impl() {
    if (slot < most_workers) FactorySlots::release(slot);
  }

  Result<void> load();
  static const zm_strategy* create(void* owner, const zm_host* host) {
    auto& self = *static_cast<Impl*>(owner);
    return self.strategy.create(host, &self.desc);
  }

  WorkerOptions options;
  std::unique_ptr<worker::Process> process;
  worker::Conversation conversation;
  worker::RemoteStrategy strategy;
  std::string id, version, name, description;
  zm_desc desc{};
  zm_strategy_factory factory{};
  std::size_t slot = most_workers;
};

Result<void> WorkerProcess::Impl::load() {
  const std::string path = options.image.string();
  // Before there is an instance, what the worker has to say about a refusal arrives in this one.
  std::string refusal;
  zm_host listener{
      sizeof(zm_host), ZM_ABI_MINOR, &refusal,
      [](const zm_host*, const char*) -> const void* { return nullptr; },
      [](const zm_host* host, const char* text, std::uint64_t length) {
        static_cast<std::string*>(host->self)->assign(text == nullptr ? "" : text, length);
      }};
  conversation.calls().bind(&listener);
  const auto result = conversation.ask(worker::Request::load, "loading",
                                       std::as_bytes(std::span(path)), options.patience);
  conversation.calls().bind(nullptr);
  if (!result) return Error{Errc::refused, conversation.trouble()};
  if (result->number != ZM_OK) return Error{Errc::incompatible, refusal};
  worker::Cursor fields(result->body);
  const auto said = fields.get<worker::Description>();
  id = fields.text();
  version = fields.text();
  name = fields.text();
  description = fields.text();
  if (!fields.done())
    return Error{Errc::corrupt, "its worker process gives no sensible description of it"};
  desc = {sizeof(zm_desc), said.state_schema,   id.c_str(),    version.c_str(),
          name.c_str(),    description.c_str(), said.subscribe};
  slot = FactorySlots::claim(this, create);
  if (slot == most_workers)
    return Error{Errc::exhausted,
                 fmt::format("there are {} worker processes already", most_workers)};
  factory = {sizeof(zm_strategy_factory), 0, &desc, FactorySlots::function(slot)};
  return {};
}

WorkerProcess::WorkerProcess(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::spawn(const WorkerOptions& options) {
  auto process = worker::Process::start(options);
  if (!process) return process.error();
  auto impl = std::make_unique<Impl>(options, std::move(*process));
  if (const auto loaded = impl->load(); !loaded) return loaded.error();
  return std::unique_ptr<WorkerProcess>(new WorkerProcess(std::move(impl)));
}

WorkerProcess::~WorkerProcess() {
  if (impl_->conversation.dead()) return;
  // It may hang in its destructors: then it is killed, which ends the matter as well.
  if (impl_->conversation.ask(worker::Request::leave, "leaving", {}, farewell))
    impl_->process->wait(farewell);
}

const zm_strategy_factory& WorkerProcess::factory() const { return impl_->factory; }
pid_t WorkerProcess::pid() const { return impl_->process->pid(); }
int WorkerProcess::pidfd() const { return impl_->process->pidfd(); }
bool WorkerProcess::alive() const { return impl_->process->alive(); }
std::string WorkerProcess::exit_description() const {
  impl_->process->reap();
  return impl_->process->description();
}

}  // namespace zomma
