// config.h: what an operator wrote, as plain structs. Reading finds every error in one pass and
// says where it is; the schema is in docs/reference/config.md. Nothing here opens a feed, a plugin
// or a journal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/types.h"
#include "gpu/settings.h"
#include "market/instrument.h"
#include "orders/gateways/sim/models.h"
#include "portfolio/options/clearing_settings.h"
#include "risk/limits.h"
#include "runtime/kinds.h"

namespace zomma {

// A place in a file; lines and columns count from 1, columns in characters. Line 0: the file as a
// whole.
struct Location {
  std::string file;
  std::uint32_t line{};
  std::uint32_t column{};
};

enum class RunMode : std::uint8_t { recorded, live };

struct RunConfig {
  Nanoseconds longest_call{
      5'000'000'000};  // of a strategy, on the wall clock; 0 = the watchdog is off
  std::string name{"zomma"};
  RunMode mode{RunMode::recorded};
  double speed{0};  // 0 = as fast as possible, 1 = as time passed on the recording
  std::uint64_t seed{1};
  std::string state_dir;  // private copies of plugins, locks; absolute
};

struct JournalConfig {
  std::string directory;  // absolute
  std::uint64_t segment_size{64u << 20};
  int compression_level{1};  // zstd, of closed segments; 0 = they stay as they are
  Nanoseconds sync_every{};  // at most this long until data is on the disk; 0 = the system decides
  bool market_data{true};    // false: inputs are kept in the recording alone
  std::uint64_t snapshot_every_events{0};  // 0 = none
};

struct BusConfig {
  bool enabled{true};
  std::string name{"zomma"};         // of the shared memory
  std::uint64_t capacity{1u << 20};  // events, a power of two
};

enum class FeedFormat : std::uint8_t { itch, lobster, dbn, binance, lean, modelled, chain_csv };
enum class FeedTransport : std::uint8_t { file, pcap, udp };

struct Endpoint {
  std::string address;
  std::uint16_t port{};
  bool operator==(const Endpoint&) const = default;
  bool given() const { return port != 0; }
};

struct CalendarDate {
  int year{}, month{}, day{};
  bool operator==(const CalendarDate&) const = default;
  bool given() const { return year != 0; }
};

struct FeedSymbol {
  std::string venue_symbol;
  InstrumentId instrument;  // index into Config::instruments
};

enum class ChainResolution : std::uint8_t { universe, daily, minute };

// A market of options that was never quoted; what the numbers mean and their defaults are from:
// market/feeds/modelled/.
struct ChainModelConfig {
  double volatility_premium{1.05}, least_volatility{0.05}, reversion{3.0};
  double smile_rho{-0.7}, smile_eta{0.8}, smile_gamma{0.5};
  std::int64_t weeklies{4}, monthlies{3}, quarterlies{3};
  double reach{3.0};
  Money strike_step{};  // 0: by the price
  double half_spread_volatility{0.004};
  std::int64_t dividend_notice_days{14}, warm_up_sessions{252};
  double open_interest{5000};
};

// Feeds of option chains: what to take from their folder. The contracts become instruments of the
// run by runtime/discover.h, after which the configuration names every one of them.
struct ChainFeedConfig {
  std::vector<std::string> underlyings;  // upper case
  std::string prices_path;               // of the underlyings; absolute; empty: the feed's path
  ChainResolution resolution{ChainResolution::universe};
  CalendarDate from, to;  // both included; not given: no bound
  // Where the data has closes alone, quotes are modelled around them: half the spread is at least
  // so much and at least this share of the price.
  Money half_spread{2'000'000};
  double half_spread_share{0.01};
  std::int64_t quote_quantity{10};
  Money fee_per_contract{};  // of the contracts that are found
  ChainModelConfig model;    // modelled
  bool discovered{false};    // the contracts are there: not of the file, set by discover.h
  bool given() const { return !underlyings.empty(); }
};

struct FeedConfig {
  std::string name;
  FeedFormat format{FeedFormat::itch};
  FeedTransport source{FeedTransport::file};
  std::vector<std::string> paths;  // file, pcap: absolute, read one after the other
  std::string orderbook_path;      // lobster: the book before the first message; may be empty
  CalendarDate session_date;  // itch, lobster: the trading day the messages count their time from
  std::vector<FeedSymbol> symbols;  // sorted by venue_symbol; of chains: by instrument
  ChainFeedConfig chains;           // lean, modelled
  bool required{true};              // false: announced and skipped when a file is missing
  BookKind book{BookKind::l2};
  Endpoint group_a, group_b;  // udp: multicast groups
  std::string interface;      // udp: local address to listen on; empty = any
  Endpoint rewinder;          // udp: where lost messages are asked for again; not given = nowhere
  Location at;                // of its [[feed]]
  std::vector<Location> paths_at;  // parallel to `paths`
  Location orderbook_path_at;
};

// The feed's options carry quotes that no market made: closes alone were recorded, or nothing.
inline bool modelled_quotes(const FeedConfig& feed) {
  return feed.format == FeedFormat::modelled ||
         (feed.format == FeedFormat::lean && feed.chains.resolution == ChainResolution::universe);
}

enum class LatencyKind : std::uint8_t { constant, uniform, lognormal, empirical };

// A delay and its spread. Sampled by the simulated exchange from its own seeded generator.
struct LatencyConfig {
  LatencyKind kind{LatencyKind::constant};
  Nanoseconds value{250'000};  // constant; nobody trades without any delay, so the default is not 0
  Nanoseconds minimum{}, maximum{};  // uniform; lognormal: `minimum` is added to every sample,
                                     // `maximum` cuts
  Nanoseconds median{};              // lognormal
  double sigma{};                    // lognormal: standard deviation of the logarithm
  std::vector<Nanoseconds>
      quantiles;  // empirical: evenly spaced from the least to the greatest delay
};

struct SimGatewayConfig {
  LatencyConfig feed, order, report;
  SimQueueModel queue_model{SimQueueModel::risk_averse};
  int queue_power{3};  // of the probability model, 1 to 8
  SimSelfTrade self_trade{SimSelfTrade::cancel_new};
  bool reject_when_halted{true};
  std::uint64_t seed{1};
};

// Limits scope by scope, as risk/limits.h means them; a plugin's by its name, because instances
// have no number yet.
struct InstrumentRisk {
  InstrumentId instrument;
  ScopeLimits limits;
};

struct InstanceRisk {
  std::string instance;  // name of a [plugin.NAME]
  ScopeLimits limits;
  std::vector<InstrumentRisk> instruments;  // of this instance alone; sorted by instrument
};

struct RiskConfig {
  ScopeLimits firm;
  std::vector<InstanceRisk> instances;      // sorted by name
  std::vector<InstrumentRisk> instruments;  // sorted by instrument
  bool kill_on_loss{true};  // a breach of daily loss or drawdown sets the scope's kill switch
};

enum class Isolation : std::uint8_t { in_process, process };  // written "inline", "process"

struct PluginLimits {
  std::uint32_t orders{1000};     // open at once
  std::uint32_t timers{1000};     // armed at once
  std::uint32_t log_lines{1000};  // per second of engine time
  std::uint32_t metrics{256};     // declared
  std::uint64_t memory{
      std::uint64_t{256}
      << 20};  // bytes of host buffers; of the whole process with isolation = "process"
};

// One value of [plugin.NAME.params]. The host checks it against the plugin's own table once the
// plugin is loaded, and can still say where it was written.
struct ParamValue {
  std::string name;
  std::variant<std::int64_t, double, bool, std::string> value;
  Location key_at, value_at;
};

// How a strategy with isolation = "process" lives.
struct ProcessConfig {
  Nanoseconds deadline{1'000'000'000};          // for one call; then the process is killed
  Nanoseconds spin{50'000};                     // how long either side looks before it sleeps
  std::uint64_t address_space{0};               // bytes it may map in all; 0 = any
  int core{-1};                                 // pinned there; -1 = anywhere
  Nanoseconds checkpoint_every{1'000'000'000};  // on engine time; 0 = never
  std::uint32_t restarts{3};  // within a minute; then it stays out until it is reloaded
  gpu::WorkerGpuLimits gpu;
  std::string cgroup;  // the folder its control group is made in; absolute; empty: none
  gpu::CgroupLimits cgroup_limits;
};

struct PluginConfig {
  std::string name;  // of the instance
  bool enabled{true};
  std::string path;  // absolute, or a bare file name to be looked for in the host's plugin folders
  std::string strategy;        // id of a factory inside the library; empty = its only one
  std::string sha256;          // lower-case hex; empty = not pinned
  bool allow_unlisted{false};  // load although no sha256 pins it
  std::vector<std::string> waived_imports;  // allowed although a plugin should not need them
  bool watch{false};                        // replace the running code when the file changes
  Isolation isolation{Isolation::in_process};
  OnFault on_fault{OnFault::cancel};
  std::string account{"main"};
  Money cash{};                           // put into its account before the start
  std::vector<InstrumentId> instruments;  // in the operator's order
  PluginLimits limits;
  gpu::LoanLimits gpu;
  ProcessConfig process;
  std::vector<ParamValue> params;  // in the order of their names
  Location at;                     // of its [plugin.NAME]
  Location path_at;
};

// What strategies may borrow of the machine's GPUs, all together.
struct GpuConfig {
  bool enabled{true};  // false: they find none, and no driver is started
  gpu::LendingSettings lending;
  gpu::PricingSettings pricing;  // of option chains
};

// How running code is replaced.
struct ReloadConfig {
  Nanoseconds probation{1'000'000'000};  // the old generation stands by for so long, on engine time
  Nanoseconds longest_pause{50'000'000};  // a hand-over that takes longer is called off
};

struct MetricsConfig {
  bool enabled{true};
  Endpoint listen{"127.0.0.1", 9464};
  bool allow_remote{false};
};

// Where operators reach the running host; serve/admin_server.h.
struct AdminConfig {
  bool enabled{true};
  std::string socket;        // Unix socket; absolute
  Endpoint listen;           // not given: the Unix socket alone
  bool allow_remote{false};  // for an address that is not a loopback one; needs TLS
  std::string token_file;    // absolute; empty: state_dir/admin.token, made when missing
  std::string tls_certificate, tls_key;  // absolute, PEM; both or none
};

enum class ReportFormat : std::uint8_t { text, json, html };

struct ReportConfig {
  std::string directory;  // absolute
  std::vector<ReportFormat> formats{ReportFormat::text, ReportFormat::json, ReportFormat::html};
  std::vector<std::string> baselines{"do_nothing", "naive_maker"};
  std::vector<Nanoseconds> signal_horizons{{100'000'000}, {1'000'000'000}, {10'000'000'000}};
};

// The host's view of option chains.
struct RateStep {
  std::uint32_t date{};  // yyyymmdd, from which on it holds
  double rate{};         // per year, continuous
  bool operator==(const RateStep&) const = default;
};
struct ChainsConfig {
  Nanoseconds max_age{
      4 *
      86'400'000'000'000};  // of a quote, until it counts as old; 4 days reach over a long weekend
  std::string rates_path;   // Lean's interest-rate.csv; absolute; read when a run begins
  std::vector<RateStep> rates;  // ascending; as read, or written by the operator
};

enum class TerminalMode : std::uint8_t { automatic, plain, off };  // "auto", "plain", "off"

struct TerminalConfig {
  TerminalMode mode{TerminalMode::automatic};
  Nanoseconds refresh{250'000'000};
};

struct Config {
  RunConfig run;
  JournalConfig journal;
  BusConfig bus;
  std::vector<Instrument> instruments;  // ids are their indices
  std::vector<FeedConfig> feeds;        // in file order: FeedMark::feed is the index
  SimGatewayConfig sim;
  RiskConfig risk;
  std::vector<PluginConfig> plugins;  // sorted by name
  MetricsConfig metrics;
  ReloadConfig reload;
  ReportConfig report;
  TerminalConfig terminal;
  AdminConfig admin;
  ChainsConfig chains;
  GpuConfig gpu;
  options::ClearingSettings clearing;
};

enum class ConfigFault : std::uint8_t { file, syntax, unknown_key, missing_key, bad_value };

struct ConfigError {
  ConfigFault fault{ConfigFault::bad_value};
  std::string file;
  std::uint32_t line{}, column{};  // 0: the file as a whole
  std::string key;       // "run.speed", `feed[0].symbols."BTCUSDT"`; empty for the file as a whole
  std::string found;     // "the string \"fast\"", "unknown key"
  std::string expected;  // "a number from 0"; may be empty
  std::string suggestion;  // nearest known word; may be empty
};

// "config/zomma.toml:12:9: run.speeed: unknown key; did you mean \"speed\"?"
std::string format(const ConfigError& error);
// One line each.
std::string format(const std::vector<ConfigError>& errors);

struct ConfigResult {
  Config config;                    // meaningful only without errors
  std::vector<ConfigError> errors;  // in the order of file, line, column
  std::vector<std::string> files;   // every file read, the main one first
  explicit operator bool() const { return errors.empty(); }
};

// Reads a file and the plugins.d folder it names. Control thread; allocates.
ConfigResult load_config(const std::string& path);

// Reads a text. `name` stands in for the file in messages, `folder` is what relative paths start
// from. `plugins_dir` is refused: a text stands for itself.
ConfigResult parse_config(std::string_view text, const std::string& name,
                          const std::string& folder);

// The effective configuration as TOML, every default written out, paths absolute. parse_config
// gives the same Config back (but for locations), so a journal's meta record needs no other file.
std::string dump_config(const Config& config);

// Files the run will open and that are not there: recordings of required feeds, plugin libraries
// given by a path. Kept apart from reading, because a replay needs none of them.
std::vector<ConfigError> missing_files(const Config& config);

// The words of the file for the enumerations above, for messages and reports.
std::string_view to_text(RunMode);
std::string_view to_text(FeedFormat);
std::string_view to_text(FeedTransport);
std::string_view to_text(ChainResolution);
std::string_view to_text(BookKind);
std::string_view to_text(LatencyKind);
std::string_view to_text(SimQueueModel);
std::string_view to_text(SimSelfTrade);
std::string_view to_text(Isolation);
std::string_view to_text(OnFault);
std::string_view to_text(ReportFormat);
std::string_view to_text(TerminalMode);
std::string_view to_text(InstrumentKind);
std::string_view to_text(gpu::MemoryBackend);
std::string_view to_text(gpu::PricingOn);
std::string_view to_text(options::Allocation);
std::string_view to_text(options::LotMethod);
std::string_view to_text(options::MarginRule);

}  // namespace zomma
