// What one part of the file says of another: names that must exist, keys that exclude each other,
// repeated things.
#include <catch2/catch.hpp>

#include "host/config/support.h"

using namespace zomma;
using namespace zomma::test;

namespace {

std::string errors_of(const std::string& text) { return format(parse(text).errors); }

}  // namespace

TEST_CASE("a symbol that no instrument has is refused with the nearest one") {
  CHECK(errors_of(spoiled("BTCUSDT = \"BTCUSDT.spot\"", "BTCUSDT = \"BTCUSDT.sopt\"")) ==
        "t.toml:26:23: feed[0].symbols.BTCUSDT: found the string \"BTCUSDT.sopt\", expected the "
        "symbol of an [[instrument]]; "
        "did you mean \"BTCUSDT.spot\"?\n");
  CHECK(errors_of(spoiled("instruments = [\"BTCUSDT.spot\"]",
                          "instruments = [\"BTCUSDT.spot\", \"AAPL\"]")) ==
        "t.toml:40:32: plugin.maker.instruments: found the string \"AAPL\", expected the symbol of "
        "an [[instrument]]\n");
  CHECK(errors_of(
            spoiled("[risk.instrument.\"BTCUSDT.spot\"]", "[risk.instrument.\"BTCUSDT.perp\"]")) ==
        "t.toml:34:18: risk.instrument.\"BTCUSDT.perp\": found the string \"BTCUSDT.perp\", "
        "expected the symbol of an "
        "[[instrument]]; did you mean \"BTCUSDT.spot\"?\n");
  CHECK(errors_of(spoiled("[metrics]", "[risk.instance.makr]\nmax_open_orders = 1\n[metrics]")) ==
        "t.toml:45:1: risk.instance.makr: found the name \"makr\", expected the NAME of a "
        "[plugin.NAME]; did you mean "
        "\"maker\"?\n");
}

TEST_CASE("an instrument, a feed and a traded instrument are named once") {
  const std::string twin = R"([[instrument]]
symbol = "BTCUSDT.spot"
venue = "binance"
currency = "USDT"
kind = "spot"
price_digits = 2
quantity_digits = 5
tick = "0.01"
lot = "0.00001"

[[feed]])";
  CHECK(errors_of(spoiled("[[feed]]", twin)) ==
        "t.toml:23:10: instrument[1].symbol: found the string \"BTCUSDT.spot\", expected a symbol "
        "of its own; line 13 has it "
        "already\n");
  const std::string second_feed = R"([[feed]]
name = "spot"
format = "binance"
path = "b"
symbols = { ETHUSDT = "BTCUSDT.spot" }

[gateway.sim])";
  CHECK(errors_of(spoiled("[gateway.sim]", second_feed)) ==
        "t.toml:29:8: feed[1].name: found the string \"spot\", expected a name of its own; the "
        "feed at line 22 has it already\n"
        "t.toml:32:23: feed[1].symbols.ETHUSDT: found the string \"BTCUSDT.spot\", expected an "
        "instrument that no other symbol "
        "feeds; feed[0].symbols.BTCUSDT does\n");
  CHECK(errors_of(spoiled("[\"BTCUSDT.spot\"]\n\n", "[\"BTCUSDT.spot\", \"BTCUSDT.spot\"]\n\n")) ==
        "t.toml:40:32: plugin.maker.instruments: found the string \"BTCUSDT.spot\" again, expected "
        "each instrument once\n");
}

TEST_CASE("keys without meaning for the kind of feed are refused") {
  CHECK(errors_of(spoiled("format = \"binance\"",
                          "format = \"binance\"\nbook = \"l3\"\nsession_date = 2012-06-21")) ==
        "t.toml:25:8: feed[0].book: found the string \"l3\", expected \"l2\", because format is "
        "\"binance\"\n"
        "t.toml:26:16: feed[0].session_date: found the date 2012-06-21, expected no such key, "
        "because format is \"binance\"\n");
  CHECK(errors_of(spoiled("path = \"data/spot.jsonl.gz\"",
                          "path = \"a\"\npaths = [\"b\"]\ngroup_a = \"233.54.12.111:26477\"")) ==
        "t.toml:25:8: feed[0].path: found the string \"a\", expected no such key, because paths is "
        "there\n"
        "t.toml:27:11: feed[0].group_a: found the string \"233.54.12.111:26477\", expected no such "
        "key, because source is "
        "\"file\"\n");
  CHECK(errors_of(spoiled("format = \"binance\"", "format = \"binance\"\nsource = \"pcap\"")) ==
        "t.toml:25:10: feed[0].source: found the string \"pcap\", expected \"file\", because "
        "format is \"binance\"\n");
  CHECK(errors_of(spoiled("kind = \"constant\"", "kind = \"uniform\"")) ==
        "t.toml:29:17: gateway.sim.order_latency.minimum: missing, expected a duration with its "
        "unit, as in \"250us\", \"1.5ms\" "
        "or \"2s\"\n"
        "t.toml:29:17: gateway.sim.order_latency.maximum: missing, expected a duration with its "
        "unit, as in \"250us\", \"1.5ms\" "
        "or \"2s\"\n"
        "t.toml:29:45: gateway.sim.order_latency.value: found the string \"250us\", expected no "
        "such key, because kind is "
        "\"uniform\"\n");
}

TEST_CASE("a feed whose format is unknown brings one error, not a guess about its other keys") {
  CHECK(errors_of(spoiled("format = \"binance\"", "format = \"binanse\"")) ==
        "t.toml:24:10: feed[0].format: found the string \"binanse\", expected \"itch\", "
        "\"lobster\", \"dbn\", \"binance\", \"lean\", \"modelled\" or \"chain_csv\"; did you "
        "mean \"binance\"?\n");
}

TEST_CASE("a live run wants feeds that are live and no pace") {
  CHECK(errors_of(spoiled("mode = \"recorded\"", "mode = \"live\"")) ==
        "t.toml:4:9: run.speed: found the number 0, expected no such key, because a live run goes "
        "by the wall clock\n"
        "t.toml:22:1: feed[0].source: found none, which means \"file\", expected \"udp\", because "
        "run.mode is \"live\"\n");
}

TEST_CASE("multicast feeds need groups that are groups") {
  std::string text = spoiled("mode = \"recorded\"\nspeed = 0", "mode = \"live\"\n");
  const std::string file_feed = "format = \"binance\"\npath = \"data/spot.jsonl.gz\"";
  const std::string udp_feed = "format = \"itch\"\nsource = \"udp\"\nsession_date = 2012-06-21\n";
  const auto with = [&](const std::string& keys) {
    std::string changed = text;
    return changed.replace(changed.find(file_feed), file_feed.size(), udp_feed + keys);
  };
  CHECK(errors_of(with("group_a = \"233.54.12.111:26477\"\ngroup_b = "
                       "\"233.49.196.111:26477\"\ninterface = \"10.0.0.7\"\n"
                       "rewinder = \"10.0.0.9:26400\"")) == "");
  CHECK(errors_of(with("")) ==
        "t.toml:22:1: feed[0].group_a: missing, expected an address and a port, as in "
        "\"127.0.0.1:9464\"\n");
  CHECK(errors_of(with("group_a = \"10.0.0.1:26477\"\ninterface = \"eth0\"")) ==
        "t.toml:27:11: feed[0].group_a: found the string \"10.0.0.1:26477\", expected a multicast "
        "group and its port, as in "
        "\"233.54.12.111:26477\"\n"
        "t.toml:28:13: feed[0].interface: found the string \"eth0\", expected the IPv4 address of "
        "a local interface\n");
  CHECK(errors_of(with("group_a = \"233.54.12.111:70000\"")) ==
        "t.toml:27:11: feed[0].group_a: found the string \"233.54.12.111:70000\", expected an "
        "address and a port, as in "
        "\"127.0.0.1:9464\"\n");
}

TEST_CASE("metrics stay on the loopback unless the operator says otherwise") {
  CHECK(errors_of(spoiled("\"127.0.0.1:9464\"", "\"0.0.0.0:9464\"")) ==
        "t.toml:46:10: metrics.listen: found the string \"0.0.0.0:9464\", expected a loopback "
        "address, as in "
        "\"127.0.0.1:9464\", or allow_remote = true\n");
  CHECK(errors_of(spoiled("\"127.0.0.1:9464\"", "\"0.0.0.0:9464\"\nallow_remote = true")) == "");
  CHECK(errors_of(spoiled("\"127.0.0.1:9464\"", "\"[::1]:9464\"")) == "");
  CHECK(errors_of(spoiled("\"127.0.0.1:9464\"", "\"127.0.0.1:0\"")) ==
        "t.toml:46:10: metrics.listen: found the string \"127.0.0.1:0\", expected an address and a "
        "port, as in "
        "\"127.0.0.1:9464\"\n");
}

TEST_CASE("empirical delays rise") {
  const std::string from = "{ kind = \"constant\", value = \"250us\" }";
  CHECK(errors_of(spoiled(
            from, "{ kind = \"empirical\", quantiles = [\"50us\", \"80us\", \"1ms\"] }")) == "");
  CHECK(errors_of(spoiled(from, "{ kind = \"empirical\", quantiles = [\"50us\", \"40us\"] }")) ==
        "t.toml:29:60: gateway.sim.order_latency.quantiles: found the string \"40us\", expected a "
        "duration from \"0s\", not below "
        "the one before\n");
}

TEST_CASE("a limit is not looser than that of a scope around it") {
  CHECK(errors_of(
            spoiled("max_orders_per_second = 100",
                    "max_orders_per_second = 100\nmax_open_orders = 10\nmax_daily_loss = \"99.5\"\n"
                    "[risk.instance.maker]\nmax_open_orders = 11\nmax_daily_loss = 100\n"
                    "[risk.instance.maker.instrument.\"BTCUSDT.spot\"]\nmax_position = 0.6")) ==
        "t.toml:36:19: risk.instance.maker.max_open_orders: found the number 11, expected at most "
        "10, the limit of the firm\n"
        "t.toml:37:18: risk.instance.maker.max_daily_loss: found the number 100, expected at most "
        "99.5, the limit of the firm\n"
        "t.toml:39:16: risk.instance.maker.instrument.\"BTCUSDT.spot\".max_position: found the "
        "number 0.6, expected at most 0.5, "
        "the limit of the instrument\n");
}

TEST_CASE("quantities are limited where they mean something: per instrument, in lots") {
  CHECK(errors_of(spoiled("max_orders_per_second = 100", "max_position = 1")) ==
        "t.toml:32:1: risk.max_position: unknown key, expected one of max_order_notional, "
        "collar_bps, collar_ticks, "
        "max_reference_age, max_volume_bps, duplicate_window, max_open_orders, max_gross_notional, "
        "max_net_notional, max_delta, "
        "max_gamma, max_vega, max_underlying_bps, max_daily_loss, max_drawdown, max_drawdown_bps, "
        "cash_account, "
        "max_orders_per_second, order_burst, "
        "kill_on_loss, instrument, instance\n");
  std::string text = spoiled("lot = \"0.00001\"", "lot = \"0.2\"");
  CHECK(errors_of(text) ==
        "t.toml:35:16: risk.instrument.\"BTCUSDT.spot\".max_position: found the number 0.5, "
        "expected a "
        "multiple of the lot, 0.2\n");
}

TEST_CASE("a library's SHA-256 has 64 hexadecimal digits") {
  CHECK(errors_of(spoiled("allow_unlisted = true", "sha256 = \"abc\"")) ==
        "t.toml:39:10: plugin.maker.sha256: found the string \"abc\", expected 64 hexadecimal "
        "digits, as sha256sum prints them\n");
  CHECK(errors_of(spoiled("allow_unlisted = true", "sha256 = \"" + std::string(64, 'A') + "\"")) ==
        "");
}

TEST_CASE("limits of GPUs and workers are refused by key where they mean nothing") {
  const auto with = [](const std::string& table) { return errors_of(sound_config + table); };
  CHECK(with("[gpu]\nbackend = \"heaps\"\nmemory = \"1MiB\"\n") ==
        "t.toml:54:11: gpu.backend: found the string \"heaps\", expected \"heap\" or \"pool\"; did "
        "you mean \"heap\"?\n"
        "t.toml:55:10: gpu.memory: found the string \"1MiB\", expected at least \"2MiB\", or 0 for "
        "all that the device has\n");
  CHECK(with("[gpu]\nenabled = false\npricing = \"gpu\"\n") ==
        "t.toml:55:11: gpu.pricing: found \"gpu\" beside enabled = false, expected \"cpu\", or "
        "enabled = true\n");
  CHECK(with("[plugin.maker.process]\nmemory = \"1GiB\"\n") ==
        "t.toml:54:10: plugin.maker.process.memory: found no cgroup, expected `cgroup` beside it: "
        "the folder to make the control group in\n");
  CHECK(with("[plugin.maker.process]\ngpu_devices = [\"GPU-a\"]\n"
             "gpu_memory = [\"1GiB\", \"1kB\"]\n") ==
        "t.toml:55:14: plugin.maker.process.gpu_memory: found 2 sizes, expected at most one for "
        "each of its gpu_devices, which are 1\n"
        "t.toml:55:23: plugin.maker.process.gpu_memory: found the string \"1kB\", expected a size "
        "from \"1MiB\"\n");
  CHECK(with("[plugin.maker.process]\ngpu_compute = 1.5\n").find("gpu_compute: found") !=
        std::string::npos);
  CHECK(with("[plugin.maker.gpu]\nwait = \"2min\"\n") ==
        "t.toml:54:8: plugin.maker.gpu.wait: found the string \"2min\", expected at most "
        "\"1min\"\n");
}

TEST_CASE("all errors of a file are found in one pass, in the order of the file") {
  std::string text = spoiled("speed = 0", "speeed = 0");
  text.replace(text.find("capacity = 1024"), 15, "capacity = \"lots\"");
  text.replace(text.find("tick = \"0.01\""), 13, "tick = 0.001");
  text.replace(text.find("\"250us\""), 7, "250");
  const ConfigResult result = parse(text);
  REQUIRE(result.errors.size() == 4);
  CHECK(result.errors[0].line == 4);
  CHECK(result.errors[1].key == "bus.capacity");
  CHECK(result.errors[2].key == "instrument[0].tick");
  CHECK(result.errors[3].key == "gateway.sim.order_latency.value");
  CHECK_FALSE(result);
}

TEST_CASE("reading goes on behind a syntax error, and what it hid is not called missing") {
  std::string text = spoiled("speed = 0", "speed = fast");
  text.replace(text.find("tick = \"0.01\""), 13, "tick = \"0.01");
  text.replace(text.find("capacity = 1024"), 15, "capacity = 1500");
  text.replace(text.find("[report]"), 8, "[report");
  text.replace(text.find("refresh = \"250ms\""), 17, "refresh = \"250ms\"\nrefresh = \"1s\"");
  CHECK(errors_of(text) ==
        "t.toml:4:9: not TOML: fast is no value (a string stands in quotes)\n"
        "t.toml:10:12: bus.capacity: found the number 1500, expected a power of two, as in 2048\n"
        "t.toml:19:13: not TOML: the string's closing quote is missing\n"
        "t.toml:48:8: not TOML: table header: expected ']', saw '\\n'\n"
        "t.toml:53:1: not TOML: key-value pair: cannot redefine existing string 'refresh'\n");
}

TEST_CASE("letters of other scripts outside a string are a syntax error like any other") {
  CHECK(errors_of(spoiled("speed = 0", "\u00e9 = 0")) ==
        "t.toml:4:1: not TOML: root table: expected keys, tables, whitespace or comments, saw "
        "'\u00e9'\n");
  CHECK(errors_of(spoiled("speed = 0", "speed = 0 \ufe70")) ==
        "t.toml:4:11: not TOML: key-value pair: expected a comment or whitespace, saw '\ufe70'\n");
}

TEST_CASE("a table whose name begins with no letter is a syntax error like any other") {
  CHECK(errors_of(spoiled("[terminal]", "[*terminal]")) ==
        "t.toml:51:2: not TOML: key: expected bare key starting character or string delimiter, saw "
        "'*'\n");
}
