// existing_journal.h: what a writer finds when it opens a folder, and how it makes the end of a
// journal clean again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/writer.h"

namespace zomma {

struct ExistingJournal {
  OpenReport report;
  std::uint64_t journal = 0;                // its random number; 0 if there is no journal yet
  std::uint64_t next_number = 1;            // for the first segment to be written
  std::uint64_t newest_snapshot = 0;        // packed; inherited by the next segment
  std::vector<std::uint64_t> uncompressed;  // finished segments still in their plain form
};

// Removes segments that were prepared and never used, cuts the torn tail of the last one and seals
// it. The caller holds the writer's lock. Idempotent: dying in the middle and starting again gives
// the same. Errors as for JournalWriter::open.
Result<ExistingJournal> settle_existing_journal(const std::string& directory,
                                                const JournalOptions& options);

}  // namespace zomma
