#!/usr/bin/env bash
# chains.sh BUILD SOURCE [KILLS]: a strategy that reads every bit of every chain sees the same ones inside the host and in a
# worker, in a replay, and in a run that is killed with -9 at random moments and recovers.
BUILD=$1 SOURCE=$2 kills=${3:-4}
source "$SOURCE/tests/scenarios/common.sh"

# A session of minutes where the data are at hand, else the three days that the source tree carries.
shared=$SOURCE/../shared/data/options/lean
if [ -d "$shared/minute/goog" ]; then
  path=$shared resolution=minute from=2015-12-24
else
  path=$SOURCE/examples/data/goog_2015 resolution=universe from=2015-12-22
fi

# prepare NAME ISOLATION SNAPSHOT_EVERY
prepare() {
  mkdir -p "$work/$1"
  cat >"$work/$1/run.toml" <<TOML
[run]
name = "$1"
mode = "recorded"
state_dir = "$work/$1/state"

[journal]
segment_size = "1MiB"
snapshot_every_events = $3

[metrics]
enabled = false

[bus]
enabled = false

[chains]
rates = ["20150101 0.0075"]

[[feed]]
name = "goog"
format = "lean"
path = "$path"
underlyings = ["GOOG"]
resolution = "$resolution"
from = $from
to = 2015-12-24

[risk]
max_order_notional = 100_000_000
max_gross_notional = 1_000_000_000

[plugin.witness]
path = "$BUILD/test-plugins/chain_witness.so"
allow_unlisted = true
isolation = "$2"
instruments = ["GOOG"]
cash = 1_000_000_000
TOML
  echo "$work/$1/run.toml"
}

for isolation in inline process; do
  run=$(prepare "$isolation" "$isolation" 0)
  "$zomma" run "$run" --no-report >"$work/said" 2>&1 || fail "the run, $isolation: $(cat "$work/said")"
done
expected=$(digest inline)
[ "$expected" != "$(sha256sum </dev/null | cut -d' ' -f1)" ] || fail "the strategy did nothing"
[ "$(digest process)" = "$expected" ] || fail "inline $expected, in a worker $(digest process)"

# A table of quotes: what it holds is found, what is refused stands in the report with its line.
cat >"$work/quotes.csv" <<CSV
time,symbol,bid,ask,underlying_bid,underlying_ask
2017-01-27T10:00,AAL170217C00045000,2.55,2.60,47.35,47.37
2017-01-27T10:00,AAL170217P00045000,0.20,0.25,47.35,47.37
2017-01-27T10:01,AAL170217P00045000,nothing,0.25,47.35,47.37
2017-01-27T10:02,AAL170217C00045000,2.50,2.55,47.30,47.32
CSV
run=$(prepare table inline 0)
sed -i -e 's#^format = "lean"#format = "chain_csv"#; /^resolution/d; /^from/d; /^to = /d; s#\["GOOG"\]#["AAL"]#' \
  -e "s#^path = \"$path\"#path = \"$work/quotes.csv\"#" "$run"
"$zomma" run "$run" >"$work/said" 2>&1 || fail "the table: $(cat "$work/said")"
grep -qF '2 contracts' "$work/said" || fail "the contracts were not found: $(cat "$work/said")"
tr -s ' \n' '  ' <"$work/said" | grep -qF 'quotes.csv: line 4: bid is "nothing", expected a price' ||
  fail "the refused row is not in the report: $(cat "$work/said")"

survives_kills "$kills" 12 "$expected" 20_000 300 700
echo "$resolution: inline, in a worker, and over $done_kills kills in $runs runs: digest $expected"
