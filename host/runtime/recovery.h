// recovery.h: feeding an old journal to an engine: to check that it gives the same outputs
// (replay), or to bring the engine to where a dead run was (recovery). The same code, because a
// recovery is a replay that goes on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "journal/reader.h"
#include "runtime/engine.h"
#include "runtime/journal_log.h"
#include "runtime/meta.h"

namespace zomma {

struct Refeed {
  std::uint64_t inputs{};         // fed, the snapshot's not counted
  std::uint64_t from_snapshot{};  // seq of the snapshot it started from; 0 = from the beginning
  bool closed{false};             // the journal ended in order
  std::uint64_t torn_bytes{};     // of an unfinished last record
  std::string journal_digest;     // over the outputs in the journal
};

// The meta record at the journal's beginning.
Result<RunMeta> read_meta(const std::string& journal);

// The batches of a journal in which a strategy's code died, and those of the process that wrote its
// end (`found`).
Result<std::vector<CrashedBatch>> crashed_batches(const std::string& journal,
                                                  const std::optional<FoundDead>& found);

// Feeds every input to `engine` (built with `log` as its log, not yet activated). Outputs found in
// the journal go to log.expected(). `use_snapshot`: start at the newest snapshot; outputs before it
// are then neither made nor compared. Errors: damage in the journal, a snapshot or a stream of
// inputs that this engine cannot take.
Result<Refeed> refeed(const std::string& journal, Engine& engine, ReplayLog& log,
                      bool use_snapshot);

}  // namespace zomma
