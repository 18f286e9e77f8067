#include "runtime/generation.h"

#include <fmt/core.h>

#include <cstring>

#include "runtime/merger.h"

namespace zomma {
namespace fs = std::filesystem;

namespace {

struct CrashWords {
  std::uint64_t at_seq, first_output;
  std::uint32_t outputs, timers;
  std::uint64_t reserved;
};
static_assert(sizeof(CrashWords) == sizeof(zm_event::u));

}  // namespace

// The instrument's and the exchange's fields are free in such an event; the 32 bytes of the union
// hold the hash.
zm_event make_event(const GenerationEvent& change, Nanoseconds now) {
  zm_event event{};
  event.ts_ns = now.value;
  event.instrument = ZM_NO_INSTRUMENT;
  event.kind = event_generation;
  event.flags = static_cast<std::uint16_t>(ZM_FLAG_LAST | (no_feed << feed_shift));
  event.exchange_ns = static_cast<std::int64_t>(std::uint64_t{change.instance.value} << 32 |
                                                static_cast<std::uint32_t>(change.change));
  if (change.change == GenerationChange::crashed) {
    const CrashWords words{change.at_seq, change.first_output, change.outputs, change.timers, 0};
    std::memcpy(event.u.raw, &words, sizeof words);
  } else {
    std::memcpy(event.u.raw, change.sha256.data(), sizeof event.u.raw);
  }
  return event;
}

GenerationEvent read_generation(const zm_event& event) {
  const auto packed = static_cast<std::uint64_t>(event.exchange_ns);
  GenerationEvent change;
  change.change = static_cast<GenerationChange>(static_cast<std::uint32_t>(packed));
  change.instance = InstanceId{static_cast<std::uint32_t>(packed >> 32)};
  if (change.change == GenerationChange::crashed) {
    CrashWords words{};
    std::memcpy(&words, event.u.raw, sizeof words);
    change.at_seq = words.at_seq;
    change.first_output = words.first_output;
    change.outputs = words.outputs;
    change.timers = words.timers;
  } else {
    std::memcpy(change.sha256.data(), event.u.raw, sizeof event.u.raw);
  }
  return change;
}

void ParkedState::save(ArchiveWriter& out) const {
  state.seal(out);
  buffers.save(out);
}

Result<ParkedState> ParkedState::load(ArchiveReader& in) {
  auto state = StateEnvelope::open(in);
  if (!state) return state.error();
  ParkedState parked{std::move(*state), HostBuffers::load(in)};
  if (!in.ok())
    return Error{Errc::corrupt,
                 fmt::format("the buffers of \"{}\" cannot be read", parked.state.plugin)};
  return parked;
}

void GivenState::save(ArchiveWriter& out) const {
  out.put(instance);
  past.save(out);
}

Result<GivenState> GivenState::load(std::span<const std::byte> record) {
  ArchiveReader in(record);
  const auto instance = in.get<InstanceId>();
  auto past = ParkedState::load(in);
  if (!past) return past.error();
  return GivenState{instance, std::move(*past)};
}

Result<Candidate> prepare_candidate(const CandidateRequest& request,
                                    const zm_strategy_factory& factory,
                                    std::shared_ptr<PluginImage> image,
                                    const std::vector<Instrument>& known,
                                    std::uint32_t max_metrics) {
  Candidate candidate;
  if (image) candidate.sha256 = digest_of(image->sha256());
  candidate.services = std::make_unique<ClosedServices>(known, max_metrics);
  auto instance =
      Instance::create(request.id, request.name, factory, std::move(image), *candidate.services);
  if (!instance) return instance.error();
  candidate.instance = std::move(*instance);
  candidate.instance->buffers().set_limit(request.memory_limit);
  candidate.instance->lend_gpu(request.gpu);
  if (const auto active = candidate.instance->activate(request.instruments, request.now); !active)
    return active.error();
  return candidate;
}

Sha256Digest digest_of(const std::string& hex) {
  Sha256Digest digest{};
  const auto nibble = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  if (hex.size() != 2 * digest.size()) return digest;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int high = nibble(hex[2 * i]), low = nibble(hex[2 * i + 1]);
    if (high < 0 || low < 0) return {};
    digest[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return digest;
}

Result<void> ImageStore::keep(const PluginImage& image) const {
  std::error_code code;
  fs::create_directories(directory_, code);
  const fs::path kept = directory_ / (image.sha256() + ".so");
  if (fs::exists(kept, code)) return {};
  // Under another name first: a kill in between must not leave half an image under a whole one's
  // hash.
  const fs::path half = directory_ / (image.sha256() + ".part");
  fs::copy_file(image.copy(), half, fs::copy_options::overwrite_existing, code);
  if (!code) fs::rename(half, kept, code);
  if (code)
    return Error{Errc::io, fmt::format("cannot keep the plugin's image in {}: {}",
                                       directory_.string(), code.message())};
  return {};
}

Result<fs::path> ImageStore::find(const std::string& sha256) const {
  std::error_code code;
  fs::path kept = directory_ / (sha256 + ".so");
  if (fs::exists(kept, code)) return kept;
  return Error{
      Errc::not_found,
      fmt::format("the image {} is not kept in {}: without it this journal cannot be replayed",
                  sha256.substr(0, 12), directory_.string())};
}

}  // namespace zomma
