#include "plugin/check/subject.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <condition_variable>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "plugin/check/marker.h"
#include "plugin/instance.h"

namespace zomma::check {

Library::Library(const std::string& path) {
  const In loading("loading it (constructors)");
  handle_ = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle_ == nullptr)
    throw std::runtime_error(fmt::format("the loader refused it: {}", ::dlerror()));
  const auto entry_of =
      reinterpret_cast<const zm_entry* (*)()>(::dlsym(handle_, "zm_plugin_entry"));
  if (entry_of == nullptr) throw std::runtime_error("it does not export zm_plugin_entry");
  const In asking("zm_plugin_entry");
  entry_ = entry_of();
  if (entry_ == nullptr || entry_->get_factory == nullptr)
    throw std::runtime_error("zm_plugin_entry answers null");
  factory_ = static_cast<const zm_strategy_factory*>(entry_->get_factory(ZM_STRATEGY_FACTORY));
  if (factory_ == nullptr) throw std::runtime_error("it offers no " ZM_STRATEGY_FACTORY);
  if (!ZM_HAS(factory_, create) || factory_->create == nullptr || factory_->desc == nullptr)
    throw std::runtime_error("its factory is smaller than ABI 1.0, or has holes");
}

Library::~Library() {
  const In unloading("unloading it (destructors)");
  if (handle_ != nullptr) ::dlclose(handle_);
}

// One thread that runs what it is given, while the giver waits.
struct Life::Worker {
  std::mutex mutex;
  std::condition_variable changed;
  const std::function<void()>* task = nullptr;
  bool stop = false;
  std::thread thread{[this] {
    use_signal_stack();
    std::unique_lock guard(mutex);
    for (;;) {
      changed.wait(guard, [&] { return task != nullptr || stop; });
      if (stop) return;
      (*task)();
      task = nullptr;
      changed.notify_all();
    }
  }};

  void run(const std::function<void()>& given) {
    std::unique_lock guard(mutex);
    task = &given;
    changed.notify_all();
    changed.wait(guard, [&] { return task == nullptr; });
  }
  ~Worker() {
    {
      const std::scoped_lock guard(mutex);
      stop = true;
    }
    changed.notify_all();
    thread.join();
  }
};

Life::Life(const Library& library, std::uint64_t seed, Habits habits, Tape::Mood mood)
    : host_(habits.host), habits_(habits), tape_(seed, mood) {
  host_.follow(tape_);
  if (habits.own_thread) worker_ = std::make_unique<Worker>();
  call("create", false, [&] {
    strategy_ = library.factory().create(host_.table());
    return zm_status{ZM_OK};
  });
  if (strategy_ == nullptr) throw Finding{"create returned null"};
  if (!ZM_HAS(strategy_, get_ext))
    throw Finding{fmt::format("its hook table is smaller than ABI 1.0: size {}, expected {}",
                              strategy_->size, sizeof(zm_strategy))};
  const auto& s = *strategy_;
  if (!s.init || !s.activate || !s.start || !s.on_events || !s.quiesce || !s.resume ||
      !s.deactivate || !s.destroy || !s.get_ext)
    throw Finding{"a hook of its table is null; every hook must exist, even if it does nothing"};
}

Life::~Life() {
  try {
    end();
  } catch (const Finding&) {
  }
}

zm_status Life::call(const char* hook, bool on_strategy, const std::function<zm_status()>& body) {
  zm_status status = ZM_E_EXCEPTION;
  const In in(hook);
  const std::function<void()> guarded = [&] {
    host_.begin_call(on_strategy);
    try {
      status = body();
    } catch (const std::exception& error) {
      threw_ = true;
      host_.violation(
          fmt::format("an exception left {}: {}; return a status instead", hook, error.what()));
    } catch (...) {
      threw_ = true;
      host_.violation(fmt::format(
          "an exception that is not a std::exception left {}; return a status instead", hook));
    }
    host_.end_call();
  };
  if (on_strategy && worker_)
    worker_->run(guarded);
  else
    guarded();
  if (status > ZM_E_BUSY)
    host_.violation(fmt::format("{} returned {}, which is no zm_status", hook, status));
  return status;
}

void Life::require_ok(const char* hook, zm_status status) const {
  if (threw_) require_clean();
  if (status != ZM_OK)
    throw Finding{fmt::format("{} answered \"{}\"{}{} (after event {})", hook, to_string(status),
                              host_.error().empty() ? "" : ": ", host_.error(), seq_)};
}

zm_status Life::init() {
  const zm_status status =
      call("init", false, [&] { return strategy_->init(strategy_, host_.table()); });
  if (status == ZM_OK) host_.enter(Phase::initialised);
  return status;
}

zm_status Life::activate(std::span<const std::uint32_t> instruments) {
  // The list is the plugin's for the call only: a copy that is wiped afterwards.
  std::vector<std::uint32_t> lent(instruments.begin(), instruments.end());
  const zm_activation activation{sizeof(zm_activation), static_cast<std::uint32_t>(lent.size()),
                                 lent.data(), tape_.now()};
  const zm_status status =
      call("activate", false, [&] { return strategy_->activate(strategy_, &activation); });
  std::fill(lent.begin(), lent.end(), 0xDEADBEEFu);
  if (status == ZM_OK) host_.enter(Phase::active);
  return status;
}

void Life::start() {
  host_.enter(Phase::started);
  require_ok("start", call("start", true, [&] { return strategy_->start(strategy_); }));
}

void Life::begin() {
  require_ok("init", init());
  const std::uint32_t both[] = {0, 1};
  require_ok("activate", activate(both));
  start();
  send_parameters(0);
}

void Life::send_parameters(int which) {
  const zm_params_api* api = params();
  if (api == nullptr || !ZM_HAS(api, info)) return;
  for (std::uint32_t i = 0; i < api->count && i < 256; ++i) {
    zm_param_info info{};
    info.size = sizeof info;
    if (api->info(strategy_, i, &info) != ZM_OK) return;
    zm_event event{};
    event.ts_ns = tape_.now();
    event.kind = ZM_EVENT_PARAMETER;
    event.flags = ZM_FLAG_LAST;
    event.instrument = ZM_NO_INSTRUMENT;
    event.u.parameter.index = i;
    event.u.parameter.type = info.type;
    const double value = which < 0 ? info.minimum : which > 0 ? info.maximum : info.default_value;
    if (info.type == ZM_PARAM_REAL)
      event.u.parameter.value.real = value;
    else
      event.u.parameter.value.integer = static_cast<std::int64_t>(value);
    deliver({event});
  }
}

namespace {

// Events on pages of their own: read-only during the call, unreadable ever after.
struct LentPages {
  std::byte* memory;
  std::size_t size;
  explicit LentPages(std::span<const zm_event> events)
      : size((events.size_bytes() + 4095) / 4096 * 4096 + 4096) {
    memory = static_cast<std::byte*>(
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    std::memcpy(memory, events.data(), events.size_bytes());
    ::mprotect(memory, size, PROT_READ);
  }
};

}  // namespace

void Life::deliver(std::vector<zm_event> events) {
  for (zm_event& event : events) event.seq = ++seq_;
  marker().seq = seq_;
  zm_batch batch{sizeof(zm_batch), static_cast<std::uint32_t>(events.size()), events.data()};
  const std::vector<zm_event> before = events;
  if (habits_.lend_pages) {
    // Never unmapped: a pointer kept by the plugin must not find other memory at its place.
    const LentPages pages(events);
    batch.events = reinterpret_cast<const zm_event*>(pages.memory);
    marker().lent = pages.memory;
    marker().lent_size = pages.size;
    marker().lending = true;
  }
  const zm_status status = call("on_events", true, [&] {
    if (around) around(true);
    const zm_status answer = strategy_->on_events(strategy_, &batch);
    if (around) around(false);
    return answer;
  });
  if (habits_.lend_pages) {
    marker().lending = false;
    ::mprotect(const_cast<std::byte*>(marker().lent), marker().lent_size, PROT_NONE);
  } else if (std::memcmp(before.data(), events.data(), events.size() * sizeof(zm_event)) != 0) {
    throw Finding{fmt::format("it wrote into the host's events (event {})", seq_)};
  }
  require_ok("on_events", status);
}

void Life::deliver_private() {
  constexpr int most_rounds =
      16;  // an order that answers every fill with another order goes on with the next update
  for (int round = 0; round < most_rounds; ++round) {
    auto events = host_.take_private_events();
    if (events.empty()) return;
    for (zm_event& event : events) deliver({event});
  }
}

void Life::run(int updates) {
  const std::uint64_t wanted = strategy_->desc != nullptr ? strategy_->desc->subscribe : 0;
  const auto heard = [&](const zm_event& event) {
    if (event.kind == ZM_EVENT_QUOTE) return (wanted & ZM_SUBSCRIBE_QUOTES) != 0;
    if (event.kind == ZM_EVENT_TRADE) return (wanted & ZM_SUBSCRIBE_TRADES) != 0;
    if (event.kind >= ZM_EVENT_LEVEL && event.kind <= ZM_EVENT_ORDER_MODIFY)
      return (wanted & ZM_SUBSCRIBE_BOOK) != 0;
    if (event.kind >= ZM_EVENT_BOOK_CLEAR && event.kind <= ZM_EVENT_GAP)
      return (wanted & ZM_SUBSCRIBE_STATE) != 0;
    return true;
  };
  for (int i = 0; i < updates; ++i) {
    const auto& update = tape_.next();
    deliver_private();
    std::vector<zm_event> events;
    for (const zm_event& event : update)
      if (heard(event)) events.push_back(event);
    if (!events.empty()) deliver(std::move(events));
    deliver_private();
  }
}

zm_status Life::quiesce() {
  constexpr std::int64_t deadline = 50'000'000;
  host_.enter(Phase::quiesced);
  return call("quiesce", true,
              [&] { return strategy_->quiesce(strategy_, tape_.now() + deadline); });
}

void Life::resume() {
  const zm_status status = call("resume", true, [&] { return strategy_->resume(strategy_); });
  require_ok("resume", status);
  host_.enter(Phase::started);
}

void Life::deactivate() {
  call("deactivate", false, [&] {
    strategy_->deactivate(strategy_);
    return zm_status{ZM_OK};
  });
  host_.enter(Phase::initialised);
}

void Life::destroy() {
  if (strategy_ == nullptr) return;
  call("destroy", false, [&] {
    strategy_->destroy(strategy_);
    return zm_status{ZM_OK};
  });
  strategy_ = nullptr;
  host_.enter(Phase::ended);
}

void Life::end() {
  if (strategy_ == nullptr) return;
  if (host_.phase() == Phase::started) quiesce();
  if (host_.phase() == Phase::active || host_.phase() == Phase::quiesced) deactivate();
  destroy();
}

void Life::require_clean() const {
  if (!host_.violations().empty()) throw Finding{host_.violations().front()};
}

namespace {

struct Stream {
  std::string bytes;
  std::size_t position = 0, stride, fail_after;
};

std::int64_t write_some(const zm_ostream* stream, const void* data, std::uint64_t length) {
  constexpr std::size_t most = 256u << 20;
  auto& out = *static_cast<Stream*>(stream->self);
  if (out.bytes.size() >= std::min(out.fail_after, most) || (data == nullptr && length > 0))
    return -1;
  const std::size_t taken = std::min<std::size_t>(length, out.stride);
  out.bytes.append(static_cast<const char*>(data), taken);
  return static_cast<std::int64_t>(taken);
}

std::int64_t read_some(const zm_istream* stream, void* data, std::uint64_t length) {
  auto& in = *static_cast<Stream*>(stream->self);
  if (in.position >= in.fail_after) return -1;
  const std::size_t given =
      std::min({static_cast<std::size_t>(length), in.stride, in.bytes.size() - in.position});
  std::memcpy(data, in.bytes.data() + in.position, given);
  in.position += given;
  return static_cast<std::int64_t>(given);
}

}  // namespace

std::optional<std::string> Life::save(std::size_t stride, std::size_t fail_after) {
  Stream stream{{}, 0, stride, fail_after};
  const zm_ostream out{&stream, write_some};
  const zm_status status =
      call("state.save", true, [&] { return state()->save(strategy_, &out, ZM_STATE_RELOAD); });
  if (status != ZM_OK) return std::nullopt;
  return std::move(stream.bytes);
}

zm_status Life::load(std::string_view bytes, std::uint32_t schema, std::size_t stride,
                     std::size_t fail_after) {
  Stream stream{std::string(bytes), 0, stride, fail_after};
  const zm_istream in{&stream, read_some};
  const zm_state_info info{sizeof(zm_state_info), ZM_STATE_RELOAD, schema, 0, seq_, bytes.size()};
  return call("state.load", true, [&] { return state()->load(strategy_, &in, &info); });
}

}  // namespace zomma::check
