#include "journal/digest.h"

#include "journal/reader.h"

namespace zomma {

Result<RunDigest> digest_of_journal(const std::string& directory) {
  auto reader = JournalReader::open(directory);
  if (!reader) return reader.error();
  RunDigest digest;
  JournalRecord record;
  for (;;) {
    switch (reader->next(record)) {
      case ReadStatus::record:
        digest.add(record.type, record.payload);
        break;
      case ReadStatus::end:
        return digest;
      case ReadStatus::damage:
        return Error{Errc::corrupt,
                     to_string(reader->damage().at) + ": " + reader->damage().reason};
    }
  }
}

}  // namespace zomma
