// journal_log.h: the engine's log in a journal, and the log of an engine that is being fed an old
// journal again.
#pragma once

#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "journal/digest.h"
#include "journal/writer.h"
#include "runtime/engine_log.h"

namespace zomma {

class JournalLog final : public EngineLog {
 public:
  explicit JournalLog(JournalWriter& writer) : writer_(writer) {}
  bool inputs(std::span<const zm_event> events) override { return writer_.append_inputs(events); }
  bool intent(const IntentRecord& record) override {
    return writer_.append_struct(RecordType::intent, record);
  }
  bool order(const OrderRecord& record) override {
    return writer_.append_struct(RecordType::order, record);
  }
  bool signal(const SignalRecord& record) override {
    return writer_.append_struct(RecordType::signal, record);
  }
  bool given_state(std::span<const std::byte> record) override {
    return writer_.append(RecordType::given_state, record);
  }

 private:
  JournalWriter& writer_;
};

// Holds what the engine makes of old inputs against what was journaled at the time. Either side may
// be ahead of the other, because a journal holds inputs before the outputs that they caused.
class ReplayLog final : public EngineLog {
 public:
  struct Output {
    RecordType type;
    std::uint32_t size;
    std::byte bytes[128];
  };

  bool inputs(std::span<const zm_event>) override { return true; }
  bool intent(const IntentRecord& record) override {
    return produced(RecordType::intent, &record, sizeof record);
  }
  bool order(const OrderRecord& record) override {
    return produced(RecordType::order, &record, sizeof record);
  }
  bool signal(const SignalRecord& record) override {
    return produced(RecordType::signal, &record, sizeof record);
  }
  bool given_state(std::span<const std::byte>) override { return true; }

  // An output found in the journal.
  void expected(RecordType type, std::span<const std::byte> payload);

  // The first output in which the engine and the journal differ, in words; empty while they agree.
  const std::string& difference() const { return difference_; }
  // Outputs that the journal holds and the engine did not make (a difference, once all inputs are
  // fed).
  std::size_t missing() const { return expected_.size(); }
  // Outputs beyond the journal's end: the process died between an input and what followed from it.
  const std::deque<Output>& beyond() const { return produced_; }
  // Over the outputs made now that were found to be the journal's.
  const RunDigest& digest() const { return digest_; }
  std::uint64_t compared() const { return compared_; }

 private:
  bool produced(RecordType type, const void* payload, std::size_t size);
  void match();

  std::deque<Output> expected_, produced_;
  std::string difference_;
  std::uint64_t compared_ = 0;
  RunDigest digest_;
};

// An engine's log that can be exchanged while the engine stays: first the old journal, then the new
// end of it.
class SwitchLog final : public EngineLog {
 public:
  explicit SwitchLog(EngineLog& target) : target_(&target) {}
  void switch_to(EngineLog& target) { target_ = &target; }
  bool inputs(std::span<const zm_event> events) override { return target_->inputs(events); }
  bool intent(const IntentRecord& record) override { return target_->intent(record); }
  bool order(const OrderRecord& record) override { return target_->order(record); }
  bool signal(const SignalRecord& record) override { return target_->signal(record); }
  bool given_state(std::span<const std::byte> record) override {
    return target_->given_state(record);
  }

 private:
  EngineLog* target_;
};

// One line about an output, for a person who looks for a difference.
std::string describe(const ReplayLog::Output& output);

}  // namespace zomma
