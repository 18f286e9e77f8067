#!/usr/bin/env bash
# clearing.sh BUILD SOURCE [KILLS]: the wheel through premiums, assignment and dividends gives the same digest inside the
# host and in a worker, in a replay, and in a run that is killed with -9 at random moments and recovers; and a configuration of
# clearing that makes no sense is refused with its place.
BUILD=$1 SOURCE=$2 kills=${3:-3}
source "$SOURCE/tests/scenarios/common.sh"

# prepare NAME ISOLATION SNAPSHOT_EVERY
prepare() {
  mkdir -p "$work/$1"
  cat >"$work/$1/run.toml" <<TOML
[run]
name = "$1"
mode = "recorded"
state_dir = "$work/$1/state"

[journal]
segment_size = "4MiB"
snapshot_every_events = $3

[metrics]
enabled = false

[bus]
enabled = false

[chains]
rates_path = "$SOURCE/examples/data/us_daily/interest-rate.csv"

[clearing]
margin = "cash"
cash_rate = 0.01
pin_band = 0.05
pin_contrary = 0.2

[clearing.fees]
commission_per_contract = 0.65
assignment_per_contract = 5

[[feed]]
name = "year"
format = "modelled"
path = "$SOURCE/examples/data/us_daily"
underlyings = ["IWM"]
from = 2015-05-01
to = 2016-12-30

[risk]
max_order_notional = 200_000
max_gross_notional = 1_000_000
max_underlying_bps = 10_000

[plugin.wheel]
path = "wheel.so"
allow_unlisted = true
isolation = "$2"
on_fault = "hold"
instruments = ["IWM"]
cash = 100_000
TOML
  echo "$work/$1/run.toml"
}

for isolation in inline process; do
  run=$(prepare "$isolation" "$isolation" 0)
  "$zomma" run "$run" --no-report >"$work/said" 2>&1 || fail "the run, $isolation: $(cat "$work/said")"
  [ "$(grep -c ": assigned" "$work/said")" -ge 2 ] || # a put, and later a call on the shares that it brought
    fail "the wheel did not come round, $isolation: $(cat "$work/said")"
done
expected=$(digest inline)
[ "$(digest process)" = "$expected" ] || fail "inline $expected, in a worker $(digest process)"

survives_kills "$kills" 8 "$expected" 30_000 500 900

run=$(prepare wrong inline 0)
sed -i -e 's/^margin = .*/margin = "regt"/' "$run"
refused 2 'did you mean "reg_t"' "$zomma" config check "$run"
sed -i -e 's/^margin = .*/margin = "reg_t"\ndelay = "13h"/' "$run"
refused 2 'clearing.delay: found the string "13h", expected at most 12 hours' "$zomma" config check "$run"
sed -i -e 's/^delay.*/early_exercise = 1.5/' "$run"
refused 2 'clearing.early_exercise: found the number 1.5' "$zomma" config check "$run"
echo "inline, in a worker, and over $done_kills kills in $runs runs: digest $expected"
