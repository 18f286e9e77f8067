#include "runtime/baseline.h"

#include <fmt/core.h>

#include "journal/reader.h"
#include "plugin/image.h"
#include "runtime/assembly.h"
#include "runtime/merger.h"
#include "runtime/plugin_folders.h"
#include "runtime/report_builder.h"

namespace zomma {
namespace {

constexpr std::size_t chunk_events = 1024;

// Market data and the passing of time; what was said to the strategies of that run concerns them
// alone.
bool concerns_everybody(const zm_event& event) {
  return event.kind < ZM_EVENT_ACCEPTED || event.kind == ZM_EVENT_CLOCK ||
         (event.kind == ZM_EVENT_SESSION && event.u.session.phase == session_end);
}

// Parameters are kept where the baseline has one of the same name.
Result<void> keep_known_parameters(PluginConfig& plugin, const std::string& path,
                                   const std::string& state_dir) {
  auto image = PluginImage::load({path, state_dir + "/gen", ""});
  if (!image) return image.error();
  NoLog log;
  Engine probe({}, log);
  const zm_strategy_factory& factory = (*image)->factory();
  const auto added = probe.add_instance({plugin.name, {}, OnFault::hold, {}}, factory, *image);
  if (!added) return added.error();
  std::vector<ParamValue> known;
  for (const ParamValue& param : plugin.params)
    for (const ParameterInfo& info : probe.instances()[0]->parameters())
      if (info.name == param.name) known.push_back(param);
  plugin.params = std::move(known);
  return {};
}

}  // namespace

Result<InputSource> inputs_of_journal(const std::string& journal) {
  auto opened = JournalReader::open(journal);
  if (!opened) return opened.error();
  auto reader = std::make_shared<JournalReader>(std::move(*opened));
  auto chunk = std::make_shared<std::vector<zm_event>>();
  return InputSource([reader, chunk]() -> Result<std::span<zm_event>> {
    chunk->clear();
    JournalRecord record;
    while (chunk->size() < chunk_events || (chunk->back().flags & ZM_FLAG_LAST) == 0) {
      const ReadStatus status = reader->next(record);
      if (status == ReadStatus::damage) return Error{Errc::corrupt, reader->damage().reason};
      if (status == ReadStatus::end) break;
      const zm_event* event = record.type == RecordType::input ? record.as<zm_event>() : nullptr;
      if (event != nullptr && concerns_everybody(*event)) chunk->push_back(*event);
    }
    return std::span<zm_event>(*chunk);
  });
}

Result<InputSource> inputs_of_feeds(const Config& config) {
  auto merger = std::make_shared<FeedMerger>();
  for (const FeedConfig& feed : config.feeds) {
    auto source = open_feed(config, feed);
    if (source)
      merger->add(std::move(*source), static_cast<std::uint32_t>(&feed - config.feeds.data()));
    else if (feed.required)
      return source.error();
  }
  auto chunk = std::make_shared<std::vector<zm_event>>();
  return InputSource([merger, chunk]() -> Result<std::span<zm_event>> {
    chunk->clear();
    const auto count = merger->read(*chunk, chunk_events);
    if (!count) return count.error();
    return std::span<zm_event>(*chunk);
  });
}

Config baseline_config(const Config& config, const std::string& plugin) {
  Config changed = config;
  changed.plugins.clear();
  for (const PluginConfig& old : config.plugins) {
    if (!old.enabled || old.instruments.empty()) continue;
    PluginConfig replaced = old;
    replaced.path = plugin + ".so";
    replaced.sha256.clear();
    replaced.allow_unlisted = true;
    if (plugin == "naive_maker") replaced.instruments.resize(1);
    changed.plugins.push_back(std::move(replaced));
  }
  return changed;
}

Result<RunResult> run_baseline(const Config& config, const std::string& plugin,
                               const std::string& plugins_dir, InputSource inputs) {
  Config changed = baseline_config(config, plugin);
  const std::string path = find_plugin(plugin + ".so", plugins_dir);
  for (PluginConfig& one : changed.plugins) {
    one.path = path;
    if (const auto kept = keep_known_parameters(one, path, config.run.state_dir); !kept)
      return kept.error();
  }
  AnalysisObserver observer(changed);
  NoLog log;
  Engine engine(engine_settings(changed), log, &observer);
  const auto added = add_plugins(engine, changed, {});
  if (!added) return added.error();
  bool started = false;
  for (;;) {
    const auto chunk = inputs();
    if (!chunk) return chunk.error();
    if (chunk->empty()) break;
    if (!started) {
      if (const auto begun = engine.start(Nanoseconds{chunk->front().ts_ns}); !begun)
        return begun.error();
      started = true;
    }
    engine.process(*chunk);
  }
  if (started && !engine.ending()) {
    zm_event end = Engine::session_event(session_end, ended_recording, engine.now());
    engine.process({&end, 1});
  }
  engine.drain();
  return observer.result();
}

}  // namespace zomma
