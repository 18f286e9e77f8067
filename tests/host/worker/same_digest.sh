#!/usr/bin/env bash
# same_digest.sh BUILD SOURCE: the shipped strategies over recorded data, inside the host and in worker processes: the same
# digest over every intent, order update and fill, in the run and in its replay.
BUILD=$1 SOURCE=$2
source "$SOURCE/tests/scenarios/common.sh"

# prepare NAME ISOLATION: hft_alpha on one pair of instruments, naive_maker on another.
prepare() {
  local run
  run=$(config "$1")
  rm "$work/$1/plugins.d/hft_alpha.toml"
  cat >"$work/$1/plugins.d/both.toml" <<TOML
[plugin.hft_btc]
path = "hft_alpha.so"
allow_unlisted = true
isolation = "$2"
instruments = ["BTCUSDT.perp", "BTCUSDT.spot"]

[plugin.maker_eth]
path = "naive_maker.so"
allow_unlisted = true
isolation = "$2"
instruments = ["ETHUSDT.perp"]
TOML
  echo "$run"
}

for isolation in inline process; do
  run=$(prepare "$isolation" "$isolation")
  "$zomma" run "$run" --no-report >"$work/said" 2>&1 || fail "the run, $isolation: $(cat "$work/said")"
done
inside=$(digest inline) outside=$(digest process)
[ "$inside" = "$outside" ] || fail "inline $inside, in workers $outside"
echo "inline and in workers: digest $inside"
