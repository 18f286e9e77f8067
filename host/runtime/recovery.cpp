#include "runtime/recovery.h"

#include <fmt/core.h>

#include <algorithm>

#include "journal/digest.h"

namespace zomma {
namespace {

constexpr std::size_t chunk_events = 1024;

Error damaged(const std::string& journal, const JournalReader& reader) {
  const JournalDamage& damage = reader.damage();
  return {Errc::corrupt,
          fmt::format("journal {}: {} at {}; {} bytes from there on cannot be trusted", journal,
                      damage.reason, to_string(damage.at), damage.lost_bytes)};
}

// The engine begins where the first input was made, so that activation sees the same time in every
// run.
Result<Nanoseconds> first_time(const std::string& journal) {
  auto reader = JournalReader::open(journal);
  if (!reader) return reader.error();
  JournalRecord record;
  while (reader->next(record) == ReadStatus::record)
    if (record.type == RecordType::input) return Nanoseconds{record.as<zm_event>()->ts_ns};
  return Nanoseconds{0};
}

}  // namespace

Result<RunMeta> read_meta(const std::string& journal) {
  auto reader = JournalReader::open(journal);
  if (!reader) return reader.error();
  JournalRecord record;
  const ReadStatus status = reader->next(record);
  if (status == ReadStatus::damage) return damaged(journal, *reader);
  if (status == ReadStatus::end || record.type != RecordType::meta)
    return Error{Errc::corrupt, "journal " + journal + ": it does not begin with a meta record"};
  return parse_meta({reinterpret_cast<const char*>(record.payload.data()), record.payload.size()});
}

Result<std::vector<CrashedBatch>> crashed_batches(const std::string& journal,
                                                  const std::optional<FoundDead>& found) {
  // First which they are, then what was made in them: a crash is told behind the outputs of its
  // batch.
  std::vector<CrashedBatch> batches;
  {
    auto reader = JournalReader::open(journal);
    if (!reader) return reader.error();
    JournalRecord record;
    while (reader->next(record) == ReadStatus::record) {
      const zm_event* event = record.type == RecordType::input ? record.as<zm_event>() : nullptr;
      if (event == nullptr || event->kind != event_generation) continue;
      const GenerationEvent change = read_generation(*event);
      if (change.change == GenerationChange::crashed) batches.push_back({change, {}});
    }
  }
  if (found) {
    const bool known = std::any_of(batches.begin(), batches.end(), [&](const CrashedBatch& batch) {
      return batch.crash.instance == found->instance && batch.crash.at_seq == found->at_seq;
    });
    if (!known)
      batches.push_back({{GenerationChange::crashed,
                          found->instance,
                          {},
                          found->at_seq,
                          found->first_output,
                          UINT32_MAX,
                          0},
                         {}});
  }
  if (batches.empty()) return batches;
  auto reader = JournalReader::open(journal);
  if (!reader) return reader.error();
  JournalRecord record;
  std::vector<std::uint64_t> made(max_instances, 0);
  const auto collect = [&](std::uint32_t instance, CrashedBatch::Output output) {
    if (instance >= made.size()) return;
    const std::uint64_t ordinal = made[instance]++;
    for (CrashedBatch& batch : batches)
      if (batch.crash.instance.value == instance && ordinal >= batch.crash.first_output &&
          ordinal - batch.crash.first_output < batch.crash.outputs)
        batch.outputs.push_back(output);
  };
  while (reader->next(record) == ReadStatus::record) {
    if (const auto* intent =
            record.type == RecordType::intent ? record.as<IntentRecord>() : nullptr)
      collect(intent->instance, {intent->intent, std::nullopt});
    else if (const auto* signal =
                 record.type == RecordType::signal ? record.as<SignalRecord>() : nullptr)
      collect(signal->instance, {std::nullopt, *signal});
  }
  for (CrashedBatch& batch : batches)
    batch.crash.outputs = static_cast<std::uint32_t>(batch.outputs.size());
  return batches;
}

Result<Refeed> refeed(const std::string& journal, Engine& engine, ReplayLog& log,
                      bool use_snapshot) {
  auto reader = JournalReader::open(journal);
  if (!reader) return reader.error();
  const auto begin = first_time(journal);
  if (!begin) return begin.error();
  if (const auto active = engine.activate(*begin); !active) return active.error();

  Refeed done;
  if (use_snapshot) {
    const auto snapshot = reader->newest_snapshot();
    if (!snapshot) return snapshot.error();
    if (*snapshot) {
      if (const auto sought = reader->seek(**snapshot); !sought) return sought.error();
      JournalRecord record;
      if (reader->next(record) != ReadStatus::record) return damaged(journal, *reader);
      ArchiveReader archive(record.payload);
      if (const auto loaded = engine.load(archive); !loaded) return loaded.error();
      done.from_snapshot = engine.last_seq();
    }
  }

  std::vector<zm_event> chunk;
  chunk.reserve(chunk_events);
  RunDigest digest;
  const auto feed = [&]() -> Result<void> {
    if (!engine.replay(chunk))
      return Error{
          Errc::corrupt,
          fmt::format("journal {}: its inputs do not continue after {}{}{}", journal,
                      engine.last_seq(), engine.trouble().empty() ? "" : ": ", engine.trouble())};
    done.inputs += chunk.size();
    chunk.clear();
    return {};
  };
  JournalRecord record;
  for (;;) {
    const ReadStatus status = reader->next(record);
    if (status == ReadStatus::damage) return damaged(journal, *reader);
    if (status == ReadStatus::end) break;
    done.closed = record.type == RecordType::close;
    switch (record.type) {
      case RecordType::input:
        if (const zm_event* event = record.as<zm_event>()) chunk.push_back(*event);
        if (chunk.size() == chunk_events)
          if (const auto fed = feed(); !fed) return fed.error();
        break;
      case RecordType::intent:
      case RecordType::order:
      case RecordType::signal:
        digest.add(record.type, record.payload);
        log.expected(record.type, record.payload);
        break;
      case RecordType::given_state: {
        if (const auto fed = feed(); !fed) return fed.error();
        auto given = GivenState::load(record.payload);
        if (!given) return given.error();
        engine.expect_state(std::move(*given));
        break;
      }
      case RecordType::close:
        if (const auto fed = feed(); !fed) return fed.error();
        engine.drain();
        break;
      default:
        break;
    }
  }
  if (const auto fed = feed(); !fed) return fed.error();
  done.torn_bytes = reader->torn_bytes();
  done.journal_digest = digest.hex();
  return done;
}

}  // namespace zomma
