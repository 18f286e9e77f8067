#include "runtime/session.h"
#include "gpu/lending/pricing_service.h"

#include <fmt/core.h>
#include <time.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/clock.h"
#include "runtime/assembly.h"
#include "runtime/discover.h"
#include "runtime/recovery.h"
#include "runtime/release.h"
#include "runtime/run_directory.h"

namespace zomma {
namespace {

// How late an operator's command, or the death of a strategy's process, is looked at while a paced
// recording is quiet.
constexpr std::int64_t longest_nap_ns = 2'000'000;

constexpr std::size_t chunk_events = 512;  // between two looks at the stop request
constexpr std::int64_t clock_every_ns =
    1'000'000;  // live: time passes at least this often while something waits for it

constexpr Nanoseconds lock_patience{500'000'000};

void sleep_until(Nanoseconds monotonic) {
  timespec until{monotonic.value / 1'000'000'000, monotonic.value % 1'000'000'000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until,
                  nullptr);  // a signal may end it early: the caller looks again
}

// A process that has just been killed may still be going: its lock is waited for, a little.
Result<std::unique_ptr<JournalWriter>> open_writer(const JournalConfig& config,
                                                   const std::string& path) {
  JournalOptions options;
  options.segment_bytes = config.segment_size;
  options.compression_level = config.compression_level;
  options.sync_ms = static_cast<int>(config.sync_every.value / 1'000'000);
  const Nanoseconds until = monotonic_now() + lock_patience;
  for (;;) {
    auto writer = JournalWriter::open(path, options);
    if (writer || writer.error().code != Errc::busy || monotonic_now() > until) return writer;
    sleep_until(monotonic_now() + Nanoseconds{10'000'000});
  }
}

Error explain(const Error& error, const std::string& where) {
  return {error.code, where + ": " + error.message};
}

}  // namespace

void Session::Watch::on_log(InstanceId id, std::uint32_t level, std::string_view text) {
  std::string line(text);
  for (char& c : line)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F)
      c = '?';  // no line may draw on the operator's terminal
  const auto& instances = session->engine_->instances();
  const std::string name = id.value < instances.size() ? instances[id.value]->name() : "engine";
  session->say(level, name + ": " + line);
}

Session::Session(const Config& config, SessionOptions options)
    : config_(config), options_(std::move(options)) {}
Session::~Session() {
  if (mark_) clear_crash_handlers();
}

Result<std::unique_ptr<Session>> Session::open(const Config& config, SessionOptions options) {
  std::unique_ptr<Session> session(new Session(config, std::move(options)));
  const auto told = [&](const std::string& text) { session->say(ZM_LOG_INFO, text); };
  if (const auto found = discover_contracts(session->config_, told); !found) return found.error();
  if (const auto found = session->find_unfinished(); !found) return found.error();
  if (const auto opened = session->open_feeds(); !opened) return opened.error();
  session->watch_.session = session->tee_.session = session.get();
  if (const auto opened = session->open_plugins(); !opened) return opened.error();
  if (session->options_.journal) {
    if (const auto opened = session->open_journal(); !opened) return opened.error();
  }
  if (const BusConfig& wanted = session->config_.bus; wanted.enabled && session->options_.journal) {
    auto bus =
        BusWriter::create("/" + wanted.name, wanted.capacity, session->engine_->last_seq() + 1);
    if (!bus) return explain(bus.error(), "bus \"" + wanted.name + "\"");
    session->bus_.emplace(std::move(*bus));
  }
  return session;
}

// A run that did not end in order goes on as it was configured; what was edited since then reaches
// it as a change.
Result<void> Session::find_unfinished() {
  meta_ = {release, 0, wall_now().value, dump_config(config_), {}};
  if (!options_.journal) return {};
  if (!config_.journal.market_data)
    return Error{Errc::unsupported,
                 "journal.market_data = false: a run whose inputs are not kept cannot be recovered "
                 "or replayed; "
                 "use zomma backtest, or set it to true"};
  const auto runs = list_runs(config_.journal.directory, config_.run.name);
  if (!options_.resume || runs.empty()) return {};
  const auto closed = closed_in_order(runs.back().path);
  if (!closed) return closed.error();
  if (*closed) return {};
  journal_path_ = runs.back().path;
  auto meta = read_meta(journal_path_);
  if (!meta) return meta.error();
  if (meta->config != meta_.config) {
    ConfigResult parsed = parse_config(meta->config, "the journal's configuration", "/");
    if (!parsed) return Error{Errc::corrupt, format(parsed.errors)};
    const double speed = config_.run.speed;
    config_ = std::move(parsed.config);
    config_.run.speed = speed;
    say(ZM_LOG_WARNING, fmt::format("the configuration was edited since {} began; that run goes on "
                                    "as it was configured (zomma run --fresh "
                                    "begins a new one and leaves its orders as they are)",
                                    journal_path_));
  }
  unfinished_ = std::move(*meta);
  return {};
}

Result<void> Session::open_plugins() {
  engine_ = std::make_unique<Engine>(engine_settings(config_), tee_, &watch_);
  if (engine_->gpu() != nullptr && engine_->gpu()->pricing() != nullptr)
    engine_->gpu()->pricing()->set_log(
        [this](const std::string& text) { say(ZM_LOG_WARNING, text); });
  const ImageStore store(config_.run.state_dir);
  PluginSource source;
  source.first_dir = options_.plugins_dir;
  source.store = &store;
  source.keep = options_.journal;
  source.probe = options_.guard;
  if (unfinished_) source.pinned = unfinished_->plugins;
  source.say = [&](const std::string& text) { say(ZM_LOG_INFO, text); };
  auto plugins = add_plugins(*engine_, config_, source);
  if (!plugins) return plugins.error();
  meta_.plugins = std::move(*plugins);
  engine_->set_generation_loader(generation_loader(*engine_, config_, "", store));
  return {};
}

Result<void> Session::open_feeds() {
  for (const FeedConfig& feed : config_.feeds) {
    if (config_.run.mode == RunMode::live) {
      auto source = open_live_feed(config_, feed);
      if (!source) return explain(source.error(), "feed \"" + feed.name + "\"");
      live_.push_back(std::move(*source));
    } else {
      auto source =
          options_.open_recording
              ? options_.open_recording(static_cast<std::size_t>(&feed - config_.feeds.data()))
              : open_feed(config_, feed);
      if (!source) {
        if (feed.required || source.error().code != Errc::not_found)
          return explain(source.error(), "feed \"" + feed.name + "\"");
        say(ZM_LOG_WARNING,
            fmt::format("feed \"{}\" is left out: {}", feed.name, source.error().message));
        continue;
      }
      merger_.add(std::move(*source), static_cast<std::uint32_t>(&feed - config_.feeds.data()));
    }
    feed_names_.push_back(feed.name);
  }
  if (feed_names_.empty())
    return Error{Errc::not_found,
                 "there is no feed to run on: every optional recording is missing"};
  return {};
}

Result<void> Session::open_journal() {
  if (unfinished_) {
    say(ZM_LOG_WARNING,
        fmt::format("the last run did not end in order; going on with {}", journal_path_));
    return recover(journal_path_);
  }
  const RunDirectory directory = next_run(config_.journal.directory, config_.run.name);
  journal_path_ = directory.path;
  meta_.run_number = directory.number;
  auto writer = open_writer(config_.journal, directory.path);
  if (!writer) return writer.error();
  writer_ = std::move(*writer);
  const std::string meta = to_json(meta_);
  if (!writer_->append(RecordType::meta, meta.data(), meta.size()))
    return Error{Errc::io, "the journal does not take its first record"};
  journal_log_ = std::make_unique<JournalLog>(*writer_);
  log_.switch_to(*journal_log_);
  return {};
}

Result<void> Session::recover(const std::string& path) {
  const Nanoseconds started = monotonic_now();
  // The writer comes first: it takes the lock and cuts the torn tail, so that what is read is what
  // will be continued.
  auto writer = open_writer(config_.journal, path);
  if (!writer) return writer.error();
  writer_ = std::move(*writer);
  meta_ = *unfinished_;
  std::optional<FoundDead> found;
  if (const auto dead = RunningMarkFile::read(config_.run.state_dir)) found = *dead;
  auto crashes = crashed_batches(path, found);
  if (!crashes) return crashes.error();
  const std::optional<GenerationEvent> crash =
      found && !crashes->empty() && crashes->back().crash.instance == found->instance &&
              crashes->back().crash.at_seq == found->at_seq
          ? std::optional(crashes->back().crash)
          : std::nullopt;
  for (CrashedBatch& batch : *crashes) engine_->expect_crash(std::move(batch));
  ReplayLog replay;
  log_.switch_to(replay);
  const auto fed = refeed(path, *engine_, replay, true);
  if (!fed) return fed.error();
  if (!replay.difference().empty() || replay.missing() != 0)
    return Error{Errc::corrupt, fmt::format("{} cannot be recovered: its inputs do not lead to its "
                                            "outputs (was a plugin changed?)\n{}",
                                            path, replay.difference())};
  for (const ReplayLog::Output& output : replay.beyond())
    if (!writer_->append(output.type, output.bytes, output.size))
      return Error{Errc::io, "the journal takes no more records"};
  if (const auto skipped = merger_.skip(engine_->consumed()); !skipped) return skipped.error();
  if (engine_->open_packet() >= 0)
    merger_.resume_packet(static_cast<std::uint32_t>(engine_->open_packet()));
  recovered_ = engine_->last_seq();
  journal_log_ = std::make_unique<JournalLog>(*writer_);
  log_.switch_to(*journal_log_);
  if (crash) {
    const Instance& culprit = *engine_->instances()[crash->instance.value];
    say(ZM_LOG_ERROR,
        fmt::format(
            "strategy {} ended the last process ({}) in the batch that ends with its event {}: {}",
            culprit.name(), death_in_words(found->died_of), crash->at_seq,
            culprit.phase() == InstancePhase::faulted
                ? "it stays out until it is reloaded; its orders are treated as on_fault says"
                : "the generation before it goes on"));
    if (!engine_->sequence_crash(*crash))
      return Error{Errc::io, "the journal takes no more records"};
  }
  say(ZM_LOG_INFO,
      fmt::format(
          "recovered {} inputs{}, {} outputs agree, {} completed, {} torn bytes cut, in {:.1f} ms",
          recovered_,
          fed->from_snapshot != 0 ? fmt::format(" (snapshot at {})", fed->from_snapshot) : "",
          replay.compared(), replay.beyond().size(), writer_->opened().cut_bytes,
          static_cast<double>((monotonic_now() - started).value) * 1e-6));
  return {};
}

// The session's first input carries the time of the first recorded event, so that nothing depends
// on when it was run.
Result<void> Session::begin() {
  if (engine_->last_seq() != 0) return {};
  Nanoseconds first = wall_now();
  if (config_.run.mode == RunMode::recorded) {
    const auto ts = merger_.first_time();
    if (!ts) return ts.error();
    first = *ts;
  }
  return engine_->start(first);
}

Result<void> Session::sequence(std::span<zm_event> inputs) {
  const std::uint64_t before = engine_->last_seq();
  if (!engine_->process(inputs)) {
    const auto trouble = writer_ ? writer_->trouble() : std::nullopt;
    return Error{trouble ? trouble->code : Errc::io,
                 fmt::format("the journal failed, so trading stopped after input {} and every open "
                             "order was cancelled: {}",
                             before, trouble ? trouble->message : "no reason given")};
  }
  inputs_ += inputs.size();
  return {};
}

Result<void> Session::take(std::span<zm_event> inputs) {
  if (const auto sequenced = sequence(inputs); !sequenced) return sequenced;
  if (const auto progressed = progress(); !progressed) return progressed;
  return snapshot_if_due();
}

Result<void> Session::snapshot_if_due() {
  const std::uint64_t every = config_.journal.snapshot_every_events;
  if (!writer_ || every == 0 || engine_->last_seq() < next_snapshot_ ||
      !engine_->at_packet_boundary())
    return {};
  if (engine_->on_probation()) return {};  // a snapshot holds one generation of a strategy
  if (next_snapshot_ != 0) {
    ArchiveWriter archive;
    // A strategy that cannot save (its worker process may just have died) must not end the run:
    // recovery then begins at an older snapshot.
    if (const auto saved = engine_->save(archive); !saved)
      say(ZM_LOG_WARNING, "no snapshot: " + saved.error().message);
    else if (!writer_->append(RecordType::snapshot, archive.bytes()))
      return Error{Errc::io, "the journal did not take a snapshot"};
  }
  next_snapshot_ = engine_->last_seq() / every * every + every;
  return {};
}

Result<void> Session::progress() {
  if (commands_.pending() && engine_->last_seq() != 0 && engine_->at_packet_boundary())
      [[unlikely]] {
    commands_.run();
    if (engine_->halted()) return sequence({});
  }
  const std::int64_t now = monotonic_now().value;
  if (now < next_progress_ns_) return {};
  next_progress_ns_ = now + config_.terminal.refresh.value;
  if (options_.on_progress) options_.on_progress(*this);
  collect_retired();
  return {};
}

void Session::collect_retired() {
  if (!engine_->has_retired()) return;
  auto retired = engine_->take_retired();
  const std::lock_guard lock(retired_mutex_);
  for (Engine::Retired& one : retired) retired_.push_back(std::move(one));
}

std::vector<Engine::Retired> Session::take_retired() {
  const std::lock_guard lock(retired_mutex_);
  return std::exchange(retired_, {});
}

Result<void> Session::loop_recorded(SessionOutcome& outcome) {
  std::vector<zm_event> chunk;
  chunk.reserve(chunk_events * 2);
  const double speed = config_.run.speed;
  const Nanoseconds wall_start = monotonic_now();
  std::int64_t feed_start = 0;
  bool held = options_.hold_until.value > 0;
  const auto hold = [&](bool set) {
    zm_event event =
        Engine::kill_event(static_cast<std::uint32_t>(KillLevel::firm), 0, set, engine_->now());
    return sequence({&event, 1});
  };
  if (held)
    if (const auto done = hold(true); !done) return done;
  for (;;) {
    if (stop_asked()) {
      outcome.reason = ended_operator;
      return {};
    }
    chunk.clear();
    const auto count = merger_.read(chunk, speed > 0 || held ? 1 : chunk_events);
    if (!count) return count.error();
    if (*count == 0) return {};
    if (held && chunk.front().ts_ns >= options_.hold_until.value) {
      if (const auto done = hold(false); !done) return done;
      held = false;
    }
    if (speed > 0) {
      if (feed_start == 0) feed_start = chunk.front().ts_ns;
      const auto after =
          static_cast<std::int64_t>(static_cast<double>(chunk.front().ts_ns - feed_start) / speed);
      const Nanoseconds due{wall_start.value + after};
      while (monotonic_now() < due && !stop_asked()) {
        if (const auto progressed = progress(); !progressed) return progressed;
        sleep_until(std::min(due, monotonic_now() + Nanoseconds{longest_nap_ns}));
      }
      lag_ns_ = (monotonic_now() - due).value;
    }
    if (const auto taken = take(chunk); !taken) return taken;
  }
}

Result<void> Session::loop_live(SessionOutcome& outcome) {
  EventBuffer buffer;
  while (!stop_asked()) {
    bool any = false;
    for (std::size_t feed = 0; feed < live_.size(); ++feed) {
      buffer.clear();
      const auto count = live_[feed]->poll(buffer);
      if (!count) return count.error();
      if (*count == 0) continue;
      any = true;
      for (zm_event& event : buffer.events()) {
        lag_ns_ = wall_now().value - event.ts_ns;
        event.flags = static_cast<std::uint16_t>((event.flags & ~feed_mask) | (feed << feed_shift));
      }
      if (const auto taken = take(buffer.events()); !taken) return taken;
    }
    if (any) continue;
    const Nanoseconds now = wall_now();
    if (engine_->next_due() <= now && now.value - engine_->now().value >= clock_every_ns) {
      zm_event tick = Engine::clock_event(now);
      if (const auto taken = take({&tick, 1}); !taken) return taken;
    }
    if (const auto progressed = progress(); !progressed) return progressed;
    sleep_until(monotonic_now() + Nanoseconds{50'000});
  }
  outcome.reason = ended_operator;
  return {};
}

Result<void> Session::end(std::uint32_t reason) {
  commands_.close();
  if (!engine_->ending()) {
    const Nanoseconds now = config_.run.mode == RunMode::live ? wall_now() : engine_->now();
    zm_event last = Engine::session_event(session_end, reason, std::max(now, engine_->now()));
    if (const auto taken = sequence({&last, 1}); !taken) return taken;
  }
  engine_->drain();
  if (!writer_) return {};
  if (!writer_->append_struct(RecordType::close, CloseRecord{engine_->last_seq(), reason, 0}))
    return Error{Errc::io, "the journal did not take its closing record"};
  return writer_->close();
}

Result<SessionOutcome> Session::run() {
  struct Closing {
    CommandQueue& queue;
    ~Closing() { queue.close(); }
  } closing{commands_};
  if (options_.guard) {
    auto mark = RunningMarkFile::create(config_.run.state_dir);
    if (!mark) return mark.error();
    mark_.emplace(std::move(*mark));
    engine_->set_running_mark(&mark_->mark());
    use_crash_stack();
    install_crash_handlers(mark_->mark());
  }
  SessionOutcome outcome;
  outcome.journal = journal_path_;
  outcome.recovered = recovered_;
  const Nanoseconds started = monotonic_now();
  if (const auto begun = begin(); !begun) return begun.error();
  Result<void> result;
  if (!engine_->ending())
    result = config_.run.mode == RunMode::live ? loop_live(outcome) : loop_recorded(outcome);
  if (!result) {
    outcome.reason = ended_error;
    if (!engine_->halted())
      if (const auto ended = end(ended_error); !ended) say(ZM_LOG_ERROR, ended.error().message);
    return result.error();
  }
  if (const auto ended = end(outcome.reason); !ended) return ended.error();
  outcome.seconds = static_cast<double>((monotonic_now() - started).value) * 1e-9;
  outcome.inputs = inputs_;
  return outcome;
}

}  // namespace zomma
