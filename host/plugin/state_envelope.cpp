#include "plugin/state_envelope.h"

#include <fmt/core.h>

#include "base/sha256.h"

namespace zomma {
namespace {

constexpr std::uint64_t magic = 0x3145'5441'5453'4d5a;  // "ZMSTATE1"

Sha256Digest digest_of_fields(const StateEnvelope& envelope) {
  ArchiveWriter head;
  head.put(magic);
  head.put_text(envelope.plugin);
  head.put(envelope.schema);
  head.put(envelope.min_reader);
  head.put(envelope.last_seq);
  head.put<std::uint64_t>(envelope.bytes.size());
  Sha256 hash;
  hash.update(head.bytes().data(), head.bytes().size());
  hash.update(envelope.bytes.data(), envelope.bytes.size());
  return hash.digest();
}

}  // namespace

Result<void> StateEnvelope::readable_by(std::string_view by, std::uint32_t by_schema) const {
  if (plugin != by)
    return Error{Errc::incompatible,
                 fmt::format("the state is of \"{}\", the code is \"{}\": a strategy's code is "
                             "replaced by newer code of the same id; "
                             "to run another one, give it a name of its own",
                             plugin, by)};
  if (by_schema < min_reader)
    return Error{
        Errc::incompatible,
        fmt::format(
            "its state has schema {}, the new code reads up to {}: an older build was named",
            schema, by_schema)};
  return {};
}

void StateEnvelope::seal(ArchiveWriter& out) const {
  out.put(magic);
  out.put_text(plugin);
  out.put(schema);
  out.put(min_reader);
  out.put(last_seq);
  out.put_vector(bytes);
  out.put(digest_of_fields(*this));
}

Result<StateEnvelope> StateEnvelope::open(ArchiveReader& in) {
  const auto found = in.get<std::uint64_t>();
  StateEnvelope envelope;
  envelope.plugin = in.get_text();
  envelope.schema = in.get<std::uint32_t>();
  envelope.min_reader = in.get<std::uint32_t>();
  envelope.last_seq = in.get<std::uint64_t>();
  envelope.bytes = in.get_vector<std::byte>();
  const auto digest = in.get<Sha256Digest>();
  if (!in.ok() || found != magic)
    return Error{Errc::corrupt, "a strategy's saved state is cut short, or none"};
  if (digest != digest_of_fields(envelope))
    return Error{Errc::corrupt, fmt::format("the saved state of \"{}\" (up to its event {}) is not "
                                            "what was written: its SHA-256 differs",
                                            envelope.plugin, envelope.last_seq)};
  return envelope;
}

}  // namespace zomma
