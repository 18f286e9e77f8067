// state_envelope.h: a strategy's saved state with what must be known to give it to anyone: whose it
// is, who may read it, up to which event it knows the world, and whether it is still what was
// written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/archive.h"
#include "base/result.h"

namespace zomma {

struct StateEnvelope {
  std::string plugin;            // the plugin's id, as its note says it
  std::uint32_t schema{};        // of `bytes`
  std::uint32_t min_reader{};    // the oldest schema whose code may read them
  std::uint64_t last_seq{};      // the last event whose effect they contain
  std::vector<std::byte> bytes;  // as the plugin wrote them; empty if it keeps none

  // Whether code with this id, which writes `schema`, may be given the state. Errc::incompatible,
  // in words.
  Result<void> readable_by(std::string_view plugin, std::uint32_t schema) const;

  // Magic, fields, length, and the SHA-256 of all that.
  void seal(ArchiveWriter& out) const;
  // Errc::corrupt for another magic, a wrong length or a wrong hash.
  static Result<StateEnvelope> open(ArchiveReader& in);
};

}  // namespace zomma
