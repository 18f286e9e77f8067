#!/usr/bin/env bash
# live.sh BUILD SOURCE: the host on the wall clock: ITCH over MoldUDP64 on two lossy lines, a strategy trading on paper, Ctrl-C.
# Every message arrives once, and the journal of a live run replays like any other.
BUILD=$1 SOURCE=$2
source "$SOURCE/tests/scenarios/common.sh"
port=$((20000 + RANDOM % 20000))
cat >"$work/live.toml" <<EOF
[run]
name = "live"
mode = "live"
state_dir = "$work/state"
[bus]
enabled = false
[metrics]
enabled = false
[terminal]
mode = "off"
[report]
baselines = ["do_nothing"]
[[instrument]]
symbol = "TEST"
venue = "nasdaq"
currency = "USD"
kind = "equity"
price_digits = 4
quantity_digits = 0
tick = "0.01"
lot = 1
[[feed]]
name = "nasdaq"
format = "itch"
source = "udp"
session_date = 2026-01-05
symbols = { TEST = "TEST" }
group_a = "239.192.77.1:$port"
group_b = "239.192.77.1:$((port + 1))"
interface = "127.0.0.1"
book = "l3"
[plugin.witness]
path = "$BUILD/test-plugins/witness.so"
allow_unlisted = true
instruments = ["TEST"]
EOF
"$zomma" run "$work/live.toml" >"$work/out" 2>&1 & pid=$!
sleep 0.7
if ! kill -0 "$pid" 2>/dev/null && grep -q 'multicast' "$work/out"; then echo "SKIPPED: $(cat "$work/out")"; exit 0; fi
kill -0 "$pid" 2>/dev/null || fail "the live run did not start: $(cat "$work/out")"
"$BUILD/bin/mold_sender" 239.192.77.1 "$port" "$((port + 1))" 3000
sleep 0.3
kill -INT "$pid"
code=0; wait "$pid" || code=$?
[ "$code" = 0 ] || fail "exit status $code: $(cat "$work/out")"
"$zomma" replay "$work/state/journal" | grep -q '^same' || fail "a live run does not replay"
grep -q 'engine *market data events *2,999' "$work/state/report/report.txt" ||
  fail "not every message came through once: $(grep 'market data events' "$work/state/report/report.txt")"
echo "3000 messages over two lossy lines, each once; the live journal replays"
