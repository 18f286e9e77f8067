#include "journal/catch_up.h"

namespace zomma {

Result<CatchUpReader> CatchUpReader::open(const std::string& directory, std::uint64_t first,
                                          std::uint64_t last) {
  if (first == 0 || first > last) {
    return Error{Errc::invalid_argument, "inputs " + std::to_string(first) + " to " +
                                             std::to_string(last) +
                                             ": expected 1 <= first <= last"};
  }
  auto reader = JournalReader::open(directory);
  if (!reader) return reader.error();
  if (auto sought = reader->seek_input(first); !sought) return sought.error();
  return CatchUpReader(std::move(*reader), first, last);
}

const zm_event* CatchUpReader::next() {
  if (done() || damaged()) return nullptr;
  JournalRecord record;
  for (;;) {
    const auto status = reader_.next(record);
    if (status == ReadStatus::end) return nullptr;
    if (status == ReadStatus::damage) {
      damage_ = to_string(reader_.damage().at) + ": " + reader_.damage().reason;
      return nullptr;
    }
    if (record.type != RecordType::input) continue;
    const auto* event = record.as<zm_event>();
    if (event == nullptr || event->seq > next_seq_) {
      damage_ = to_string(record.at) + ": expected input " + std::to_string(next_seq_) +
                ", found " + (event ? std::to_string(event->seq) : "a record of another size");
      return nullptr;
    }
    if (event->seq < next_seq_) continue;
    ++next_seq_;
    return event;
  }
}

}  // namespace zomma
