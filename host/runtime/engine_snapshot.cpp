// engine_snapshot.cpp: the whole engine as bytes, strategies included, so that a recovery reads a
// snapshot and a tail instead of a whole day. A snapshot fits one build of the host and one
// configuration; anything else is refused.
#include <fmt/core.h>

#include <zomma/ext/state.h>

#include "runtime/engine.h"

namespace zomma {
namespace {

constexpr std::uint32_t snapshot_version = 5;
constexpr std::uint32_t mark_books = 0x424F4F4B, mark_orders = 0x4F524452,
                        mark_strategies = 0x53545241, mark_end = 0x454E4421;

}  // namespace

Result<void> Engine::save(ArchiveWriter& out) {
  out.put(snapshot_version);
  out.put(static_cast<std::uint32_t>(markets_.size()));
  out.put(static_cast<std::uint32_t>(instances_.size()));
  out.put(now_);
  out.put(last_seq_);
  out.put_vector(consumed_);
  out.put(ending_);
  out.put(next_review_ns_);
  out.put(stats_);
  out.put_vector(instance_stats_);
  for (const Market& market : markets_) {
    out.put(market.told);
    out.put(market.updated_at);
    out.put(market.state);
  }
  out.put(mark_books);
  venue_books_.save(out);
  clearing_.save(out);
  out.put_vector(settled_);
  for (const auto& chain : chains_) chain->save(out);
  out.put_vector(touched_chains_);
  out.put(mark_orders);
  gateway_->save(out);
  oms_.save(out);
  risk_.save(out);
  portfolio_.save(out);
  timers_.save(out);
  out.put(mark_strategies);
  out.put(static_cast<std::uint32_t>(metrics_.size()));
  for (const Metric& metric : metrics_) out.put(metric.value);
  for (const auto& instance : instances_) {
    out.put_text(instance->name());
    out.put_vector(parameters_[instance->id().value]);
    out.put(instance->last_seq());
    out.put(instance->phase());
    out.put(instance->image() != nullptr ? digest_of(instance->image()->sha256()) : Sha256Digest{});
    const auto& parked = parked_[instance->id().value];
    out.put(parked.has_value());
    if (parked) parked->save(out);
    instance->buffers().save(out);
    const bool alive = instance->phase() == InstancePhase::started;
    const auto state =
        alive ? instance->save(ZM_STATE_CHECKPOINT) : Result<StateEnvelope>(StateEnvelope{});
    if (!state) return state.error();
    state->seal(out);
  }
  out.put(mark_end);
  return {};
}

// The generation that ran when the snapshot was made, whichever the configuration names today.
Result<void> Engine::bring_into_force(InstanceId id, InstancePhase phase,
                                      const Sha256Digest& sha256) {
  auto& slot = instances_[id.value];
  if (phase == InstancePhase::ended) {
    slot->end();
    return {};
  }
  const Sha256Digest present =
      slot->image() != nullptr ? digest_of(slot->image()->sha256()) : Sha256Digest{};
  if (present == sha256 && slot->phase() != InstancePhase::ended) return {};
  if (!generation_loader_)
    return Error{Errc::unsupported, "the snapshot needs another generation of " + slot->name()};
  auto candidate = generation_loader_(id, sha256);
  if (!candidate) return candidate.error();
  adopt(*candidate);
  retire(std::exchange(slot, std::move(candidate->instance)));
  listen(id);
  if (const auto started = slot->start(); !started) return started;
  return {};
}

Result<void> Engine::load(ArchiveReader& in) {
  const Error corrupt{Errc::corrupt, "the snapshot in the journal cannot be read"};
  const auto version = in.get<std::uint32_t>();
  if (version != snapshot_version)
    return Error{Errc::incompatible, fmt::format("the snapshot has layout {}, this host writes {}: "
                                                 "replay the journal from its beginning",
                                                 version, snapshot_version)};
  if (in.get<std::uint32_t>() != markets_.size() || in.get<std::uint32_t>() != instances_.size())
    return Error{Errc::incompatible, "the snapshot was made with other instruments or strategies"};
  now_ = in.get<Nanoseconds>();
  last_seq_ = in.get<std::uint64_t>();
  consumed_ = in.get_vector<std::uint64_t>();
  ending_ = in.get<bool>();
  next_review_ns_ = in.get<std::int64_t>();
  stats_ = in.get<EngineStats>();
  instance_stats_ = in.get_vector<InstanceStats>();
  if (!in.ok() || instance_stats_.size() != instances_.size()) return corrupt;
  for (Market& market : markets_) {
    market.told = in.get<Bbo>();
    market.updated_at = in.get<Nanoseconds>();
    market.state = in.get<std::uint32_t>();
  }
  in.expect_mark(mark_books);
  venue_books_.load(in);
  clearing_.load(in);
  settled_ = in.get_vector<options::Settled>();
  if (!in.ok()) return corrupt;
  for (std::uint32_t number = 0; number < chains_.size(); ++number)
    build_chain(number, InstrumentId{chains_[number]->underlying()});
  for (const auto& chain : chains_) chain->load(in);
  touched_chains_ = in.get_vector<std::uint32_t>();
  for (const std::uint32_t chain : touched_chains_)
    if (chain >= chains_.size()) return corrupt;
  in.expect_mark(mark_orders);
  gateway_->load(in);
  for (const Instrument& instrument : settings_.instruments)
    gateway_->set_book(instrument.id, venue_books_.book(instrument.id));
  oms_.load(in);
  risk_.load(in);
  portfolio_.load(in);
  timers_.load(in);
  in.expect_mark(mark_strategies);
  if (in.get<std::uint32_t>() != metrics_.size() || !in.ok()) return corrupt;
  for (Metric& metric : metrics_) metric.value = in.get<double>();
  for (auto& instance : instances_) {
    const std::string name = in.get_text();
    parameters_[instance->id().value] = in.get_vector<zm_event>();
    const auto seq = in.get<std::uint64_t>();
    const auto phase = in.get<InstancePhase>();
    const auto sha256 = in.get<Sha256Digest>();
    if (in.get<bool>()) {
      auto parked = ParkedState::load(in);
      if (!parked) return parked.error();
      parked_[instance->id().value] = std::move(*parked);
    }
    const HostBuffers buffers = HostBuffers::load(in);
    const auto state = StateEnvelope::open(in);
    if (!state) return state.error();
    if (!in.ok() || name != instance->name()) return corrupt;
    if (const auto now = bring_into_force(instance->id(), phase, sha256); !now) return now;
    if (phase == InstancePhase::ended) {
      instance->set_last_seq(seq);
      continue;
    }
    instance->buffers().fill_from(buffers);
    // Parameters live in the plugin, not in its saved state: tell them again, then let the state
    // have the last word.
    restoring_ = true;
    for (zm_event event : parameters_[instance->id().value]) instance->deliver({&event, 1});
    restoring_ = false;
    instance->set_last_seq(seq);
    if (phase == InstancePhase::faulted)
      instance->set_faulted();
    else if (const auto loaded = instance->load(*state, ZM_STATE_CHECKPOINT); !loaded)
      return loaded;
  }
  in.expect_mark(mark_end);
  if (!in.ok()) return corrupt;
  refresh_next_due();
  return {};
}

}  // namespace zomma
