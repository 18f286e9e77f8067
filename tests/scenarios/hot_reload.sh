#!/usr/bin/env bash
# hot_reload.sh BUILD SOURCE: while a run trades, its plugin's file is replaced, its parameters are edited, it is disabled
# and enabled again, and what is broken is refused. Then it is killed: it recovers with the code it had, and replays the same.
BUILD=$1 SOURCE=$2
source "$SOURCE/tests/scenarios/common.sh"

mkdir "$work/lib"
cp "$BUILD/plugins/hft_alpha.so" "$work/lib/"
run=$(config reload 's/^speed = 0.*/speed = 20/' "s#^path = \"hft_alpha.so\"#path = \"$work/lib/hft_alpha.so\"\nwatch = true#")
toml=$work/reload/plugins.d/hft_alpha.toml
"$zomma" run "$run" --no-report >"$work/out" 2>&1 & pid=$!

# said PHRASE [COUNT]: waits until the run has said it so often.
said() {
  local i
  for i in $(seq 100); do
    [ "$(grep -cF -- "$1" "$work/out" || true)" -ge "${2:-1}" ] && return 0
    kill -0 "$pid" 2>/dev/null || fail "the run ended early: $(cat "$work/out")"
    sleep 0.05
  done
  fail "the run never said \"$1\": $(cat "$work/out")"
}

# another build: the same code under another hash
another_build() { { cat "$BUILD/plugins/hft_alpha.so"; printf '%s' "$1"; } >"$work/lib/new" && mv "$work/lib/new" "$work/lib/hft_alpha.so"; }

said 'strategy hft_eth'
sleep 0.5
another_build one
said 'is in force from input' 2
sed -i 's/^order_notional = 2000/order_notional = 1500/' "$toml"
said 'order_notional = 1500 from input' 2
sed -i '0,/^allow_unlisted.*/s//allow_unlisted = true\nenabled = false/' "$toml"
said 'hft_btc: disabled from input'
sed -i '/^enabled = false/d' "$toml"
said 'is in force from input' 3
head -c 30000 "$BUILD/plugins/hft_alpha.so" >"$work/lib/half" && mv "$work/lib/half" "$work/lib/hft_alpha.so"
said 'half-written copy' 2
echo 'garbage =' >>"$toml"
said 'everything stays as it was'
sed -i '/^garbage/d' "$toml"
another_build two
said 'is in force from input' 5
kill -9 "$pid"; wait "$pid" 2>/dev/null || true

"$zomma" run "$run" --no-report --speed 0 >"$work/again" 2>&1 || fail "recovery: $(cat "$work/again")"
grep -q 'recovered' "$work/again" || fail "nothing was recovered: $(cat "$work/again")"
echo "five changes of code in one run, killed and recovered: digest $(digest reload)"
