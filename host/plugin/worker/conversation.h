// conversation.h: one request to a worker and everything that belongs to it, up to its result or
// the worker's end. Hot path: no allocation; no system call while the answer comes within the spin.
#pragma once

#include "plugin/worker/host_calls.h"
#include "plugin/worker/lane.h"
#include "plugin/worker/process.h"

namespace zomma::worker {

class Conversation {
 public:
  explicit Conversation(Process& process);

  HostCalls& calls() { return calls_; }
  // The result, whose bytes stay until the next ask; nothing if the worker is dead, then trouble()
  // is a sentence. `hook` names the request to people. `patience`: how long it may take in all.
  // [the hooks' thread]
  std::optional<Message> ask(Request request, const char* hook, std::span<const std::byte> body,
                             Nanoseconds patience);
  bool dead() const { return !trouble_.empty(); }
  const std::string& trouble() const { return trouble_; }
  // For the sentence: the last event that the worker was given.
  void set_last_seq(std::uint64_t seq) { last_seq_ = seq; }

 private:
  std::optional<Message> exchange(Request request, const char* hook,
                                  std::span<const std::byte> body, Nanoseconds patience);
  bool wait(const char* hook, Nanoseconds patience);
  bool late(const char* hook, Nanoseconds patience);
  void die(const char* hook, const std::string& how);

  Process& process_;
  Outbox outbox_;
  Inbox inbox_;
  HostCalls calls_;
  std::vector<std::byte> private_copy_;
  Nanoseconds asked_at_{};
  bool asking_ = false;
  std::uint64_t last_seq_ = 0;
  std::string trouble_;
};

}  // namespace zomma::worker
