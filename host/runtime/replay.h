// replay.h: a journal run again: the same configuration, the same strategies, the same inputs. Its
// outputs must be the same.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/config/config.h"
#include "runtime/engine.h"
#include "runtime/recovery.h"

namespace zomma {

struct ReplayResult {
  std::uint64_t inputs{}, compared{};
  std::string journal_digest, replay_digest;  // SHA-256 over all intents, order updates and fills
  std::string difference;                     // the first one, in words; empty = none
  std::vector<std::string>
      notes;  // another build of a plugin, a journal without a closing record, ...
  bool same() const { return difference.empty() && journal_digest == replay_digest; }
};

// `plugins_dir`: take the plugins from this folder; empty = from where the run had them. `observer`
// hears the whole run.
Result<ReplayResult> replay_journal(const std::string& journal, const std::string& plugins_dir,
                                    EngineObserver* observer);

// The configuration that a journal was written with.
Result<Config> journal_config(const RunMeta& meta);

}  // namespace zomma
