// Every kind of mistake an operator can make is told with its exact place, what was found and what
// was expected.
#include <catch2/catch.hpp>

#include "host/config/support.h"

using namespace zomma;
using namespace zomma::test;

namespace {

struct Mistake {
  const char* from;
  const char* to;
  const char* message;  // all messages, one a line
};

void check_all(const std::vector<Mistake>& mistakes) {
  for (const Mistake& mistake : mistakes) {
    INFO(mistake.from << " -> " << mistake.to);
    CHECK(format(parse(spoiled(mistake.from, mistake.to)).errors) == mistake.message);
  }
}

}  // namespace

TEST_CASE("a sound configuration has no errors") {
  const ConfigResult result = parse(sound_config);
  CHECK(format(result.errors) == "");
  CHECK(result);
}

TEST_CASE("an unknown key is an error, with the nearest known key") {
  check_all({
      {"speed = 0", "speeed = 0", "t.toml:4:1: run.speeed: unknown key; did you mean \"speed\"?\n"},
      {"speed = 0", "  Speed = 0", "t.toml:4:3: run.Speed: unknown key; did you mean \"speed\"?\n"},
      {"[bus]", "[buss]", "t.toml:9:2: buss: unknown key; did you mean \"bus\"?\n"},
      {"speed = 0", "warp_factor = 9",
       "t.toml:4:1: run.warp_factor: unknown key, expected one of name, mode, speed, seed, "
       "state_dir, longest_call\n"},
      {"value = \"250us\"", "value = \"250us\", jitter = 3",
       "t.toml:29:55: gateway.sim.order_latency.jitter: unknown key, expected one of kind, value, "
       "minimum, maximum, "
       "median, sigma, quantiles\n"},
      {"edge = 1.5", "edge = 1.5\n[plugin.maker.limit]\norders = 1",
       "t.toml:44:15: plugin.maker.limit: unknown key; did you mean \"limits\"?\n"},
      {"lot = \"0.00001\"", "lot = \"0.00001\"\ntick_size = 1",
       "t.toml:21:1: instrument[0].tick_size: unknown key, expected one of symbol, venue, "
       "currency, kind, price_digits, "
       "quantity_digits, tick, lot, multiplier, maker_fee_bps, taker_fee_bps, fee_per_unit\n"},
  });
}

TEST_CASE("a value of another kind is told with what was found and what was expected") {
  check_all({
      {"speed = 0", "speed = \"fast\"",
       "t.toml:4:9: run.speed: found the string \"fast\", expected a number from 0 to 1000\n"},
      {"speed = 0", "speed = -1",
       "t.toml:4:9: run.speed: found the number -1, expected a number from 0 to 1000\n"},
      {"speed = 0", "speed = nan",
       "t.toml:4:9: run.speed: found the number nan, expected a number from 0 to 1000\n"},
      {"speed = 0", "seed = -3",
       "t.toml:4:8: run.seed: found the number -3, expected a whole number from 0\n"},
      {"speed = 0", "seed = 1.5",
       "t.toml:4:8: run.seed: found the number 1.5, expected a whole number from 0\n"},
      {"name = \"demo\"", "name = true",
       "t.toml:2:8: run.name: found the boolean true, expected a string that is not empty\n"},
      {"name = \"demo\"", "name = \"a/b\"",
       "t.toml:2:8: run.name: found the string \"a/b\", expected a name of letters, digits, '_', "
       "'-' and '.', at most 64 long\n"},
      {"name = \"demo\"", "name = 2012-06-21",
       "t.toml:2:8: run.name: found the date 2012-06-21, expected a string that is not empty\n"},
      {"capacity = 1024", "enabled = 1",
       "t.toml:10:11: bus.enabled: found the number 1, expected true or false\n"},
      {"[bus]\ncapacity = 1024", "[[bus]]\ncapacity = 1024",
       "t.toml:9:1: bus: found an array, expected a table [bus]\n"},
      {"[[feed]]", "[feed]", "t.toml:22:1: feed: found a table, expected tables headed [[feed]]\n"},
      {"formats = [\"text\", \"json\"]", "formats = \"text\"",
       "t.toml:49:11: report.formats: found the string \"text\", expected an array of strings\n"},
      {"formats = [\"text\", \"json\"]", "formats = [\"text\", 7]",
       "t.toml:49:20: report.formats: found the number 7, expected a string that is not empty\n"},
      {"edge = 1.5", "edge = [1, 2]",
       "t.toml:43:8: plugin.maker.params.edge: found an array, expected a finite number, a boolean "
       "or a string\n"},
      {"edge = 1.5", "edge = inf",
       "t.toml:43:8: plugin.maker.params.edge: found the number inf, expected a finite number, a "
       "boolean or a string\n"},
  });
}

TEST_CASE("a word that is none of the known ones brings the nearest") {
  check_all({
      {"mode = \"recorded\"", "mode = \"recorder\"",
       "t.toml:3:8: run.mode: found the string \"recorder\", expected \"recorded\" or \"live\"; "
       "did you mean \"recorded\"?\n"},
      {"kind = \"spot\"", "kind = \"bond\"",
       "t.toml:16:8: instrument[0].kind: found the string \"bond\", expected \"equity\", \"spot\", "
       "\"perpetual\", \"future\" or "
       "\"option\"\n"},
      {"formats = [\"text\", \"json\"]", "formats = [\"text\", \"jsn\"]",
       "t.toml:49:20: report.formats: found the string \"jsn\", expected \"text\", \"json\" or "
       "\"html\"; did you mean \"json\"?\n"},
      {"formats = [\"text\", \"json\"]", "baselines = [\"naive_make\"]",
       "t.toml:49:14: report.baselines: found the string \"naive_make\", expected \"do_nothing\", "
       "\"naive_maker\", \"buy_and_hold\", \"covered_call\" or \"put_write\"; did you mean "
       "\"naive_maker\"?\n"},
  });
}

TEST_CASE("durations and sizes need units that exist") {
  const std::string duration =
      "expected a duration with its unit, as in \"250us\", \"1.5ms\" or \"2s\"\n";
  check_all({
      {"\"250us\"", "250",
       ("t.toml:29:46: gateway.sim.order_latency.value: found the number 250, " + duration)
           .c_str()},
      {"\"250us\"", "\"250 lightyears\"",
       ("t.toml:29:46: gateway.sim.order_latency.value: found the string \"250 lightyears\", " +
        duration)
           .c_str()},
      {"\"250us\"", "\"0.5ns\"",
       ("t.toml:29:46: gateway.sim.order_latency.value: found the string \"0.5ns\", " + duration)
           .c_str()},
      {"\"250us\"", "\"-1ms\"",
       "t.toml:29:46: gateway.sim.order_latency.value: found the string \"-1ms\", expected a "
       "duration of at least \"0s\"\n"},
      {"\"250ms\"", "\"1ms\"",
       "t.toml:52:11: terminal.refresh: found the string \"1ms\", expected a duration of at least "
       "\"10ms\"\n"},
      {"\"64MiB\"", "\"64 potatoes\"",
       "t.toml:7:16: journal.segment_size: found the string \"64 potatoes\", expected a size in "
       "bytes or with its unit, as in "
       "\"64MiB\"\n"},
      {"\"64MiB\"", "\"1KiB\"",
       "t.toml:7:16: journal.segment_size: found the string \"1KiB\", expected from 1048576 to "
       "17179869184 bytes\n"},
      {"segment_size = \"64MiB\"", "sync_every = \"1us\"",
       "t.toml:7:14: journal.sync_every: found the string \"1us\", expected whole milliseconds, at "
       "most \"1h\"\n"},
      {"capacity = 1024", "capacity = 1500",
       "t.toml:10:12: bus.capacity: found the number 1500, expected a power of two, as in 2048\n"},
  });
}

TEST_CASE("a price that its instrument cannot carry is refused, not rounded") {
  check_all({
      {"tick = \"0.01\"", "tick = 0.015",
       "t.toml:19:8: instrument[0].tick: found the number 0.015, expected at most 2 decimals\n"},
      {"tick = \"0.01\"", "tick = 0",
       "t.toml:19:8: instrument[0].tick: found the number 0, expected a number above 0\n"},
      {"tick = \"0.01\"", "tick = -0.01",
       "t.toml:19:8: instrument[0].tick: found the number -0.01, expected a number above 0\n"},
      {"tick = \"0.01\"", "tick = \"cheap\"",
       "t.toml:19:8: instrument[0].tick: found the string \"cheap\", expected a number above 0\n"},
      {"tick = \"0.01\"", "tick = 99999999999999999999.0",
       "t.toml:19:8: instrument[0].tick: found the number 99999999999999999999.0, expected a "
       "smaller number (2 decimals are kept)\n"},
      {"price_digits = 2", "price_digits = 12",
       "t.toml:17:16: instrument[0].price_digits: found the number 12, expected a whole number "
       "from 0 to 9\n"},
      {"max_position = 0.5", "max_position = -1",
       "t.toml:35:16: risk.instrument.\"BTCUSDT.spot\".max_position: found the number -1, expected "
       "a number from 0\n"},
      {"max_position = 0.5\n", "min_quantity = 2\nmax_quantity = 1\n",
       "t.toml:36:16: risk.instrument.\"BTCUSDT.spot\".max_quantity: found the number 1, expected "
       "at least min_quantity, 2\n"},
  });
}

TEST_CASE("a missing key is told at the table it is missing from") {
  check_all({
      {"tick = \"0.01\"\n", "",
       "t.toml:12:1: instrument[0].tick: missing, expected a number above 0\n"},
      {"price_digits = 2\n", "",
       "t.toml:12:1: instrument[0].price_digits: missing, expected a whole number from 0 to 9\n"},
      {"format = \"binance\"\n", "",
       "t.toml:22:1: feed[0].format: missing, expected \"itch\", \"lobster\", \"dbn\", "
       "\"binance\", \"lean\", \"modelled\" or \"chain_csv\"\n"},
      {"path = \"data/spot.jsonl.gz\"\n", "",
       "t.toml:22:1: feed[0].path: missing, expected a string\n"},
      {"symbols = { BTCUSDT = \"BTCUSDT.spot\" }\n", "",
       "t.toml:22:1: feed[0].symbols: missing, expected a table { venue_symbol = \"instrument\" "
       "}\n"},
      {"format = \"binance\"", "format = \"lobster\"",
       "t.toml:22:1: feed[0].session_date: missing, expected the trading day, as in 2012-06-21\n"},
      {", value = \"250us\"", "",
       "t.toml:29:17: gateway.sim.order_latency.value: missing, expected a duration with its unit, "
       "as in \"250us\", \"1.5ms\" or "
       "\"2s\"\n"},
      {"allow_unlisted = true\n", "",
       "t.toml:37:1: plugin.maker.sha256: missing, expected the library's SHA-256, or "
       "allow_unlisted = true to load it "
       "whatever it is\n"},
      {"instruments = [\"BTCUSDT.spot\"]\n", "",
       "t.toml:37:1: plugin.maker.instruments: missing, expected an array of strings\n"},
  });
  CHECK(format(parse("").errors) ==
        "t.toml: instrument: missing, expected at least one [[instrument]]\n"
        "t.toml: feed: missing, expected at least one [[feed]]\n");
}
