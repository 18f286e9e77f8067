// checking_host.h: the host that a plugin under test sees. It answers like the real one, trades
// against a tape, and writes down every call that the contract forbids: wrong thread, wrong phase,
// bad argument, flood, call after the end.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <zomma/ext/params.h>
#include <zomma/order.h>
#include <zomma/strategy.h>

#include "base/sha256.h"
#include "plugin/check/tape.h"
#include "plugin/host_buffers.h"

namespace zomma::check {

enum class Phase { created, initialised, active, started, quiesced, ended };
const char* name_of(Phase phase);  // "before activate"

struct HostHabits {
  bool bare = false;      // offers no extension at all
  bool refusing = false;  // refuses every order, timer and metric
};

// What a plugin may use up in one test, far above what a strategy needs.
struct Quota {
  static constexpr std::uint64_t timers = 1024;  // armed at once
  static constexpr std::uint64_t metrics = 256;  // declared
  static constexpr std::uint64_t intents_per_call = 64;
  static constexpr std::uint64_t log_lines_per_call = 16;
  static constexpr std::uint64_t metric_calls_per_call = 512;
};

class CheckingHost {
 public:
  explicit CheckingHost(HostHabits habits = {});
  CheckingHost(const CheckingHost&) = delete;
  CheckingHost& operator=(const CheckingHost&) = delete;

  const zm_host* table() const { return &host_; }

  // Told by whoever runs the plugin.
  void enter(Phase phase) { phase_ = phase; }
  Phase phase() const { return phase_; }
  void begin_call(bool on_strategy_thread);  // the calling thread is the one that may call back
  void end_call();
  void follow(const Tape& tape);  // books and time are the tape's from here
  // Private events and due timers that the plugin must hear now, then forgotten. Empty when there
  // are none.
  std::vector<zm_event> take_private_events();

  void violation(std::string sentence);
  const std::vector<std::string>& violations() const { return violations_; }
  const std::string& error() const { return error_; }
  void clear_error() { error_.clear(); }
  HostBuffers& buffers() { return buffers_; }
  // Over all intents, timers and signals so far, in order.
  std::string outputs() const { return outputs_.hex(); }
  std::uint64_t output_count() const { return output_count_; }

 private:
  friend struct Shell;
  struct Order {
    zm_intent intent;
    zm_quantity leaves;
  };

  // True if the call may go on; else a violation was noted.
  bool allowed(const char* function, bool strategy_only, bool started_only);
  void record(const char* what, const void* data, std::size_t size);
  zm_status submit_one(const zm_intent& intent, zm_intent_result& result);
  zm_status enter_order(const zm_intent& intent, zm_intent_result& result);
  zm_event& tell(std::uint16_t kind, std::uint32_t instrument);
  void tell_update(std::uint16_t kind, std::uint64_t id, const Order& order, zm_quantity leaves,
                   std::uint32_t code);
  void match(std::uint64_t id);

  zm_host host_{};
  HostHabits habits_;
  Phase phase_ = Phase::created;
  pid_t thread_ = 0;
  bool in_call_ = false, on_strategy_thread_ = false;
  const Tape* tape_ = nullptr;
  std::map<std::uint64_t, Order> orders_;
  std::map<std::uint64_t, zm_timer> timers_;
  std::map<std::string, std::uint32_t> metrics_;
  std::set<std::uint32_t> signals_;
  std::vector<zm_event> private_events_;
  HostBuffers buffers_;
  std::array<zm_quantity, instrument_count> positions_{};
  std::uint64_t next_id_ = 0;
  std::uint64_t intents_ = 0, log_lines_ = 0, metric_calls_ = 0;  // in this call
  std::vector<std::string> violations_;
  std::string error_;
  Sha256 outputs_;
  std::uint64_t output_count_ = 0;
};

}  // namespace zomma::check
