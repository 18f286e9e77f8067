// digest.h: the fingerprint of a run: SHA-256 over the payloads of all `intent` and `order`
// records, in order. Two runs with the same digest decided and heard the same things.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/sha256.h"
#include "journal/records.h"

namespace zomma {

class RunDigest {
 public:
  // Offer every record as it is written or read; the other types are passed over. No allocation.
  void add(RecordType type, const void* payload, std::size_t size) noexcept {
    if (type != RecordType::intent && type != RecordType::order) return;
    hash_.update(payload, size);
    ++records_;
  }
  void add(RecordType type, std::span<const std::byte> payload) noexcept {
    add(type, payload.data(), payload.size());
  }

  // Of everything so far; more may follow.
  Sha256Digest value() const noexcept { return hash_.digest(); }
  std::string hex() const { return hash_.hex(); }
  std::uint64_t records() const { return records_; }

 private:
  Sha256 hash_;
  std::uint64_t records_ = 0;
};

// Of a whole journal. Damage is an error (corrupt): a digest of a part would look like that of a
// whole.
Result<RunDigest> digest_of_journal(const std::string& directory);

}  // namespace zomma
