// subject.h: the plugin under test: its library, and one life of an instance, hook by hook.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <zomma/entry.h>
#include <zomma/ext/params.h>
#include <zomma/ext/state.h>
#include <zomma/strategy.h>

#include "base/result.h"
#include "plugin/check/checking_host.h"

namespace zomma::check {

// A loaded plugin. Throws std::runtime_error with the loader's sentence if it cannot be loaded.
class Library {
 public:
  explicit Library(const std::string& path);
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  const zm_entry* entry() const { return entry_; }
  const zm_strategy_factory& factory() const { return *factory_; }
  void* handle() const { return handle_; }

 private:
  void* handle_ = nullptr;
  const zm_entry* entry_ = nullptr;
  const zm_strategy_factory* factory_ = nullptr;
};

// What a test throws when the plugin is wrong; the message says what was found and what was
// expected.
struct Finding {
  std::string message;
};

// Hooks of one instance called in order, on the thread each belongs to. A hook that fails where it
// must not throws a Finding. The destructor ends the life in order.
class Life {
 public:
  struct Habits {
    HostHabits host{};
    bool own_thread = true;   // strategy hooks run on a thread of their own, as in the real host
    bool lend_pages = false;  // events lie on pages of their own, read-only and gone after the call
  };
  Life(const Library& library, std::uint64_t seed) : Life(library, seed, Habits{}) {}
  Life(const Library& library, std::uint64_t seed, Habits habits,
       Tape::Mood mood = Tape::Mood::honest);
  ~Life();
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  zm_status init();
  zm_status activate(std::span<const std::uint32_t> instruments);
  void start();
  // init, activate, start, then every parameter's default as an event.
  void begin();
  void send_parameters(int which);  // -1 minimum, 0 default, 1 maximum
  // `updates` venue updates with everything private that belongs between them.
  void run(int updates);
  void deliver(std::vector<zm_event> events);
  zm_status quiesce();
  void resume();
  void deactivate();
  void destroy();
  void end();  // what is left of: quiesce, deactivate, destroy

  const zm_strategy* hooks() const { return strategy_; }
  const zm_params_api* params() const { return extension<zm_params_api>(ZM_EXT_PARAMS); }
  const zm_state_api* state() const { return extension<zm_state_api>(ZM_EXT_STATE); }
  template <class Api>
  const Api* extension(const char* id) const {
    return static_cast<const Api*>(strategy_->get_ext(strategy_, id));
  }

  // State through streams that move at most `stride` bytes a call and fail (-1) after `fail_after`
  // bytes.
  std::optional<std::string> save(std::size_t stride = SIZE_MAX, std::size_t fail_after = SIZE_MAX);
  zm_status load(std::string_view bytes, std::uint32_t schema, std::size_t stride = SIZE_MAX,
                 std::size_t fail_after = SIZE_MAX);

  CheckingHost& host() { return host_; }
  std::uint64_t seq() const { return seq_; }
  // Throws the first violation that the host noted.
  void require_clean() const;
  // Called around each on_events, on its thread.
  std::function<void(bool before)> around;

 private:
  struct Worker;
  zm_status call(const char* hook, bool on_strategy, const std::function<zm_status()>& body);
  void require_ok(const char* hook, zm_status status) const;
  void deliver_private();

  CheckingHost host_;
  Habits habits_;
  Tape tape_;
  std::unique_ptr<Worker> worker_;
  const zm_strategy* strategy_ = nullptr;
  std::uint64_t seq_ = 0;
  bool threw_ = false;
};

}  // namespace zomma::check
