// generation.h: one generation of a strategy's code, prepared but not yet trading, and the input
// that puts it in force.
//
// A change of code is an input like any other: numbered and journaled, so a replay changes the code
// between the same two events. The images of a run are kept by their SHA-256 for as long as its
// journal may be read.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/archive.h"
#include "base/result.h"
#include "base/sha256.h"
#include "base/types.h"
#include "journal/records.h"
#include "market/instrument.h"
#include "plugin/image.h"
#include "plugin/instance.h"
#include "runtime/closed_services.h"

namespace zomma {

// Kinds from here on are the host's own; no strategy hears them.
constexpr std::uint16_t event_generation = 256;

enum class GenerationChange : std::uint32_t {
  replaced = 1,  // the new generation has the old one's state and goes on from here
  refused = 2,   // the old generation was quiesced for a candidate that failed, and goes on
  stopped = 3,   // the operator disabled it: orders cancelled, state kept
  started = 4,   // it begins, with the state it was stopped with
  crashed = 5,   // its code died in the batch that ends with `at_seq`; what it had sent until then
                 // is in the journal
  lost = 6,      // the process of its code ended between two batches
};

struct GenerationEvent {
  GenerationChange change{};
  InstanceId instance;
  Sha256Digest sha256{};  // of the generation in force afterwards; all zero when there is none
  // `crashed` only:
  std::uint64_t at_seq{};        // of the batch's last event, in the instance's own stream
  std::uint64_t first_output{};  // intents and signals that the instance had made before the batch
  std::uint32_t outputs{};       // made in it
  std::uint32_t timers{};        // armed in it
};
zm_event make_event(const GenerationEvent& change, Nanoseconds now);
GenerationEvent read_generation(const zm_event& event);

// A batch in which a strategy's code died, as a replay must know it beforehand: the batch is not
// handed over again, what it had made of it is made once more, and the instance has faulted.
struct CrashedBatch {
  struct Output {
    std::optional<zm_intent> intent;
    std::optional<SignalRecord> signal;
  };
  GenerationEvent crash;
  std::vector<Output> outputs;
};

// All that is kept of a strategy that does not run.
struct ParkedState {
  StateEnvelope state;
  HostBuffers buffers;

  void save(ArchiveWriter& out) const;
  static Result<ParkedState> load(ArchiveReader& in);
};

// What a strategy that begins again was given. No engine that is fed a journal could know it: it
// depends on when the code's process died, so it is journaled.
struct GivenState {
  InstanceId instance;
  ParkedState past;

  void save(ArchiveWriter& out) const;
  static Result<GivenState> load(std::span<const std::byte> record);
};

// Initialised and activated, able to take over. The services it was prepared with live as long as
// it does.
struct Candidate {
  std::unique_ptr<ClosedServices> services;
  std::unique_ptr<Instance> instance;
  Sha256Digest sha256{};
};

struct CandidateRequest {
  InstanceId id;
  std::string name;
  std::vector<std::uint32_t> instruments;  // the operator's list
  Nanoseconds now{};
  std::uint64_t memory_limit{std::uint64_t{256} << 20};  // of its host buffers
  std::shared_ptr<gpu::LenderSource> gpu{};
};

// Creates, initialises and activates on the calling thread; nothing it does reaches the market.
// `known` outlives the candidate. Errors are the plugin's own sentence.
Result<Candidate> prepare_candidate(const CandidateRequest& request,
                                    const zm_strategy_factory& factory,
                                    std::shared_ptr<PluginImage> image,
                                    const std::vector<Instrument>& known,
                                    std::uint32_t max_metrics);

// The hash a PluginImage tells, as the journal holds it; all zero for text that is none.
Sha256Digest digest_of(const std::string& hex);

// The kept images of a state directory, by content.
class ImageStore {
 public:
  explicit ImageStore(std::filesystem::path state_dir)
      : directory_(std::move(state_dir) / "images") {}
  // Keeps a copy of the image's file, unless there is one.
  Result<void> keep(const PluginImage& image) const;
  // The kept file; Errc::not_found with the hash.
  Result<std::filesystem::path> find(const std::string& sha256) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace zomma
