#include "runtime/replay.h"

#include <fmt/core.h>
#include <unistd.h>

#include <filesystem>

#include "runtime/assembly.h"
#include "runtime/journal_log.h"

namespace zomma {

Result<Config> journal_config(const RunMeta& meta) {
  ConfigResult parsed = parse_config(meta.config, "the journal's configuration", "/");
  if (!parsed) return Error{Errc::corrupt, format(parsed.errors)};
  // Nothing is written beside the journal: that disk may be full, or not ours.
  parsed.config.run.state_dir =
      (std::filesystem::temp_directory_path() / fmt::format("zomma-replay-{}", getuid())).string();
  return std::move(parsed.config);
}

Result<ReplayResult> replay_journal(const std::string& journal, const std::string& plugins_dir,
                                    EngineObserver* observer) {
  const auto meta = read_meta(journal);
  if (!meta) return meta.error();
  auto config = journal_config(*meta);
  if (!config) return config.error();
  const ConfigResult original = parse_config(meta->config, "the journal's configuration", "/");
  const ImageStore store(original.config.run.state_dir);
  // Any build of a plugin may be tried; whether it is the same one is told, not demanded.
  for (PluginConfig& plugin : config->plugins) {
    plugin.sha256.clear();
    plugin.allow_unlisted = true;
    plugin.isolation = Isolation::in_process;  // the same output, sooner
    for (const PluginIdentity& known : meta->plugins)
      if (known.instance == plugin.name) plugin.path = known.path;
  }
  ReplayLog log;
  Engine engine(engine_settings(*config), log, observer);
  PluginSource source;
  source.first_dir = plugins_dir;
  source.store = &store;
  std::vector<PluginIdentity> kept;  // the very images of the run, where they are still there
  if (plugins_dir.empty())
    for (const PluginIdentity& known : meta->plugins)
      if (store.find(known.sha256)) kept.push_back(known);
  source.pinned = kept;
  const auto plugins = add_plugins(engine, *config, source);
  if (!plugins) return plugins.error();
  engine.set_generation_loader(generation_loader(engine, *config, plugins_dir, store));
  ReplayResult result;
  for (std::size_t i = 0; i < plugins->size() && i < meta->plugins.size(); ++i)
    if ((*plugins)[i].sha256 != meta->plugins[i].sha256)
      result.notes.push_back(fmt::format("{} is another build than the run had ({} instead of {})",
                                         (*plugins)[i].path, (*plugins)[i].sha256.substr(0, 12),
                                         meta->plugins[i].sha256.substr(0, 12)));
  auto crashes = crashed_batches(journal, std::nullopt);
  if (!crashes) return crashes.error();
  for (CrashedBatch& batch : *crashes) engine.expect_crash(std::move(batch));
  const auto fed = refeed(journal, engine, log, false);
  if (!fed) return fed.error();
  if (!fed->closed)
    result.notes.push_back(
        fmt::format("the run did not end in order: its last inputs lead to {} outputs that are not "
                    "in the journal",
                    log.beyond().size()));
  result.inputs = fed->inputs;
  result.compared = log.compared();
  result.journal_digest = fed->journal_digest;
  result.replay_digest = log.digest().hex();
  result.difference = log.difference();
  if (result.difference.empty() && log.missing() != 0)
    result.difference =
        fmt::format("the journal holds {} outputs more than the replay made", log.missing());
  if (result.difference.empty() && fed->closed && !log.beyond().empty())
    result.difference =
        fmt::format("the replay made {} outputs more than the journal holds; the first: {}",
                    log.beyond().size(), describe(log.beyond().front()));
  return result;
}

}  // namespace zomma
