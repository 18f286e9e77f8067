// session_control.h: the operator's hands on a running session. Files are read, checked and loaded
// on the caller's thread; only the change itself happens on the engine's, between two packets.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "runtime/config/config.h"
#include "runtime/generation.h"
#include "runtime/operator_control.h"
#include "runtime/session.h"

namespace zomma {

class SessionControl final : public OperatorControl {
 public:
  using Say = std::function<void(std::uint32_t level, const std::string&)>;
  // `session` outlives it. `plugins_dir`: see find_plugin.
  SessionControl(Session& session, std::string plugins_dir, Say say);
  ~SessionControl() override;

  Result<std::string> reload(std::string_view plugin, std::string_view path) override;
  Result<std::string> disable(std::string_view plugin) override;
  Result<std::string> enable(std::string_view plugin) override;
  Result<std::string> set_parameter(std::string_view plugin, std::string_view parameter,
                                    double value) override;
  Result<std::string> kill(KillScope scope, std::string_view name, bool engaged) override;
  Result<std::string> drain() override;
  std::string status_json() const override;
  std::string plugins_json() const override;
  Result<std::string> plugin_json(std::string_view plugin) const override;

  // What the status pages tell; set before anything asks.
  void set_status(std::function<std::string()> status) { status_ = std::move(status); }
  // Takes a plugin's new section (path, sha256, on_fault stay out of a running instance: only path
  // and sha256 are used).
  void set_source(const PluginConfig& plugin);
  // The processes that strategies run in: who watches them polls these, and tells found_dead() what
  // became readable.
  struct Worker {
    InstanceId instance;
    FileDescriptor process;  // a pidfd of its own
  };
  std::vector<Worker> workers() const;
  // Its process has ended: the strategy is faulted now, whether or not it was being asked anything.
  void found_dead(InstanceId instance);
  // Begins strategies whose process died again, each from its last checkpoint and at most as often
  // as its [plugin.NAME.process] allows.
  void begin_again();
  // Destroys generations whose probation is over, and tells of images that stay mapped. Call it now
  // and then.
  void collect();

 private:
  struct Source {
    std::string path, sha256;
    bool allow_unlisted{};
  };
  struct Facts {
    std::uint32_t generation{1}, restarts{0};
    std::string reason;                       // why the last change was refused
    std::deque<std::int64_t> restarted_ns{};  // within the last minute
    bool given_up{false};
  };

  Result<InstanceId> find(std::string_view plugin) const;
  std::optional<WorkerOptions> worker_for(std::string_view plugin) const;
  std::optional<PluginImage::Staging> staging_for(std::string_view plugin) const;
  Result<std::shared_ptr<PluginImage>> stage(const std::string& plugin, std::string_view path);
  Result<Candidate> prepare(InstanceId id, std::shared_ptr<PluginImage> image);
  enum class Change { replace, begin };
  Result<std::string> put_in_force(InstanceId id, std::shared_ptr<PluginImage> image, Change change,
                                   std::int64_t started_ns, Recall recall = Recall::all);
  void begin_again(const PluginConfig& plugin, InstanceId id, const std::filesystem::path& image,
                   const std::string& error);
  Result<std::string> noted(std::string_view plugin, Result<std::string> answer);
  void collect_locked();

  Session& session_;
  std::string plugins_dir_;
  Say say_;
  ImageStore store_;
  std::function<std::string()> status_;
  std::mutex mutex_;  // one change at a time; kill and drain wait for none
  mutable std::mutex facts_mutex_;
  std::map<std::string, Source, std::less<>> sources_;
  std::map<std::string, Facts, std::less<>> facts_;
  std::size_t leaked_ = 0;
};

}  // namespace zomma
