// engine_checkpoints.cpp: a strategy in a process of its own may die and be begun again. Its state
// is kept now and then, with what it heard since, so that its successor knows what it knew.
//
// What the successor was given is journaled: when a checkpoint was last taken before a process died
// is nothing that a replay could find out.
#include <fmt/core.h>

#include <zomma/ext/state.h>

#include "runtime/engine.h"

namespace zomma {
namespace {

// Beyond it the state is kept again, whatever the time: it bounds what a successor has to hear
// first.
constexpr std::size_t most_heard = 1 << 12;

}  // namespace

void Engine::remember(Instance& instance, std::span<const zm_event> events) {
  Checkpoint& kept = checkpoints_[instance.id().value];
  if (now_ < kept.due && kept.heard.size() + events.size() <= most_heard) {
    kept.heard.insert(kept.heard.end(), events.begin(), events.end());
    kept.batches.push_back(static_cast<std::uint32_t>(events.size()));
    return;
  }
  kept.due = now_ + instance_settings_[instance.id().value].checkpoint_every;
  kept.heard.clear();
  kept.batches.clear();
  auto state = instance.save(ZM_STATE_CHECKPOINT);
  kept.past.reset();
  if (state) kept.past = ParkedState{std::move(*state), instance.buffers().copy()};
}

Result<void> Engine::recall(Instance& old, Instance& fresh, Recall how) {
  Checkpoint& kept = checkpoints_[old.id().value];
  if (how == Recall::nothing || !kept.past) return {};
  fresh.buffers().fill_from(kept.past->buffers);
  fresh.set_last_seq(kept.past->state.last_seq);
  if (const auto loaded = fresh.load(kept.past->state, ZM_STATE_CHECKPOINT); !loaded) return loaded;
  std::size_t at = 0;
  for (const std::uint32_t count : kept.batches) {
    if (how != Recall::all) break;
    std::vector<zm_event> batch(kept.heard.begin() + static_cast<std::ptrdiff_t>(at),
                                kept.heard.begin() + static_cast<std::ptrdiff_t>(at + count));
    for (zm_event& event : batch) translate_for_old(event, old, fresh);
    if (!fresh.catch_up(batch))
      return Error{
          Errc::refused,
          fmt::format(
              "strategy {}: it failed again while it heard what followed its checkpoint: {}",
              old.name(), fresh.error())};
    at += count;
  }
  auto state = fresh.save(ZM_STATE_CHECKPOINT);
  if (!state) return state.error();
  const GivenState given{old.id(), {std::move(*state), fresh.buffers().copy()}};
  ArchiveWriter record;
  given.save(record);
  if (!log_.given_state(record.bytes())) {
    stop_trading();
    return Error{Errc::io,
                 "the journal failed while a strategy was begun again; trading has stopped"};
  }
  // As a replay does it; and the strategy learns that its stream did not stand still while it was
  // dead.
  return fresh.load(given.past.state, ZM_STATE_CHECKPOINT);
}

Result<void> Engine::give_again(Instance& fresh) {
  if (!given_ || given_->instance != fresh.id()) return {};
  const GivenState given = *std::exchange(given_, std::nullopt);
  fresh.buffers().fill_from(given.past.buffers);
  return fresh.load(given.past.state, ZM_STATE_CHECKPOINT);
}

}  // namespace zomma
