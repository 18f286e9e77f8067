// config_watch.h: edits of the configuration's files, and of watched plugins, become changes of the
// running session. What cannot be read, or is refused, leaves everything as it was, and is told
// with its place.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "runtime/config/config.h"
#include "runtime/session_control.h"

namespace zomma {

class ConfigWatch {
 public:
  using Say = std::function<void(std::uint32_t level, const std::string& text)>;
  // `files` are those that `config` was read from. `control` outlives the watch.
  ConfigWatch(std::string path, std::vector<std::string> files, Config config,
              std::string plugins_dir, SessionControl& control, Say say);

  // [control thread] Looks at the files' times; reads and acts if one moved.
  void poll();
  // Reloads every running strategy whose file differs from what it runs, watched or not: what
  // SIGHUP means.
  void reload_changed();

 private:
  struct Stamp {
    std::filesystem::file_time_type time{};
    std::uintmax_t size{};
    bool operator==(const Stamp&) const = default;
  };
  static Stamp stamp(const std::string& path);
  std::vector<Stamp> stamps() const;
  void take_edits();
  void tell(const std::string& plugin, const Result<std::string>& answer) const;
  void take_plugin(const PluginConfig& now, const PluginConfig& before);
  std::string library(const PluginConfig& plugin) const;

  std::string path_;
  std::vector<std::string> files_;
  Config config_;
  std::string plugins_dir_;
  SessionControl& control_;
  Say say_;
  std::vector<Stamp> stamps_;
  struct Library {
    Stamp loaded, seen;
  };  // a file is taken when it has not moved between two looks
  std::map<std::string, Library> libraries_;
};

}  // namespace zomma
