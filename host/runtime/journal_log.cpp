#include "runtime/journal_log.h"

#include <fmt/core.h>

namespace zomma {
namespace {

ReplayLog::Output make_output(RecordType type, const void* payload, std::size_t size) {
  ReplayLog::Output output{};
  output.type = type;
  output.size = static_cast<std::uint32_t>(std::min(size, sizeof output.bytes));
  std::memcpy(output.bytes, payload, output.size);
  return output;
}

bool same(const ReplayLog::Output& a, const ReplayLog::Output& b) {
  return a.type == b.type && a.size == b.size && std::memcmp(a.bytes, b.bytes, a.size) == 0;
}

template <class T>
T as(const ReplayLog::Output& output) {
  T record{};
  std::memcpy(&record, output.bytes, std::min<std::size_t>(sizeof record, output.size));
  return record;
}

}  // namespace

std::string describe(const ReplayLog::Output& output) {
  switch (output.type) {
    case RecordType::intent: {
      const auto record = as<IntentRecord>(output);
      return fmt::format(
          "intent at {} after input {}: instance {} kind {} instrument {} side {} price {} "
          "quantity {} -> order {} code {}",
          record.ts_ns, record.seq, record.instance, record.intent.kind, record.intent.instrument,
          record.intent.side, record.intent.price, record.intent.quantity, record.result.order_id,
          record.result.code);
    }
    case RecordType::order: {
      const auto record = as<OrderRecord>(output);
      return fmt::format(
          "order update at {}: instance {} event {} kind {} order {} price {} quantity {} fee {}",
          record.event.ts_ns, record.instance, record.event.seq, record.event.kind,
          record.event.u.fill.order_id, record.event.u.fill.price, record.event.u.fill.quantity,
          record.fee);
    }
    case RecordType::signal: {
      const auto record = as<SignalRecord>(output);
      return fmt::format("signal at {}: instance {} signal {} value {}", record.ts_ns,
                         record.instance, record.signal, record.value);
    }
    default:
      return fmt::format("record of type {}", static_cast<int>(output.type));
  }
}

void ReplayLog::expected(RecordType type, std::span<const std::byte> payload) {
  if (!difference_.empty()) return;
  expected_.push_back(make_output(type, payload.data(), payload.size()));
  match();
}

bool ReplayLog::produced(RecordType type, const void* payload, std::size_t size) {
  if (!difference_.empty()) return true;
  produced_.push_back(make_output(type, payload, size));
  match();
  return true;
}

void ReplayLog::match() {
  while (!expected_.empty() && !produced_.empty()) {
    if (!same(expected_.front(), produced_.front())) {
      difference_ = fmt::format("output {}:\n  journal: {}\n  replay:  {}", compared_ + 1,
                                describe(expected_.front()), describe(produced_.front()));
      return;
    }
    ++compared_;
    digest_.add(produced_.front().type, produced_.front().bytes, produced_.front().size);
    expected_.pop_front();
    produced_.pop_front();
  }
}

}  // namespace zomma
