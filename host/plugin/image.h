// image.h: one generation of a plugin's code, mapped from a private copy. Staging order: read the
// file once, hash those bytes, check the note, write the copy, load the copy (here or in a worker
// process). Whatever happens to the original afterwards has no effect.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <zomma/strategy.h>

#include "base/result.h"
#include "plugin/elf_note.h"
#include "plugin/worker/worker.h"

namespace zomma {

class PluginImage {
 public:
  struct Staging {
    std::vector<std::string> waived{};  // forbidden imports that the operator allows
    // Whether an image with this hash was probed before: then it is not loaded in a child again.
    std::function<bool(const std::string& sha256)> known{};
    std::string
        prober{};  // the program that loads it in a child, see ProbeOptions; empty: this one
  };
  struct Options {
    std::filesystem::path path;             // what the operator named
    std::filesystem::path generations_dir;  // private copies go below; must allow execution
    std::string expected_sha256;            // lower-case hex; empty = any
    // The copy is mapped by a worker process instead of by this one; `image` need not be set.
    std::optional<WorkerOptions> worker{};
    // Looked at more closely before it is mapped here; not asked of a worker, where it may do its
    // worst.
    std::optional<Staging> staging{};
  };

  // Errors say what was found and what to do: missing file, not a plugin, another ABI, another hash
  // than allowed, unresolved symbols (the loader's own sentence), no factory. [control]
  static Result<std::shared_ptr<PluginImage>> load(const Options& options);
  ~PluginImage();
  PluginImage(const PluginImage&) = delete;
  PluginImage& operator=(const PluginImage&) = delete;

  const PluginNote& note() const { return note_; }
  const std::string& sha256() const { return sha256_; }
  const zm_strategy_factory& factory() const { return *factory_; }
  const std::filesystem::path& copy() const { return copy_; }
  // The process that runs its code; null when it is mapped in this one.
  const WorkerProcess* worker() const { return worker_.get(); }

  // Images of this process that were to be unmapped and stayed (a thread_local, a unique symbol,
  // code that may have started threads): their files, so that an operator hears of each. [any
  // thread]
  static std::vector<std::string> leaked();

 private:
  struct Library;
  PluginImage();

  PluginNote note_;
  std::string sha256_;
  std::filesystem::path copy_;
  std::unique_ptr<Library> library_;
  std::unique_ptr<WorkerProcess> worker_;
  bool stays_mapped_ = false;
  const zm_strategy_factory* factory_ = nullptr;
};

}  // namespace zomma
