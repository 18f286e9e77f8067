// A complete small configuration that has no fault, and ways to spoil it.
#pragma once

#include <string>
#include <string_view>

#include "runtime/config/config.h"

namespace zomma::test {

// Line 1 is "[run]". Tests that name lines count from here.
inline const std::string sound_config =
    R"([run]
name = "demo"
mode = "recorded"
speed = 0

[journal]
segment_size = "64MiB"

[bus]
capacity = 1024

[[instrument]]
symbol = "BTCUSDT.spot"
venue = "binance"
currency = "USDT"
kind = "spot"
price_digits = 2
quantity_digits = 5
tick = "0.01"
lot = "0.00001"

[[feed]]
name = "spot"
format = "binance"
path = "data/spot.jsonl.gz"
symbols = { BTCUSDT = "BTCUSDT.spot" }

[gateway.sim]
order_latency = { kind = "constant", value = "250us" }

[risk]
max_orders_per_second = 100

[risk.instrument."BTCUSDT.spot"]
max_position = 0.5

[plugin.maker]
path = "maker.so"
allow_unlisted = true
instruments = ["BTCUSDT.spot"]

[plugin.maker.params]
edge = 1.5

[metrics]
listen = "127.0.0.1:9464"

[report]
formats = ["text", "json"]

[terminal]
refresh = "250ms"
)";

inline ConfigResult parse(std::string_view text) {
  return parse_config(text, "t.toml", "/etc/zomma");
}

// The sound configuration with `from` (which must be there) replaced by `to`.
inline std::string spoiled(std::string_view from, std::string_view to) {
  std::string text = sound_config;
  const std::size_t at = text.find(from);
  return at == std::string::npos ? "test is wrong: " + std::string(from)
                                 : text.replace(at, from.size(), to);
}

}  // namespace zomma::test
