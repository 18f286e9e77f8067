#!/usr/bin/env bash
# bad_input.sh BUILD SOURCE: each mistake gets its own sentence and exit status, and a bad recording or plugin does not end a run
# that can go on.
BUILD=$1 SOURCE=$2
source "$SOURCE/tests/scenarios/common.sh"
plugins=$BUILD/test-plugins

# --- configuration ---
run=$(config unknown 's/^speed = 0.*/speeed = 0/; s/^queue_model.*/queue_model = "probabilty"/')
refused 2 'did you mean "speed"?' "$zomma" run "$run"
refused 2 '2 errors' "$zomma" config check "$run"
refused 2 'run.toml:' "$zomma" config check "$run"
refused 2 'No such file' "$zomma" config check "$work/nowhere.toml"

# --- plugins ---
use() { config "$1" "s#^path = \"hft_alpha.so\".*#path = \"$2\"#" '/^\[plugin.hft_eth/,$d' '/^order_notional/d; /^max_inventory/d'; }
refused 1 'does not exist' "$zomma" run "$(use missing /nowhere/x.so)"
refused 1 'ABI 2.7' "$zomma" run "$(use other_abi "$plugins/other_major.so")"
refused 1 'not a Zomma plugin' "$zomma" run "$(use no_note "$plugins/no_note.so")"
refused 1 'the model file is missing' "$zomma" run "$(use refuses "$plugins/refuses_activate.so")"
head -c 9000 "$plugins/witness.so" >"$work/half.so"
refused 1 'half-written copy' "$zomma" run "$(use half "$work/half.so")"
refused 1 'somebody changed the file' "$zomma" run \
  "$(config hash "s/^allow_unlisted.*/sha256 = \"$(printf '0%.0s' {1..64})\"/")"
refused 1 'did you mean "order_notional"?' "$zomma" run "$(config param 's/^order_notional/order_notionall/')"
refused 1 'expected 1 to' "$zomma" run "$(config bounds 's/^order_notional.*/order_notional = 0/')"

# A strategy that throws is stopped and named; the run goes on to its end.
run=$(use throws "$plugins/throws_on_event.so")
"$zomma" run "$run" --no-report >"$work/out" 2>&1 || fail "a throwing plugin ended the run: $(cat "$work/out")"
grep -q 'the third quote was too much' "$work/out" || fail "the fault is not named"
digest throws >/dev/null

# --- recordings ---
data=$SOURCE/examples/data/binance_20240808
refused 1 'does not exist' "$zomma" run "$(config nofeed "s#$data/spot_btcusdt.zst#/nowhere.zst#")"
head -c 200000 "$data/usdm_btcusdt.zst" >"$work/cut.zst"
refused 1 'cut.zst' "$zomma" run "$(config cut "s#$data/usdm_btcusdt.zst#$work/cut.zst#")" --no-report
digest cut >/dev/null  # what came before the damage was traded, journaled and closed
zstd -dcq "$data/usdm_btcusdt.zst" 2>/dev/null | head -5000 >"$work/plain.txt" || true
if [ -s "$work/plain.txt" ]; then
  awk 'NR % 50 == 0 {print substr($0, 1, length($0) / 2); next} {print}' "$work/plain.txt" >"$work/flipped.txt"
  "$zomma" run "$(config flipped "s#$data/usdm_btcusdt.zst#$work/flipped.txt#")" --no-report >"$work/out" 2>&1 ||
    fail "damaged lines ended the run: $(cat "$work/out")"
else
  echo "SKIPPED: no zstd program to make a damaged recording with"
fi

# --- journal ---
touch "$work/file"
refused 1 "$work/file" "$zomma" run "$(config unwritable "s#^state_dir.*#state_dir = \"$work/file/below\"#")"
run=$(config twice 's/^speed = 0.*/speed = 20/')
"$zomma" run "$run" --no-report >/dev/null 2>&1 & pid=$!
sleep 0.7
refused 1 "$pid" "$zomma" run "$run" --no-report
kill -9 "$pid"; wait "$pid" 2>/dev/null || true
sed -i 's/^seed = 20240808.*/seed = 7/' "$run"
refused 0 'goes on as it was configured' "$zomma" run "$run" --no-report --speed 0
"$zomma" run "$run" --no-report --speed 0 --fresh >/dev/null 2>&1 || fail "--fresh does not begin anew"
run=$(config damaged); "$zomma" run "$run" --no-report >/dev/null 2>&1
segment=$(ls "$work"/damaged/state/journal/*/*.zj | head -1)
printf '\xff\xff\xff' | dd of="$segment" bs=1 seek=100000 conv=notrunc status=none
refused 1 'segment' "$zomma" replay "$work/damaged/state/journal"

# --- the control port ---
run=$(config port 's/^speed = 0.*/speed = 20/; s/^enabled = false/enabled = true/; s/^listen.*/listen = "127.0.0.1:19464"/')
sed -i '/^\[bus\]/,/^$/s/^enabled = true/enabled = false/' "$run"
"$zomma" run "$run" --no-report >/dev/null 2>&1 & pid=$!
sleep 0.7
exec 3<>/dev/tcp/127.0.0.1/19464; printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
grep -q '200 OK' <&3 || fail "/healthz does not answer"
exec 3>&-
exec 3<>/dev/tcp/127.0.0.1/19464; printf 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
grep -q 'zomma_inputs_total' <&3 || fail "/metrics does not answer"
exec 3>&-
other=$(config port2 's/^enabled = false/enabled = true/; s/^listen.*/listen = "127.0.0.1:19464"/')
sed -i '/^\[bus\]/,/^$/s/^enabled = true/enabled = false/' "$other"
refused 1 '127.0.0.1:19464' "$zomma" run "$other" --no-report
kill -INT "$pid"; wait "$pid" || fail "the run with a control port did not end in order"

# --- a full disk ---
mkdir "$work/small"
if mount -t tmpfs -o size=24m tmpfs "$work/small" 2>/dev/null; then
  run=$(config full "s#^state_dir.*#state_dir = \"$work/small\"#; s/^segment_size.*/segment_size = \"8MiB\"/; s/^compression_level.*/compression_level = 0/")
  refused 1 'trading stopped' "$zomma" run "$run" --no-report
  out=$("$zomma" replay "$work/small/journal" 2>&1) || fail "the journal on the full disk cannot be read: $out"
  umount "$work/small"
else
  echo "SKIPPED: no right to mount a small file system for the full disk"
fi
echo "every mistake got its sentence"
