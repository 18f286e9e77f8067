#!/usr/bin/env bash
# sweep_chains.sh BUILD SOURCE: a search on chains whose contracts the feed finds by itself trades what a backtest of the same
# values trades, and walks forward.
BUILD=$1 SOURCE=$2
source "$SOURCE/tests/scenarios/common.sh"

cat >"$work/run.toml" <<TOML
[run]
name = "chains"
state_dir = "$work/state"
[bus]
enabled = false
[metrics]
enabled = false
[terminal]
mode = "off"
[chains]
rates = ["20160101 0.01"]
[[feed]]
name = "spy"
format = "modelled"
path = "$SOURCE/examples/data/us_daily"
underlyings = ["SPY"]
from = 2016-01-04
to = 2016-06-30
[feed.model]
weeklies = 3
monthlies = 2
quarterlies = 0
[plugin.one]
path = "put_write.so"
allow_unlisted = true
instruments = ["SPY"]
cash = 100_000
[report]
formats = ["json"]
baselines = []
TOML
cat >"$work/sweep.toml" <<TOML
[sweep]
output = "$work/out"
objective = "pnl"
samples = 64
blocks = 4
[[parameter]]
key = "gateway.sim.order_latency.value"
values = ["1ms", "2ms"]
[walk_forward]
train = "1440h"
test = "1440h"
TOML
"$zomma" sweep "$work/run.toml" "$work/sweep.toml" >"$work/said" 2>&1 || fail "the sweep failed: $(cat "$work/said")"
"$zomma" backtest "$work/run.toml" >"$work/told" 2>&1 || fail "the backtest failed: $(cat "$work/told")"
# figure NAME: that column of sweep.csv, one value a point
figure() {
  awk -F, -v name="$1" 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == name) at = i} NR > 1 {print $at}' "$work/out/sweep.csv"
}
net=$(grep -o '"pnl":{"net":[^,]*' "$work/state/report/report.json" | head -1 | cut -d: -f3)
[ "$(figure fills | sort -u | wc -l)" = 1 ] && [ "$(figure fills | head -1)" -ge 4 ] || fail "not traded: $(cat "$work/out/sweep.csv")"
for value in $(figure pnl); do
  awk -v a="$value" -v b="$net" 'BEGIN {exit !(a - b < 0.01 && b - a < 0.01)}' || fail "a run of the sweep made $value, the backtest $net"
done
grep -q '(2 trials, correlated as they are' "$work/said" || fail "nothing about the trials: $(cat "$work/said")"
grep -q '^window .*in sample [0-9-]*[0-9]' "$work/said" || fail "it did not walk forward: $(cat "$work/said")"
echo "a sweep on chains trades what a backtest trades"
