// The parts of the schema that concern the host itself: run, journal, bus, metrics, admin,
// report, terminal.
#include <arpa/inet.h>

#include <algorithm>
#include <bit>
#include <cctype>

#include "runtime/config/read.h"
#include "runtime/config/units.h"

namespace zomma {
namespace {

constexpr double fastest_pace = 1000;
constexpr std::uint64_t smallest_segment = 1u << 20, largest_segment = std::uint64_t{16} << 30;
constexpr std::int64_t smallest_bus = 1024, largest_bus = 1 << 26;
constexpr Nanoseconds longest_sync{3'600'000'000'000};
constexpr Nanoseconds shortest_refresh{10'000'000};

bool loopback(const std::string& address) {
  in_addr v4{};
  if (inet_pton(AF_INET, address.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, address.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace

bool is_name(std::string_view text) {
  constexpr std::size_t longest = 64;
  return !text.empty() && text.size() <= longest && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' ||
                  c == '.';
         });
}

bool read_name(Section& section, std::string_view key, std::string& out, Need need) {
  std::string value;
  if (!section.text(key, value, need)) return false;
  if (!is_name(value)) {
    section.bad(key, describe(*section.find(key)),
                "a name of letters, digits, '_', '-' and '.', at most 64 long");
    return false;
  }
  out = std::move(value);
  return true;
}

void refuse_keys(Section& section, std::initializer_list<std::string_view> keys,
                 const std::string& reason) {
  for (const std::string_view key : keys) {
    if (const TomlNode* node = section.find(key))
      section.bad(key, describe(*node), "no such key, because " + reason);
  }
}

void accept_keys(Section& section, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) section.find(key);
}

void read_run(Section& root, Config& config) {
  config.run.state_dir = root.resolve("state");
  auto section = root.table("run");
  if (!section) return;
  RunConfig& run = config.run;
  read_name(*section, "name", run.name);
  section->word("mode", run.mode);
  if (run.mode == RunMode::live)
    refuse_keys(*section, {"speed"}, "a live run goes by the wall clock");
  else
    section->real("speed", run.speed, 0, fastest_pace);
  section->integer("seed", run.seed);
  section->path("state_dir", run.state_dir);
  section->duration("longest_call", run.longest_call, Nanoseconds{0});
  section->finish();
}

void read_journal(Section& root, Config& config) {
  JournalConfig& journal = config.journal;
  journal.directory = config.run.state_dir + "/journal";
  auto section = root.table("journal");
  if (!section) return;
  section->path("directory", journal.directory);
  section->size("segment_size", journal.segment_size, smallest_segment, largest_segment);
  std::int64_t level = journal.compression_level;
  if (section->integer("compression_level", level, {0, 19}))
    journal.compression_level = static_cast<int>(level);
  if (section->duration("sync_every", journal.sync_every, Nanoseconds{0}) &&
      (journal.sync_every.value % 1'000'000 != 0 || journal.sync_every > longest_sync)) {
    section->bad("sync_every", describe(*section->find("sync_every")),
                 "whole milliseconds, at most \"1h\"");
  }
  section->boolean("market_data", journal.market_data);
  section->integer("snapshot_every_events", journal.snapshot_every_events);
  section->finish();
}

void read_reload(Section& root, Config& config) {
  auto section = root.table("reload");
  if (!section) return;
  section->duration("probation", config.reload.probation, Nanoseconds{0});
  section->duration("longest_pause", config.reload.longest_pause, Nanoseconds{1000});
  section->finish();
}

void read_bus(Section& root, Config& config) {
  auto section = root.table("bus");
  if (!section) return;
  section->boolean("enabled", config.bus.enabled);
  read_name(*section, "name", config.bus.name);
  std::int64_t capacity = 0;
  if (section->integer("capacity", capacity, {smallest_bus, largest_bus})) {
    if (!std::has_single_bit(static_cast<std::uint64_t>(capacity))) {
      section->bad("capacity", describe(*section->find("capacity")),
                   "a power of two, as in " +
                       std::to_string(std::bit_ceil(static_cast<std::uint64_t>(capacity))));
    }
    config.bus.capacity = static_cast<std::uint64_t>(capacity);
  }
  section->finish();
}

void read_metrics(Section& root, Config& config) {
  auto section = root.table("metrics");
  if (!section) return;
  MetricsConfig& metrics = config.metrics;
  section->boolean("enabled", metrics.enabled);
  section->boolean("allow_remote", metrics.allow_remote);
  if (section->endpoint("listen", metrics.listen) && !metrics.allow_remote &&
      !loopback(metrics.listen.address)) {
    section->bad("listen", describe(*section->find("listen")),
                 "a loopback address, as in \"127.0.0.1:9464\", or allow_remote = true");
  }
  section->finish();
}

void read_admin(Section& root, Config& config) {
  AdminConfig& admin = config.admin;
  admin.socket = config.run.state_dir + "/admin.sock";
  auto section = root.table("admin");
  if (!section) return;
  section->boolean("enabled", admin.enabled);
  section->path("socket", admin.socket);
  section->boolean("allow_remote", admin.allow_remote);
  section->path("token_file", admin.token_file);
  const bool certificate = section->path("tls_certificate", admin.tls_certificate);
  const bool key = section->path("tls_key", admin.tls_key);
  if (certificate != key && section->has("tls_certificate") != section->has("tls_key")) {
    const char* given = certificate ? "tls_certificate" : "tls_key";
    section->bad(given, std::string("no ") + (certificate ? "tls_key" : "tls_certificate"),
                 "both tls_certificate and tls_key, or none");
  }
  if (section->endpoint("listen", admin.listen) && !loopback(admin.listen.address)) {
    const TomlNode& listen = *section->find("listen");
    if (!admin.allow_remote)
      section->bad("listen", describe(listen),
                   "a loopback address, as in \"127.0.0.1:9465\", or allow_remote = true");
    else if (!section->has("tls_certificate") && !section->has("tls_key"))
      section->bad("listen", describe(listen),
                   "tls_certificate and tls_key with it, because other machines can reach it");
  }
  section->finish();
}

void read_report(Section& root, Config& config) {
  ReportConfig& report = config.report;
  report.directory = config.run.state_dir + "/report";
  auto section = root.table("report");
  if (!section) return;
  section->path("directory", report.directory);
  std::vector<std::string> texts;
  std::vector<TextPosition> at;
  if (section->texts("formats", texts, &at)) {
    report.formats.clear();
    std::vector<std::string> words;
    for (const auto& word : words_of<ReportFormat>()) words.emplace_back(word.text);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto found = std::find(words.begin(), words.end(), texts[i]);
      if (found == words.end()) {
        section->fail(at[i], "formats", ConfigFault::bad_value, "the string \"" + texts[i] + '"',
                      one_of(words), nearest(texts[i], words));
      } else {
        report.formats.push_back(
            words_of<ReportFormat>()[static_cast<std::size_t>(found - words.begin())].value);
      }
    }
  }
  if (section->texts("baselines", texts, &at)) {
    const std::vector<std::string> known{"do_nothing", "naive_maker", "buy_and_hold",
                                         "covered_call", "put_write"};
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (std::find(known.begin(), known.end(), texts[i]) != known.end()) continue;
      section->fail(at[i], "baselines", ConfigFault::bad_value, "the string \"" + texts[i] + '"',
                    one_of(known), nearest(texts[i], known));
    }
    report.baselines = texts;
  }
  if (section->texts("signal_horizons", texts, &at)) {
    report.signal_horizons.clear();
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto horizon = parse_duration(texts[i]);
      if (horizon && horizon->value > 0)
        report.signal_horizons.push_back(*horizon);
      else
        section->fail(at[i], "signal_horizons", ConfigFault::bad_value,
                      "the string \"" + texts[i] + '"',
                      "a duration above 0 with its unit, as in \"100ms\"");
    }
  }
  section->finish();
}

void read_terminal(Section& root, Config& config) {
  auto section = root.table("terminal");
  if (!section) return;
  section->word("mode", config.terminal.mode);
  section->duration("refresh", config.terminal.refresh, shortest_refresh);
  section->finish();
}

}  // namespace zomma
