// Reading a whole configuration: files in, one Config and a sorted list of errors out.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "runtime/config/read.h"

namespace zomma {
namespace {

constexpr std::size_t largest_file = std::size_t{16} << 20;

struct Document {
  ConfigSource source;
  TomlDocument toml;
};

std::unique_ptr<Document> open_document(std::string_view text, const std::string& name,
                                        const std::string& folder, ConfigResult& result) {
  auto document = std::make_unique<Document>();
  document->toml = parse_toml(text);
  document->source = {name, folder, !document->toml.errors.empty(), &result.errors};
  for (const TomlSyntaxError& error : document->toml.errors) {
    result.errors.push_back({ConfigFault::syntax, name, error.at.line, error.at.column, "",
                             "not TOML: " + error.message, "", ""});
  }
  result.files.push_back(name);
  return document;
}

// The file's text; "" and an error in the list when it cannot be had.
bool read_file(const std::string& path, std::string& text, ConfigResult& result) {
  const auto refuse = [&](const std::string& why) {
    result.errors.push_back({ConfigFault::file, path, 0, 0, "", why, "a TOML file", ""});
    return false;
  };
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) return refuse("a folder");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (!file) return refuse(std::string("cannot be opened (") + std::strerror(errno) + ")");
  char block[16384];
  std::size_t count = 0;
  while ((count = std::fread(block, 1, sizeof block, file.get())) != 0) {
    text.append(block, count);
    if (text.size() > largest_file) return refuse("more than 16 MiB");
  }
  if (std::ferror(file.get()) != 0)
    return refuse(std::string("cannot be read (") + std::strerror(errno) + ")");
  return true;
}

std::string folder_of(const std::string& path) {
  std::error_code code;
  const auto absolute = std::filesystem::absolute(path, code);
  return (code ? std::filesystem::path(path) : absolute).parent_path().lexically_normal().string();
}

// The *.toml files of the folder that `plugins_dir` names, by name.
std::vector<std::string> plugin_files(Section& root) {
  std::vector<std::string> files;
  std::string written;
  if (!root.text("plugins_dir", written)) return files;
  std::error_code code;
  const std::string folder = root.resolve(written);
  std::filesystem::directory_iterator entries(folder, code);
  if (code) {
    root.bad("plugins_dir", describe(*root.find("plugins_dir")),
             "a folder; " + folder + " is none (" + code.message() + ")");
    return files;
  }
  // Named as the main file was, so that messages look alike.
  const auto shown =
      (std::filesystem::path(root.source().name).parent_path() / written).lexically_normal();
  for (const auto& entry : entries) {
    const auto name = entry.path().filename();
    if (name.extension() == ".toml" && name.string().front() != '.')
      files.push_back((shown / name).string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void read_plugin_file(const std::string& path, ConfigResult& result) {
  std::string text;
  if (!read_file(path, text, result)) return;
  const auto document = open_document(text, path, folder_of(path), result);
  Section root(document->source, document->toml.root, {1, 1}, "");
  read_plugins(root, result.config);
  root.finish();
}

void sort_errors(ConfigResult& result) {
  const auto rank = [&](const ConfigError& error) {
    return std::find(result.files.begin(), result.files.end(), error.file) - result.files.begin();
  };
  std::stable_sort(result.errors.begin(), result.errors.end(),
                   [&](const ConfigError& a, const ConfigError& b) {
                     const auto rank_a = rank(a), rank_b = rank(b);
                     if (rank_a != rank_b) return rank_a < rank_b;
                     return a.line != b.line ? a.line < b.line : a.column < b.column;
                   });
}

void read_all(Section& root, bool may_include, ConfigResult& result) {
  Config& config = result.config;
  read_run(root, config);
  read_journal(root, config);
  read_reload(root, config);
  read_bus(root, config);
  read_metrics(root, config);
  read_admin(root, config);
  read_report(root, config);
  read_terminal(root, config);
  read_gpu(root, config);
  read_chain_settings(root, config);
  read_clearing(root, config);
  read_instruments(root, config);
  read_feeds(root, config);
  read_gateway(root, config);
  read_plugins(root, config);
  if (may_include) {
    for (const std::string& file : plugin_files(root)) read_plugin_file(file, result);
  } else {
    refuse_keys(root, {"plugins_dir"}, "this text stands for itself");
  }
  std::sort(config.plugins.begin(), config.plugins.end(),
            [](const PluginConfig& a, const PluginConfig& b) { return a.name < b.name; });
  read_risk(root, config);
  root.finish();
  sort_errors(result);
}

bool present(const std::string& path) {
  std::error_code code;
  return std::filesystem::exists(path, code);
}

}  // namespace

ConfigResult load_config(const std::string& path) {
  ConfigResult result;
  std::string text;
  if (!read_file(path, text, result)) return result;
  const auto document = open_document(text, path, folder_of(path), result);
  Section root(document->source, document->toml.root, {1, 1}, "");
  read_all(root, true, result);
  return result;
}

ConfigResult parse_config(std::string_view text, const std::string& name,
                          const std::string& folder) {
  ConfigResult result;
  const auto document = open_document(text, name, folder, result);
  Section root(document->source, document->toml.root, {1, 1}, "");
  read_all(root, false, result);
  return result;
}

std::vector<ConfigError> missing_files(const Config& config) {
  std::vector<ConfigError> errors;
  const auto demand = [&](const std::string& path, const Location& at, const std::string& key) {
    if (path.empty() || present(path)) return;
    errors.push_back({ConfigFault::bad_value, at.file, at.line, at.column, key, "no file " + path,
                      "an existing file", ""});
  };
  for (std::size_t i = 0; i < config.feeds.size(); ++i) {
    const FeedConfig& feed = config.feeds[i];
    if (!feed.required) continue;
    const std::string key = "feed[" + std::to_string(i) + "].";
    for (std::size_t p = 0; p < feed.paths.size(); ++p) {
      demand(feed.paths[p], feed.paths_at[p], key + (feed.paths.size() == 1 ? "path" : "paths"));
    }
    demand(feed.orderbook_path, feed.orderbook_path_at, key + "orderbook_path");
  }
  for (const PluginConfig& plugin : config.plugins) {
    const bool looked_up = plugin.path.find('/') == std::string::npos;
    if (plugin.enabled && !looked_up)
      demand(plugin.path, plugin.path_at, "plugin." + plugin.name + ".path");
  }
  return errors;
}

}  // namespace zomma
