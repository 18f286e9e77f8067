// engine_generations.cpp: a strategy's code is changed between two events. The candidate was
// prepared elsewhere; here the old generation is quiesced, its state handed over, the change
// sequenced like any other input, and the old generation kept ready until the new one has shown
// that it lives.
//
// A journal fed again takes the same steps in the same order, with the image that its input names.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include <zomma/ext/state.h>

#include "runtime/engine.h"

namespace zomma {
namespace {

// More than this the new generation need not hear to be trusted; it bounds what a roll-back takes.
constexpr std::size_t most_heard = 1 << 16;

Error not_between_packets() {
  return {Errc::busy, "a venue's update is half told: ask again after it"};
}

}  // namespace

CandidateRequest Engine::candidate_request(InstanceId id) const {
  const InstanceSettings& settings = instance_settings_[id.value];
  return {id, settings.name, settings.instruments, now_, settings.memory_limit, settings_.gpu};
}

Result<void> Engine::replace(InstanceId id, Candidate candidate, const ChangeBudget& budget,
                             Recall how) {
  if (!at_packet_boundary()) return not_between_packets();
  if (halted_) return Error{Errc::refused, "trading has stopped: nothing is replaced any more"};
  Instance& old = *instances_[id.value];
  if (old.phase() != InstancePhase::started && old.phase() != InstancePhase::faulted)
    return Error{Errc::refused,
                 fmt::format("strategy {} is disabled: enable it instead", old.name())};
  if (next_due_ <= now_) run_due(now_);
  settle(id);
  if (old.phase() == InstancePhase::started) {
    const auto handed = hand_over(old, *candidate.instance, &budget);
    if (!handed) {
      ++stats_.generations_refused;
      refusal_done_ = true;
      const bool taken = sequence_change(
          {GenerationChange::refused, id,
           old.image() != nullptr ? digest_of(old.image()->sha256()) : Sha256Digest{}, 0});
      refusal_done_ = false;
      if (!taken)
        return Error{Errc::io,
                     "the journal failed while a strategy was being replaced; trading has stopped"};
      return handed;
    }
  } else if (const auto recalled = recall(old, *candidate.instance, how); !recalled) {
    return recalled;
  }
  const Sha256Digest sha256 = candidate.sha256;
  pending_ = std::move(candidate);
  if (!sequence_change({GenerationChange::replaced, id, sha256, 0})) {
    pending_.reset();
    return Error{Errc::io,
                 "the journal failed while a strategy was being replaced; trading has stopped"};
  }
  return start_failure_.empty() ? Result<void>() : Error{Errc::refused, start_failure_};
}

Result<void> Engine::lose(InstanceId id, std::string how) {
  if (!at_packet_boundary()) return not_between_packets();
  if (instances_[id.value]->phase() != InstancePhase::started) return {};
  if (next_due_ <= now_) run_due(now_);
  lost_how_ = std::move(how);
  if (!sequence_change({GenerationChange::lost, id, {}, 0}))
    return Error{Errc::io, "the journal failed; trading has stopped"};
  return {};
}

Result<void> Engine::stop(InstanceId id) {
  if (!at_packet_boundary()) return not_between_packets();
  if (instances_[id.value]->phase() == InstancePhase::ended) return {};
  if (next_due_ <= now_) run_due(now_);
  if (!sequence_change({GenerationChange::stopped, id, {}, 0}))
    return Error{Errc::io, "the journal failed; trading has stopped"};
  return {};
}

Result<void> Engine::begin(InstanceId id, Candidate candidate) {
  if (!at_packet_boundary()) return not_between_packets();
  if (instances_[id.value]->phase() != InstancePhase::ended)
    return Error{Errc::refused,
                 fmt::format("strategy {} runs already", instances_[id.value]->name())};
  if (next_due_ <= now_) run_due(now_);
  if (const auto loaded = load_parked(id, *candidate.instance); !loaded) return loaded;
  const Sha256Digest sha256 = candidate.sha256;
  pending_ = std::move(candidate);
  if (!sequence_change({GenerationChange::started, id, sha256, 0})) {
    pending_.reset();
    return Error{Errc::io, "the journal failed; trading has stopped"};
  }
  return start_failure_.empty() ? Result<void>() : Error{Errc::refused, start_failure_};
}

bool Engine::sequence_change(const GenerationEvent& change) {
  zm_event event = make_event(change, now_);
  return process({&event, 1});
}

// Whatever the candidate does with the state, the old generation has only been quiesced and asked
// to save.
Result<void> Engine::hand_over(Instance& old, Instance& fresh, const ChangeBudget* budget) {
  const auto late = [&]() -> Result<void> {
    if (budget == nullptr || !budget->overdrawn || !budget->overdrawn()) return {};
    return Error{
        Errc::refused,
        fmt::format(
            "strategy {}: saving and loading its state took longer than the operator allows",
            old.name())};
  };
  const Nanoseconds allowed = budget != nullptr ? budget->quiesce : ChangeBudget{}.quiesce;
  if (const auto quiet = old.quiesce(now_ + allowed); !quiet) return quiet;
  const auto state = old.save(ZM_STATE_RELOAD);
  if (!state) return state.error();
  if (const auto fits = late(); !fits) return fits;
  fresh.buffers().fill_from(old.buffers());
  if (const auto loaded = fresh.load(*state, ZM_STATE_RELOAD); !loaded) return loaded;
  return late();
}

Result<void> Engine::load_parked(InstanceId id, Instance& fresh) {
  const auto& parked = parked_[id.value];
  if (!parked) return {};
  fresh.buffers().fill_from(parked->buffers);
  return fresh.load(parked->state, ZM_STATE_CHECKPOINT);
}

// The steps of replace() and begin(), in a replay: the journal says that they succeeded.
Result<void> Engine::hand_over_again(InstanceId id, const Sha256Digest& sha256, bool with_state) {
  if (!generation_loader_)
    return Error{Errc::unsupported, "this replay cannot load another generation of a strategy"};
  settle(id);
  auto candidate = generation_loader_(id, sha256);
  if (!candidate) return candidate.error();
  Instance& old = *instances_[id.value];
  if (with_state && old.phase() == InstancePhase::started)
    if (const auto handed = hand_over(old, *candidate->instance, nullptr); !handed) return handed;
  if (old.phase() == InstancePhase::ended)
    if (const auto loaded = load_parked(id, *candidate->instance); !loaded) return loaded;
  if (old.phase() == InstancePhase::faulted)
    if (const auto given = give_again(*candidate->instance); !given) return given;
  pending_ = std::move(*candidate);
  return {};
}

void Engine::on_generation(const zm_event& event) {
  const GenerationEvent change = read_generation(event);
  const InstanceId id = change.instance;
  if (id.value >= instances_.size()) return;
  switch (change.change) {
    case GenerationChange::replaced:
    case GenerationChange::started:
      if (!pending_) {
        if (const auto ready =
                hand_over_again(id, change.sha256, change.change == GenerationChange::replaced);
            !ready) {
          trouble_ = ready.error().message;
          return;
        }
      }
      commit(id);
      break;
    case GenerationChange::refused: {
      Instance& old = *instances_[id.value];
      if (!refusal_done_) {
        settle(id);
        if (old.quiesce(now_ + ChangeBudget{}.quiesce)) (void)old.save(ZM_STATE_RELOAD);
      }
      if (!old.resume()) fault(old);
      break;
    }
    case GenerationChange::stopped:
      park(id);
      break;
    case GenerationChange::crashed:
      break;  // its effect came with the batch
    case GenerationChange::lost:
      if (instances_[id.value]->phase() != InstancePhase::started) break;
      instances_[id.value]->lose("its process ended between two batches" +
                                 (lost_how_.empty() ? "" : ": " + lost_how_));
      lost_how_.clear();
      ++stats_.crashes;
      fault(*instances_[id.value]);
      break;
  }
}

// The old generation steps aside and the candidate hears the next event.
void Engine::commit(InstanceId id) {
  Candidate candidate = std::move(*pending_);
  pending_.reset();
  start_failure_.clear();
  ++stats_.generations;
  std::unique_ptr<Instance> old = std::move(instances_[id.value]);
  const std::vector<ParameterInfo> old_table = old->parameters();
  candidate.instance->set_last_seq(old->last_seq());
  adopt(candidate);
  instances_[id.value] = std::move(candidate.instance);
  listen(id);
  parked_[id.value].reset();
  checkpoints_[id.value] = {};
  if (old->phase() == InstancePhase::quiesced) {
    Probation& probation = probation_[id.value];
    probation.old = std::move(old);
    probation.until = now_ + settings_.probation;
    ++probations_;
  } else {
    retire(std::move(old));
  }
  Instance& fresh = *instances_[id.value];
  if (!crashes_ahead_.empty() && crashes_here(fresh, {})) {
    start_failure_ = fresh.error();
    fault(fresh);
    return;
  }
  mark_->enter(id, fresh.last_seq(), instance_stats_[id.value].outputs);
  const auto started = fresh.start();
  mark_->leave();
  if (!started) {
    start_failure_ = started.error().message;
    fresh.set_error(start_failure_);
    fault(fresh);
    return;
  }
  tell_parameters(id, old_table);
}

// From here on the candidate talks to the engine: what it declared becomes the engine's, under the
// same names.
void Engine::adopt(Candidate& candidate) {
  Instance& instance = *candidate.instance;
  instance.attach(*this);
  for (std::uint32_t& handle : instance.metric_handles()) {
    const ClosedServices::Metric& metric = candidate.services->metrics()[handle];
    std::uint32_t known = UINT32_MAX;
    (void)declare_metric(instance.id(), metric.name, metric.unit, metric.kind, known);
    handle = known;
  }
  for (const ClosedServices::Line& line : candidate.services->lines())
    log(instance.id(), line.level, line.text);
}

// Which instruments have listeners for what: recomputed for all, because a generation may hear less
// than the one before.
void Engine::listen(InstanceId id) {
  for (const std::uint32_t instrument : instance_settings_[id.value].instruments) {
    Market& market = markets_[instrument];
    market.subscriptions = 0;
    for (const auto& instance : instances_)
      if ((market.listeners >> instance->id().value & 1) != 0)
        market.subscriptions |= instance->subscribe();
  }
}

// Every value, as after a first start: what is in force where the new code still knows it, else its
// default.
void Engine::tell_parameters(InstanceId id, const std::vector<ParameterInfo>& old_table) {
  const std::vector<zm_event> known = std::exchange(parameters_[id.value], {});
  const std::vector<ParameterInfo> table = instances_[id.value]->parameters();
  for (std::uint32_t index = 0; index < table.size(); ++index) {
    const ParameterInfo& info = table[index];
    double value = info.default_value;
    for (const auto& [name, configured] : instance_settings_[id.value].parameters)
      if (name == info.name && check_value("", info, configured)) value = configured;
    for (const zm_event& event : known) {
      const auto& parameter = event.u.parameter;
      if (parameter.index >= old_table.size() || old_table[parameter.index].name != info.name)
        continue;
      const double in_force = parameter.type == ZM_PARAM_REAL
                                  ? parameter.value.real
                                  : static_cast<double>(parameter.value.integer);
      if (check_value("", info, in_force)) value = in_force;
    }
    auto event = parameter_event(id, info.name, value, now_);
    if (!event) continue;
    event->u.parameter.reserved[0] = 0;
    remember_parameter(id, *event);
    deliver_private(id, *event);
  }
}

// --- probation ---

void Engine::note_heard(Instance& instance, std::span<const zm_event> events) {
  Probation& probation = probation_[instance.id().value];
  if (!probation.old) return;
  if (now_ >= probation.until || probation.heard.size() + events.size() > most_heard) {
    settle(instance.id());
    return;
  }
  probation.heard.insert(probation.heard.end(), events.begin(), events.end());
  probation.batches.push_back(static_cast<std::uint32_t>(events.size()));
}

// Its last hooks will run on another thread: they must not reach the engine.
void Engine::retire(std::unique_ptr<Instance> instance) {
  instance->attach(graveyard_);
  retired_.push_back({std::move(instance), nullptr});
}

// The new generation is trusted; the old one goes.
void Engine::settle(InstanceId id) {
  Probation& probation = probation_[id.value];
  if (!probation.old) return;
  retire(std::move(probation.old));
  probation = {};
  --probations_;
}

// The index of a parameter belongs to a generation; its name to the strategy.
void Engine::translate_for_old(zm_event& event, const Instance& fresh, const Instance& old) const {
  if (event.kind != ZM_EVENT_PARAMETER) return;
  const std::uint32_t index = event.u.parameter.index;
  if (index < fresh.parameters().size())
    for (std::uint32_t i = 0; i < old.parameters().size(); ++i)
      if (old.parameters()[i].name == fresh.parameters()[index].name &&
          old.parameters()[i].type == event.u.parameter.type) {
        event.u.parameter.index = i;
        return;
      }
  event.kind = ZM_EVENT_CLOCK;  // its number must be heard, its meaning is unknown to the old code
}

// The new generation failed while the old one stood by: the old one hears what it missed without
// acting, and goes on. False if it cannot.
bool Engine::roll_back(Instance& failed) {
  const InstanceId id = failed.id();
  Probation probation = std::exchange(probation_[id.value], {});
  --probations_;
  ++stats_.roll_backs;
  log(id, ZM_LOG_ERROR,
      fmt::format("the new generation failed ({}); the one before it goes on from event {}",
                  failed.error(), failed.last_seq() + 1));
  Instance& old = *probation.old;
  bool caught_up = true;
  std::size_t at = 0;
  for (const std::uint32_t count : probation.batches) {
    const std::span batch(probation.heard.data() + at, count);
    for (zm_event& event : batch) translate_for_old(event, failed, old);
    if (!old.catch_up(batch)) {
      caught_up = false;
      break;
    }
    at += count;
  }
  old.set_last_seq(failed.last_seq());
  for (zm_event& event : parameters_[id.value]) translate_for_old(event, failed, old);
  std::erase_if(parameters_[id.value],
                [](const zm_event& event) { return event.kind != ZM_EVENT_PARAMETER; });
  checkpoints_[id.value] = {};
  retire(std::exchange(instances_[id.value], std::move(probation.old)));
  listen(id);
  return caught_up && old.resume();
}

// --- stopping, and code that died ---

void Engine::park(InstanceId id) {
  settle(id);
  Instance& instance = *instances_[id.value];
  if (instance.phase() == InstancePhase::started) {
    if (const auto quiet = instance.quiesce(now_ + ChangeBudget{}.quiesce); !quiet)
      log(id, ZM_LOG_WARNING, quiet.error().message);
    auto state = instance.save(ZM_STATE_CHECKPOINT);
    if (state)
      parked_[id.value] = ParkedState{std::move(*state), instance.buffers().copy()};
    else
      log(id, ZM_LOG_ERROR, state.error().message + "; it will begin without its state");
  }
  withdraw_all(id, InstrumentId{});
  timers_.drop(id);
  instance.end();
  retired_.push_back({nullptr, instance.take_image()});
  refresh_next_due();
}

// True if the journal says that this instance's code died in this batch.
bool Engine::crashes_here(Instance& instance, std::span<zm_event> events) {
  const std::uint64_t at_seq = instance.last_seq() + events.size();
  const auto found =
      std::find_if(crashes_ahead_.begin(), crashes_ahead_.end(), [&](const CrashedBatch& batch) {
        return batch.crash.instance == instance.id() && batch.crash.at_seq == at_seq;
      });
  if (found == crashes_ahead_.end()) return false;
  const CrashedBatch batch = std::move(*found);
  crashes_ahead_.erase(found);
  instance.pass_over(events);
  for (const CrashedBatch::Output& output : batch.outputs) {
    zm_intent_result result{};
    if (output.intent) (void)submit(instance.id(), *output.intent, result);
    if (output.signal)
      signal(instance.id(), output.signal->signal, InstrumentId{output.signal->instrument},
             output.signal->value);
  }
  for (std::uint32_t i = 0; i < batch.crash.timers; ++i) {
    std::uint64_t unused = 0;
    (void)arm_timer(instance.id(), now_, 0,
                    unused);  // dropped at once; the numbers of later ones depend on it
  }
  if (probations_ != 0) note_heard(instance, events);
  instance.set_error("its code died in this batch");
  instance.set_faulted();
  return true;
}

void Engine::report_crashes() {
  for (const GenerationEvent& crash : std::exchange(crashes_, {})) {
    zm_event event = make_event(crash, now_);
    event.seq = last_seq_ + 1;
    if (!log_.inputs({&event, 1})) return stop_trading();
    act(event);
  }
}

}  // namespace zomma
