// What a configuration means once it is read: exact numbers, defaults, order, and that its dump
// means the same.
#include <catch2/catch.hpp>

#include <algorithm>

#include "host/config/support.h"

using namespace zomma;
using namespace zomma::test;

namespace {

Config read(std::string_view text) {
  ConfigResult result = parse(text);
  INFO(format(result.errors));
  REQUIRE(result);
  return std::move(result.config);
}

// Everything the schema knows, once, with values that are no defaults.
const char* const everything = R"(
[run]
name = "full"
speed = 2.5
seed = 42
state_dir = "../state"
[journal]
directory = "/var/zomma/journal"
segment_size = "1.5GiB"
compression_level = 0
sync_every = "50ms"
market_data = false
snapshot_every_events = 1_000_000
[bus]
enabled = false
name = "bus-1"
capacity = 65536
[[instrument]]
symbol = "ETH perp"
venue = "binance"
currency = "USDT"
kind = "perpetual"
price_digits = 2
quantity_digits = 3
tick = 0.01
lot = 1e-3
multiplier = 10
maker_fee_bps = -0.5
taker_fee_bps = 4.5
fee_per_unit = "0.0035"
[[instrument]]
symbol = "AAPL"
venue = "nasdaq"
currency = "USD"
kind = "equity"
price_digits = 4
quantity_digits = 0
tick = "0.0100"
lot = 1
[[feed]]
name = "binance"
format = "binance"
paths = ["a.gz", "b.gz"]
required = false
symbols = { "ETH\"USDT" = "ETH perp" }
[[feed]]
name = "nasdaq"
format = "lobster"
path = "messages.csv"
orderbook_path = "../book.csv"
session_date = "2012-06-21"
book = "l2"
symbols = { AAPL = "AAPL" }
[gateway.sim]
queue_model = "exact"
self_trade = "allow"
reject_when_halted = false
seed = 9
feed_latency = { kind = "uniform", minimum = "10us", maximum = "0.02ms" }
order_latency = { kind = "lognormal", minimum = "100us", median = "50us", sigma = 0.4, maximum = "5ms" }
report_latency = { kind = "empirical", quantiles = ["1us", "2us", "8us"] }
[clearing]
assignment = "pro_rata"
seed = 7
early_exercise = 0.4
pin_band = 0.05
pin_contrary = 0.125
delay = "2h"
cash_rate = 0.031
debit_rate = 0.08
lots = "hifo"
margin = "reg_t"
[clearing.fees]
commission_per_contract = 0.65
sec_per_million = 27.8
assignment_per_contract = 5
[risk]
max_order_notional = 10000.5
max_gross_notional = "1000000"
max_daily_loss = 500
max_drawdown = 250.25
max_open_orders = 20
max_orders_per_second = 50
order_burst = 10
max_net_notional = 999999
max_delta = 1.5
max_vega = 2.5
max_gamma = 3.5
max_underlying_bps = 2500
max_volume_bps = 100
max_drawdown_bps = 500
cash_account = true
kill_on_loss = false
duplicate_window = "5ms"
collar_bps = 100
collar_ticks = 500
max_reference_age = "2s"
[risk.instance.b]
max_daily_loss = 100
[risk.instance.b.instrument.AAPL]
max_position = 50
[risk.instrument."AAPL"]
min_quantity = 1
max_quantity = 1000
max_position = 5000
max_order_notional = 7
max_open_orders = 3
collar_bps = 5
collar_ticks = 6
max_reference_age = "1ms"
[risk.instrument."ETH perp"]
max_position = 2.125
[plugin.b]
path = "lib/b.so"
strategy = "com.acme.b"
sha256 = "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef"
isolation = "inline"
on_fault = "flatten"
account = "prop-1"
instruments = ["AAPL", "ETH perp"]
[plugin.b.limits]
orders = 1
timers = 2
log_lines = 3
metrics = 4
[plugin.b.gpu]
budget = "64MiB"
priority = 3
wait = "5ms"
streams = 4
events = 8
graphs = 2
libraries = 1
[plugin.b.process]
gpu_devices = ["GPU-a", "GPU-b"]
gpu_compute = 0.25
gpu_memory = ["1GiB", "512MiB"]
mps_directory = "/run/mps"
cgroup = "/sys/fs/cgroup/zomma"
memory = "2GiB"
processors = 1.5
processes = 32
[plugin.b.params]
count = 3
edge = 3.0
name = "tab\tquote\" é"
on = true
[plugin.a]
enabled = false
path = "a.so"
instruments = []
[metrics]
enabled = false
listen = "[::]:9000"
allow_remote = true
[gpu]
backend = "pool"
pricing = "gpu"
pricing_device = 1
pricing_batch = 300
memory = "8GiB"
pinned_memory = "64MiB"
queue = 16
[report]
directory = "out"
formats = ["html"]
baselines = []
signal_horizons = ["50ms", "3min"]
[terminal]
mode = "plain"
refresh = "1.5s"
)";

}  // namespace

TEST_CASE("decimals become scaled integers without a detour over floating point") {
  const Config config = read(everything);
  const Instrument& eth = config.instruments[0];
  CHECK(eth.id.value == 0);
  CHECK(eth.tick == Price{1});
  CHECK(eth.lot == Quantity{1});
  CHECK(eth.multiplier == 10);
  CHECK(eth.maker_fee_bps == -0.5);
  CHECK(eth.fee_per_unit == Money{350'000});
  CHECK(config.instruments[1].tick == Price{100});
  CHECK(config.risk.firm.max_order_notional == Money{1'000'050'000'000});
  CHECK(config.risk.firm.max_drawdown == Money{25'025'000'000});
  // 17 digits: no double holds this number.
  const Config exact =
      read(spoiled("max_orders_per_second = 100", "max_gross_notional = 123456789.12345678"));
  CHECK(exact.risk.firm.max_gross_notional == Money{12'345'678'912'345'678});
}

TEST_CASE("durations and sizes come in nanoseconds and bytes") {
  const Config config = read(everything);
  CHECK(config.journal.segment_size == 1'610'612'736);
  CHECK(config.journal.sync_every == Nanoseconds{50'000'000});
  CHECK(config.journal.snapshot_every_events == 1'000'000);
  CHECK(config.sim.feed.maximum == Nanoseconds{20'000});
  CHECK(config.sim.order.median == Nanoseconds{50'000});
  CHECK(config.sim.report.quantiles == std::vector<Nanoseconds>{{1000}, {2000}, {8000}});
  CHECK(config.report.signal_horizons == std::vector<Nanoseconds>{{50'000'000}, {180'000'000'000}});
  CHECK(config.terminal.refresh == Nanoseconds{1'500'000'000});
}

TEST_CASE("a delay nobody stated is not zero") {
  const Config config = read(sound_config);
  CHECK(config.sim.feed.kind == LatencyKind::constant);
  CHECK(config.sim.feed.value == Nanoseconds{250'000});
}

TEST_CASE(
    "relative paths start from the file's folder, a bare library name is left to the loader") {
  const Config config = read(everything);
  CHECK(config.run.state_dir == "/etc/state");
  CHECK(config.journal.directory == "/var/zomma/journal");
  CHECK(config.report.directory == "/etc/zomma/out");
  CHECK(config.feeds[0].paths == std::vector<std::string>{"/etc/zomma/a.gz", "/etc/zomma/b.gz"});
  CHECK(config.feeds[1].orderbook_path == "/etc/book.csv");
  CHECK(config.plugins[0].path == "a.so");
  CHECK(config.plugins[1].path == "/etc/zomma/lib/b.so");
  const Config plain = read(sound_config);
  CHECK(plain.run.state_dir == "/etc/zomma/state");
  CHECK(plain.journal.directory == "/etc/zomma/state/journal");
  CHECK(plain.report.directory == "/etc/zomma/state/report");
}

TEST_CASE("names become ids, and what is sorted does not depend on the file's order") {
  const Config config = read(everything);
  CHECK(config.feeds[0].symbols[0].venue_symbol == "ETH\"USDT");
  CHECK(config.feeds[0].symbols[0].instrument == InstrumentId{0});
  CHECK(config.plugins[0].name == "a");
  CHECK(config.plugins[1].instruments == std::vector<InstrumentId>{{1}, {0}});
  REQUIRE(config.risk.instruments.size() == 2);
  CHECK(config.risk.instruments[0].instrument == InstrumentId{0});
  CHECK(config.risk.instruments[0].limits.max_position == Quantity{2125});
  CHECK(config.risk.instruments[1].limits.max_quantity == Quantity{1000});
  CHECK(config.risk.instances[0].instance == "b");
  CHECK(config.risk.instances[0].instruments[0].instrument == InstrumentId{1});
  CHECK(config.risk.instances[0].instruments[0].limits.max_position == Quantity{50});
  CHECK_FALSE(config.risk.kill_on_loss);
}

TEST_CASE("parameters keep their type and their place") {
  const Config config = read(everything);
  const auto& params = config.plugins[1].params;
  REQUIRE(params.size() == 4);
  CHECK(std::get<std::int64_t>(params[0].value) == 3);
  CHECK(std::get<double>(params[1].value) == 3.0);
  CHECK(std::get<std::string>(params[2].value) == "tab\tquote\" é");
  CHECK(std::get<bool>(params[3].value));
  const Config plain = read(sound_config);
  const ParamValue& edge = plain.plugins[0].params[0];
  CHECK(edge.key_at.file == "t.toml");
  CHECK(edge.key_at.line == 43);
  CHECK(edge.key_at.column == 1);
  CHECK(edge.value_at.column == 8);
}

TEST_CASE("what is lent of GPUs, and what a worker may use") {
  const Config config = read(everything);
  CHECK(config.gpu.pricing == gpu::PricingSettings{gpu::PricingOn::gpu, 1, 300});
  CHECK(config.gpu.lending ==
        gpu::LendingSettings{gpu::MemoryBackend::pool, 8589934592, 67108864, 16});
  const PluginConfig& b = config.plugins[1];
  CHECK(b.gpu == gpu::LoanLimits{67108864, 3, Nanoseconds{5'000'000}, 4, 8, 2, 1});
  CHECK(b.process.gpu.devices == std::vector<std::string>{"GPU-a", "GPU-b"});
  CHECK(b.process.gpu.compute == 0.25);
  CHECK(b.process.gpu.memory ==
        std::vector<std::pair<unsigned, std::uint64_t>>{{0, 1073741824}, {1, 536870912}});
  CHECK(b.process.gpu.mps_directory == "/run/mps");
  CHECK(b.process.cgroup == "/sys/fs/cgroup/zomma");
  CHECK(b.process.cgroup_limits.memory_bytes == 2147483648);
  CHECK(b.process.cgroup_limits.processors == 1.5);
  CHECK(b.process.cgroup_limits.processes == 32u);
  const Config again = parse_config(dump_config(config), "dump", "/").config;
  CHECK(again.plugins[1].gpu == b.gpu);
  CHECK(again.plugins[1].process.gpu.memory == b.process.gpu.memory);
  CHECK(again.plugins[1].process.cgroup_limits.processors == 1.5);
  const Config plain = read(sound_config);
  CHECK(plain.gpu.enabled);
  CHECK(plain.plugins[0].gpu == gpu::LoanLimits{});
  CHECK_FALSE(plain.plugins[0].process.gpu.need_mps());
}

TEST_CASE("sha256 is kept in lower case") {
  CHECK(read(everything).plugins[1].sha256 ==
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
}

TEST_CASE("a dump reads back as the same configuration, and dumps the same") {
  for (const std::string& text : {std::string(everything), sound_config}) {
    const Config config = read(text);
    const std::string dumped = dump_config(config);
    const ConfigResult again = parse_config(dumped, "dump", "/somewhere/else");
    INFO(dumped);
    CHECK(format(again.errors) == "");
    CHECK(dump_config(again.config) == dumped);
    CHECK(again.config.journal.directory == config.journal.directory);
    CHECK(again.config.instruments[0].fee_per_unit == config.instruments[0].fee_per_unit);
    CHECK(again.config.feeds[0].symbols[0].venue_symbol == config.feeds[0].symbols[0].venue_symbol);
    CHECK(again.config.sim.order.sigma == config.sim.order.sigma);
    CHECK(again.config.risk.instruments[0].limits.max_position ==
          config.risk.instruments[0].limits.max_position);
    CHECK(again.config.plugins.back().params.size() == config.plugins.back().params.size());
    CHECK(again.config.plugins.back().params[0].value == config.plugins.back().params[0].value);
  }
}

TEST_CASE("a dump leaves out no key of the schema") {
  const std::string dumped = dump_config(read(everything));
  std::string text = everything;
  std::size_t checked = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    const std::size_t equals = line.find(" = ");
    if (equals == std::string::npos || line.substr(0, 4) == "path" ||
        line.find("_latency") != std::string::npos)
      continue;
    const std::string key = line.substr(0, equals);
    INFO(key);
    CHECK((dumped.find("\n" + key + " = ") != std::string::npos ||
           dumped.find("\n\"" + key + "\" = ") != std::string::npos));
    ++checked;
  }
  CHECK(checked > 80);
}

TEST_CASE("every word of an enumeration is told as it is written") {
  CHECK(to_text(Isolation::in_process) == "inline");
  CHECK(to_text(Isolation::process) == "process");
  CHECK(to_text(TerminalMode::automatic) == "auto");
  CHECK(to_text(InstrumentKind::perpetual) == "perpetual");
  CHECK(to_text(SimSelfTrade::cancel_new) == "cancel_new");
}
