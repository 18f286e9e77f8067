#include "runtime/sweep/search.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <filesystem>

#include "base/clock.h"
#include "base/sha256.h"
#include "observe/report/json_writer.h"
#include "runtime/config/section.h"
#include "runtime/discover.h"
#include "runtime/session.h"
#include "runtime/sweep/child_pool.h"

namespace zomma {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

// Goes into every key: results of another way of measuring are not mixed with ours.
constexpr const char* measure_version = "zomma sweep 1";

std::string place_of(const Location& at) {
  return fmt::format("{}:{}:{}: ", at.file, at.line, at.column);
}

// A kept tape holds what these decide about.
bool changes_recordings(const std::string& key) {
  if (key.rfind("feed", 0) == 0) return true;
  return key.rfind("instrument", 0) == 0 && key.find("fee_bps") == std::string::npos;
}

// What decides about orders, without the places on this machine where files lie: what is in
// recordings and plugins is known by their hashes.
std::string text_for_keys(Config config) {
  for (std::string* path :
       {&config.run.state_dir, &config.journal.directory, &config.report.directory})
    path->clear();
  config.admin = {};
  config.metrics = {};
  config.bus = {};
  config.terminal = {};
  for (FeedConfig& feed : config.feeds) {
    for (std::string& path : feed.paths) path.clear();
    feed.orderbook_path.clear();
  }
  for (PluginConfig& plugin : config.plugins) plugin.path.clear();
  return dump_config(config);
}

std::string failed_line(const std::string& reason) {
  return JsonWriter().begin_object().field("failed", reason).end_object().take();
}

}  // namespace

Search::Search(const Config& config, const SweepConfig& sweep, SearchOptions options)
    : sweep_(sweep),
      options_(std::move(options)),
      base_(config),
      base_text_(text_for_keys(config)),
      name_(config.run.name),
      currency_(config.instruments.empty() ? "" : config.instruments.front().currency) {}

Result<std::unique_ptr<Search>> Search::open(const Config& config, const SweepConfig& sweep,
                                             SearchOptions options) {
  if (config.run.mode != RunMode::recorded)
    return Error{Errc::invalid_argument, "run.mode is \"live\": a sweep needs recordings"};
  std::unique_ptr<Search> search(new Search(config, sweep, std::move(options)));
  const auto points = count_points(sweep, sweep.paths.count);
  if (!points) return points.error();
  search->points_ = *points;
  std::error_code code;
  search->scratch_ = sweep.output + "/.work";
  fs::create_directories(search->scratch_, code);
  if (code)
    return Error{Errc::io, fmt::format("cannot make {}: {}", search->scratch_, code.message())};
  search->discovered_ = config;
  if (const auto found = discover_contracts(search->discovered_, [](const std::string&) {}); !found)
    return found.error();
  auto tape = Tape::read(search->discovered_, sweep.memory);
  if (!tape) return tape.error();
  search->tape_ = std::move(*tape);
  for (const auto& [key, value] : assignments_of(sweep, point_at(sweep, 0), 0))
    search->tape_serves_ &= !changes_recordings(key);
  if (const auto probed = search->probe(search->discovered_); !probed) return probed.error();
  if (const auto checked = search->check_values(); !checked) return checked.error();
  if (const auto opened = search->open_results(); !opened) return opened.error();
  return search;
}

// Plugins are loaded in a child: whatever they do on loading, this process forks many times more.
Result<void> Search::probe(const Config& config) {
  std::string answer;
  Error error;
  ChildJobs jobs;
  jobs.count = 1;
  jobs.work = [&](std::uint64_t, unsigned slot) -> std::string {
    Config quiet = config;
    quiet.bus.enabled = false;
    quiet.run.state_dir = fmt::format("{}/{}", scratch_, slot);
    SessionOptions options;
    options.journal = false;
    options.plugins_dir = options_.plugins_dir;
    options.open_recording = [&](std::size_t feed) { return tape_->open(config, feed, {}); };
    const auto session = Session::open(quiet, std::move(options));
    if (!session) return failed_line(session.error().message);
    JsonWriter out;
    out.begin_object().key("plugins").begin_array();
    for (const PluginIdentity& plugin : (*session)->meta().plugins)
      out.value(
          fmt::format("{} {} {} ({})", plugin.instance, plugin.id, plugin.version, plugin.sha256));
    out.end_array().key("instances").begin_object();
    for (const auto& instance : (*session)->engine().instances()) {
      out.key(instance->name()).begin_array();
      for (const ParameterInfo& info : instance->parameters())
        out.begin_array()
            .value(info.name)
            .value(info.unit)
            .value(info.type)
            .value(info.minimum)
            .value(info.maximum)
            .end_array();
      out.end_array();
    }
    return out.end_object().end_object().take();
  };
  jobs.done = [&](std::uint64_t, const Result<std::string>& result) {
    if (result)
      answer = *result;
    else
      error = {result.error().code, "loading the plugins: " + result.error().message};
    return true;
  };
  if (const auto ran = run_in_children(jobs); !ran) return ran.error();
  if (answer.empty()) return error;
  const json::value told = json::parse(answer);
  if (const json::value* failed = told.as_object().if_contains("failed"))
    return Error{Errc::refused, std::string(failed->as_string())};
  for (const json::value& plugin : told.at("plugins").as_array())
    plugins_.emplace_back(plugin.as_string());
  for (const auto& instance : told.at("instances").as_object()) {
    instances_.emplace_back(instance.key());
    for (const json::value& row : instance.value().as_array())
      table_.push_back({instances_.back(), std::string(row.at(0).as_string()),
                        std::string(row.at(1).as_string()), row.at(2).to_number<std::uint32_t>(),
                        row.at(3).to_number<double>(), row.at(4).to_number<double>()});
  }
  return {};
}

// Against the plugin's own table of parameters.
void Search::check_parameter(const SweepParameter& parameter, const std::string& key,
                             std::string& errors) const {
  const auto steps = *parse_path(key);
  const std::string& instance = steps[1].key;
  const auto complain = [&](const std::string& what) {
    errors += place_of(parameter.at) + key + ": " + what + "\n";
  };
  const auto meant = [](const std::string& near) {
    return near.empty() ? std::string() : fmt::format("; did you mean \"{}\"?", near);
  };
  if (std::find(instances_.begin(), instances_.end(), instance) == instances_.end())
    return complain("there is no strategy \"" + instance + "\"" +
                    meant(nearest(instance, instances_)));
  std::vector<std::string> names;
  const ParameterRow* found = nullptr;
  for (const ParameterRow& row : table_) {
    if (row.instance != instance) continue;
    names.push_back(row.name);
    if (row.name == steps[3].key) found = &row;
  }
  if (found == nullptr)
    return complain("strategy " + instance + " has no parameter \"" + steps[3].key + "\"" +
                    meant(nearest(steps[3].key, names)));
  for (const SweepValue& value : values_to_check(parameter)) {
    const ParameterInfo info{found->name,    found->unit,   "", found->type, 0, 0,
                             found->minimum, found->maximum};
    if (std::isnan(value.number))
      complain("found " + value.toml + ", expected a number or a boolean");
    else if (const auto fits = check_value(instance, info, value.number); !fits)
      complain(fits.error().message);
  }
}

Result<void> Search::check_values() const {
  std::string errors;
  for (const SweepParameter& parameter : sweep_.parameters)
    for (const std::string& key : parameter.keys) {
      const auto steps = *parse_path(key);
      if (steps.size() == 4 && steps[0].key == "plugin" && steps[2].key == "params") {
        check_parameter(parameter, key, errors);
        continue;
      }
      const auto values = values_to_check(parameter);
      // A configuration is read in full for each value: a long grid of numbers is checked at its
      // ends and in its middle.
      const std::size_t stride = values.size() > 64 ? (values.size() - 1) / 2 : 1;
      for (std::size_t i = 0; i < values.size(); i += stride) {
        ConfigTree tree = base_;
        if (const auto set = tree.set(key, values[i].toml); !set) {
          errors += place_of(parameter.at) + set.error().message + "\n";
          break;
        }
        const ConfigResult read = tree.config();
        if (read) continue;
        ConfigError error = read.errors.front();
        error.file = parameter.at.file;
        error.line = parameter.at.line;
        error.column = parameter.at.column;
        errors += format(error) + "\n";
        break;
      }
    }
  for (const auto& [key, value] : assignments_of(sweep_, point_at(sweep_, 0), 0)) {
    ConfigTree tree = base_;
    if (const auto set = tree.set(key, value); !set) {
      if (errors.find(set.error().message) == std::string::npos)
        errors += set.error().message + "\n";
    } else if (const ConfigResult read = tree.config(); !read && errors.empty()) {
      ConfigError error = read.errors.front();
      error.line = error.column = 0;
      errors += format(error) + "\n";
    }
  }
  if (errors.empty()) return {};
  errors.pop_back();
  return Error{Errc::invalid_argument, errors};
}

Result<void> Search::open_results() {
  const bool sharded = options_.shards > 1;
  const std::string own = sharded ? fmt::format("{}/results-{}-of-{}.jsonl", sweep_.output,
                                                options_.shard, options_.shards)
                                  : sweep_.output + "/results.jsonl";
  auto file = ResultFile::open(own);
  if (!file) return file.error();
  if (!file->rows().empty() && !options_.resume)
    return Error{Errc::refused, fmt::format("{} holds {} runs already: --resume goes on with them; "
                                            "for a new search name another sweep.output, "
                                            "or remove the folder",
                                            own, file->rows().size())};
  file_ = std::make_unique<ResultFile>(std::move(*file));
  std::vector<std::string> paths;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(sweep_.output, code)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().string() != own && name.rfind("results", 0) == 0 &&
        entry.path().extension() == ".jsonl")
      paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    auto rows = ResultFile::read(path);
    if (!rows) return rows.error();
    others_.merge(*rows);
  }
  return {};
}

std::string Search::key_of(std::uint64_t point, std::uint32_t path,
                           const TrialWindow& window) const {
  Sha256 hash;
  const auto add = [&](std::string_view text) {
    const std::uint64_t size = text.size();
    hash.update(&size, sizeof size);
    hash.update(text.data(), text.size());
  };
  add(measure_version);
  add(base_text_);
  add(tape_->digest());
  for (const std::string& plugin : plugins_) add(plugin);
  add(fmt::format("{} {} {} {} {} {}", window.from.value, window.to.value, window.hold, window.cut,
                  sweep_.samples, sweep_.penalty));
  for (const std::string& figure : request_of(point, path, window).paths) add(figure);
  for (const auto& [key, value] : assignments_of(sweep_, point_at(sweep_, point), path)) {
    add(key);
    add(value);
    // A value that names a file stands for what is in it.
    if (value.size() < 3 || value[0] != '"') continue;
    const std::string named = value.substr(1, value.size() - 2);
    std::error_code code;
    if (!fs::is_regular_file(named, code)) continue;
    auto& known = file_hashes_[named];
    if (known.empty())
      if (const auto digest = sha256_file(named)) known = to_hex(*digest);
    add(known);
  }
  return hash.hex().substr(0, 32);
}

TrialRequest Search::request_of(std::uint64_t point, std::uint32_t path,
                                const TrialWindow& window) const {
  TrialRequest request;
  request.assignments = assignments_of(sweep_, point_at(sweep_, point), path);
  request.window = window;
  request.samples = sweep_.samples;
  request.penalty = sweep_.penalty;
  request.paths = sweep_.figures;
  const auto& names = trial_figure_names();
  if (std::find(names.begin(), names.end(), sweep_.objective) == names.end() &&
      std::find(sweep_.figures.begin(), sweep_.figures.end(), sweep_.objective) ==
          sweep_.figures.end())
    request.paths.push_back(sweep_.objective);
  request.plugins_dir = options_.plugins_dir;
  request.tape = tape_serves_ ? tape_.get() : nullptr;
  request.discovered = tape_serves_ ? &discovered_ : nullptr;
  return request;
}

const TrialRow* Search::find(const std::string& key) const {
  const auto own = file_->rows().find(key);
  if (own != file_->rows().end()) return &own->second;
  const auto other = others_.find(key);
  return other != others_.end() ? &other->second : nullptr;
}

Result<bool> Search::run(const std::vector<std::uint64_t>& points,
                         const std::vector<TrialWindow>& windows) {
  struct Job {
    std::uint64_t point;
    std::uint32_t path;
    TrialWindow window;
    std::string key;
  };
  std::vector<Job> jobs;
  std::uint64_t number = 0, elsewhere = 0;
  for (const TrialWindow& window : windows)
    for (const std::uint64_t point : points)
      for (std::uint32_t path = 0; path < sweep_.paths.count; ++path) {
        Job job{point, path, window, key_of(point, path, window)};
        const bool mine = number++ % options_.shards + 1 == options_.shard;
        if (find(job.key) != nullptr)
          ++reused_;
        else if (mine)
          jobs.push_back(std::move(job));
        else
          ++elsewhere;
      }
  const Nanoseconds started = monotonic_now();
  const double before = progress_.seconds;
  progress_.total += jobs.size();
  std::optional<Error> trouble;
  ChildJobs children;
  children.count = jobs.size();
  children.at_once = options_.jobs;
  children.longest = sweep_.longest_run;
  children.stop = options_.stop;
  children.work = [&](std::uint64_t index, unsigned slot) {
    const Job& job = jobs[index];
    TrialRequest request = request_of(job.point, job.path, job.window);
    request.scratch = fmt::format("{}/{}", scratch_, slot);
    if (sweep_.journal) request.journal = fmt::format("{}/journals/{}", sweep_.output, job.key);
    const auto figures = run_trial(base_, request);
    TrialRow row;
    row.key = job.key;
    row.values = request.assignments;
    row.failed = !figures;
    if (!figures)
      row.reason = figures.error().message;
    else
      row.figures = figures->figures, row.equity = figures->equity;
    return to_line(row);
  };
  children.done = [&](std::uint64_t index, const Result<std::string>& answer) {
    TrialRow row;
    auto read = answer ? from_line(*answer) : Result<TrialRow>(answer.error());
    if (read)
      row = std::move(*read);
    else
      row.failed = true, row.reason = read.error().message,
      row.values = request_of(jobs[index].point, jobs[index].path, jobs[index].window).assignments;
    row.key = jobs[index].key;
    if (const auto kept = file_->append(row); !kept) trouble = kept.error();
    ++progress_.done;
    progress_.failed += row.failed ? 1 : 0;
    progress_.seconds = before + static_cast<double>((monotonic_now() - started).value) * 1e-9;
    if (options_.progress) options_.progress(progress_);
    return !trouble;
  };
  const auto ran = run_in_children(children);
  std::error_code code;
  fs::remove_all(scratch_, code);
  if (trouble) return *trouble;
  if (!ran) return ran.error();
  return *ran && elsewhere == 0;
}

std::vector<PointRuns> Search::runs_of(const std::vector<std::uint64_t>& points,
                                       const TrialWindow& window) const {
  std::vector<PointRuns> out;
  for (const std::uint64_t point : points) {
    PointRuns runs{point, {}};
    for (std::uint32_t path = 0; path < sweep_.paths.count; ++path)
      if (const TrialRow* row = find(key_of(point, path, window))) runs.rows.push_back(row);
    out.push_back(std::move(runs));
  }
  return out;
}

Result<void> Search::report(std::uint64_t point, const TrialWindow& window,
                            const std::string& folder) {
  Result<void> result = Error{Errc::internal, "no answer"};
  ChildJobs jobs;
  jobs.count = 1;
  jobs.work = [&](std::uint64_t, unsigned) -> std::string {
    TrialRequest request = request_of(point, 0, window);
    request.scratch = scratch_ + "/0";
    request.report = folder;
    const auto done = run_trial(base_, request);
    return done ? "done" : done.error().message;
  };
  jobs.done = [&](std::uint64_t, const Result<std::string>& answer) {
    if (!answer)
      result = answer.error();
    else if (*answer != "done")
      result = Error{Errc::internal, *answer};
    else
      result = {};
    return true;
  };
  if (const auto ran = run_in_children(jobs); !ran) return ran.error();
  std::error_code code;
  fs::remove_all(scratch_, code);
  return result;
}

Result<std::vector<std::pair<TrialWindow, TrialWindow>>> Search::windows() const {
  const WalkForward& walk = *sweep_.walk_forward;
  const std::int64_t first = tape_->first().value, last = tape_->last().value;
  std::vector<std::pair<TrialWindow, TrialWindow>> out;
  for (std::int64_t turn = first + walk.train.value; turn < last && last - turn >= walk.test.value;
       turn += walk.test.value) {
    const std::int64_t from = walk.anchored ? first : turn - walk.train.value;
    out.push_back(
        {{{from}, {turn}, from > first, true}, {{turn}, {turn + walk.test.value}, true, true}});
  }
  if (out.empty())
    return Error{
        Errc::invalid_argument,
        fmt::format(
            "walk_forward: train {} s and test {} s do not fit into the recording's {:.1f} s",
            static_cast<double>(walk.train.value) * 1e-9,
            static_cast<double>(walk.test.value) * 1e-9, static_cast<double>(last - first) * 1e-9)};
  return out;
}

}  // namespace zomma
