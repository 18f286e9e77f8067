// engine_log.h: where the engine's inputs and outputs go before anything acts on them: a journal, a
// replay's comparison, nothing at all, or several of these. And who may watch without being able to
// change anything.
#pragma once

#include <span>

#include <zomma/event.h>

#include "base/result.h"
#include "journal/records.h"
#include "market/book/book.h"
#include "portfolio/options/book_sample.h"

namespace zomma {

class EngineLog {
 public:
  virtual ~EngineLog() = default;
  // False: it could not be kept. The engine then stops trading; error() of the log says why.
  virtual bool inputs(std::span<const zm_event> events) = 0;
  virtual bool intent(const IntentRecord& record) = 0;
  virtual bool order(const OrderRecord& record) = 0;
  virtual bool signal(const SignalRecord& record) = 0;
  // A GivenState.
  virtual bool given_state(std::span<const std::byte> record) = 0;
};

// Keeps nothing: for backtests whose recording is the journal.
class NoLog final : public EngineLog {
 public:
  bool inputs(std::span<const zm_event>) override { return true; }
  bool intent(const IntentRecord&) override { return true; }
  bool order(const OrderRecord&) override { return true; }
  bool signal(const SignalRecord&) override { return true; }
  bool given_state(std::span<const std::byte>) override { return true; }
};

class EngineObserver {
 public:
  virtual ~EngineObserver() = default;
  virtual void on_bbo(Nanoseconds, InstrumentId, const Bbo&) {}
  virtual void on_input(const zm_event&) {}
  virtual void on_intent(const IntentRecord&) {}
  virtual void on_order(const OrderRecord&) {}
  virtual void on_signal(const SignalRecord&) {}
  // A strategy declared a metric; signals refer to it by its handle.
  virtual void on_metric(InstanceId, std::uint32_t /*handle*/, std::string_view /*name*/,
                         std::uint32_t /*kind*/) {}
  // What strategies that deal in options hold: at most once a minute after their chains were
  // refreshed, before each of their fills, every evening before clearing and at the end. Reckoned
  // only if wants_books().
  virtual bool wants_books() const { return false; }
  virtual void on_book(const options::BookSample&) {}
  virtual void on_log(InstanceId, std::uint32_t /*level*/, std::string_view /*text*/) {}
};

}  // namespace zomma
