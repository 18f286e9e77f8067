#include "plugin/worker/conversation.h"

#include <fmt/core.h>

#include <algorithm>
#include <exception>

#include "base/clock.h"

namespace zomma::worker {
namespace {

// How soon a death is seen, and how exact a deadline is.
constexpr Nanoseconds look_every{1'000'000};
constexpr std::uint32_t look_every_calls = 16;

}  // namespace

Conversation::Conversation(Process& process)
    : process_(process),
      outbox_(process.shared().to_worker),
      inbox_(process.shared().to_host, std::min(process.spin(), look_every)),
      private_copy_(area_size) {}

std::optional<Message> Conversation::ask(Request request, const char* hook,
                                         std::span<const std::byte> body, Nanoseconds patience) {
  if (dead()) return std::nullopt;
  if (asking_) {
    die(hook, "was asked while it had not answered yet");
    return std::nullopt;
  }
  asking_ = true;
  std::optional<Message> result;
  try {
    result = exchange(request, hook, body, patience);
  } catch (const std::exception& error) {  // out of memory while serving: the two sides no longer
                                           // agree where they are
    die(hook, fmt::format("asked for what the host could not give ({})", error.what()));
  }
  asking_ = false;
  return result;
}

std::optional<Message> Conversation::exchange(Request request, const char* hook,
                                              std::span<const std::byte> body,
                                              Nanoseconds patience) {
  if (body.size() > area_size) {
    die(hook, "cannot be given so much at once");
    return std::nullopt;
  }
  asked_at_ = {};
  std::uint32_t served = 0;
  Shared& shared = process_.shared();
  outbox_.send(static_cast<std::uint32_t>(request), 0, shared.request, {}, body);
  for (;;) {
    if (!inbox_.spin() && !wait(hook, patience)) return std::nullopt;
    const auto message = inbox_.take(shared.reply, private_copy_);
    if (!message) {
      die(hook, "wrote nonsense into the shared memory (a message that contradicts itself)");
      return std::nullopt;
    }
    const char* wrong = calls_.apply_notes(message->notes);
    const auto call = static_cast<Call>(message->kind);
    if (wrong == nullptr && call == Call::result) return message;
    if (wrong == nullptr) wrong = calls_.serve(call, message->body);
    if (wrong != nullptr) {
      die(hook, fmt::format("wrote nonsense into the shared memory ({})", wrong));
      return std::nullopt;
    }
    outbox_.send(static_cast<std::uint32_t>(Request::answer), calls_.number(), shared.answer, {},
                 calls_.body());
    // One that calls back without end is as late as one that says nothing.
    if (++served % look_every_calls == 0 && late(hook, patience)) return std::nullopt;
  }
}

bool Conversation::late(const char* hook, Nanoseconds patience) {
  const Nanoseconds now = monotonic_now();
  if (asked_at_.value == 0) asked_at_ = now;
  if (now - asked_at_ <= patience) return false;
  die(hook, fmt::format("did not answer within {} ms", patience.value / 1'000'000));
  return true;
}

// Nothing came within the spin: sleep, and look now and then whether it still lives and how late it
// is.
bool Conversation::wait(const char* hook, Nanoseconds patience) {
  if (asked_at_.value == 0) asked_at_ = monotonic_now();
  while (!inbox_.ready()) {
    inbox_.sleep(std::min(look_every, patience));
    if (inbox_.ready()) break;
    if (process_.reap()) {
      if (inbox_.ready()) break;  // its last word
      die(hook, "was " + process_.description());
      return false;
    }
    if (late(hook, patience)) return false;
  }
  return true;
}

void Conversation::die(const char* hook, const std::string& how) {
  process_.kill();
  const std::string past = how.rfind("was exited", 0) == 0 ? how.substr(4) : how;
  trouble_ =
      fmt::format("the worker process {} {} in {}; the last event it was given has number {}",
                  process_.pid(), past, hook, last_seq_);
}

}  // namespace zomma::worker
