#!/usr/bin/env bash
# sweep.sh BUILD SOURCE: a search gives the same table however many runs go at once and however often it is killed; mistakes are
# named before anything runs; a run that dies ends alone.
BUILD=$1 SOURCE=$2
source "$SOURCE/tests/scenarios/common.sh"
plugins=$BUILD/test-plugins

# One feed is enough, and quick.
run=$(config main '/^\[\[feed\]\]/,/^$/{/eth/d}' '/^\[plugin.hft_eth/,$d')
only_one_feed() { awk 'BEGIN{RS="";ORS="\n\n"} !/^\[\[feed\]\]/ || /btc-perp/' "$run" >"$work/one.toml" && mv "$work/one.toml" "$run"; }
only_one_feed
sed -i 's/^instruments = .*/instruments = ["BTCUSDT.perp"]/' "$work/main/plugins.d/hft_alpha.toml"

# sweep NAME [extra lines of [sweep]]: eight points
sweep() {
  local name=$1; shift
  { printf '[sweep]\noutput = "%s"\nobjective = "pnl"\nsamples = 64\nblocks = 4\nreport_best = false\n' "$work/$name.out"
    printf '%s\n' "$@"
    printf '[[parameter]]\nkey = "plugin.hft_btc.params.order_notional"\nvalues = [500, 1000, 2000, 4000]\n'
    printf '[[parameter]]\nkey = "gateway.sim.order_latency.median"\nvalues = ["2ms", "20ms"]\n'; } >"$work/$name.toml"
  echo "$work/$name.toml"
}
same() {
  for file in sweep.csv sweep.json sweep.html; do cmp "$work/$1.out/$file" "$work/$2.out/$file" || fail "$file of $2 differs from that of $1"; done
}

# --- the same table, one at a time, several at once, in shards ---
"$zomma" sweep "$run" "$(sweep one)" --jobs 1 >"$work/out" 2>&1 || fail "the sweep failed: $(cat "$work/out")"
grep -q '8 points' "$work/out" || fail "no summary: $(cat "$work/out")"
[ "$(wc -l <"$work/one.out/sweep.csv")" = 9 ] || fail "sweep.csv does not have a line a point"
[ ! -e "$work/main/state/journal" ] || fail "a sweep wrote a journal"
"$zomma" sweep "$run" "$(sweep many)" --jobs 4 >/dev/null 2>&1 || fail "the sweep with four at once failed"
same one many
sweep parts >/dev/null
refused 4 'run the others' "$zomma" sweep "$run" "$work/parts.toml" --shard 1/2
refused 2 'expected i/n' "$zomma" sweep "$run" "$work/parts.toml" --shard 3/2
"$zomma" sweep "$run" "$work/parts.toml" --shard 2/2 >/dev/null 2>&1 || true
"$zomma" sweep "$run" "$work/parts.toml" --resume >"$work/out" 2>&1 || fail "the shards do not make a whole: $(cat "$work/out")"
grep -q '8 runs were there already' "$work/out" || fail "shards were run again: $(cat "$work/out")"
same one parts

# --- killed in the middle, twice; a torn line; then the same ---
killed=$(sweep killed)
for lines in 2 5; do
  "$zomma" sweep "$run" "$killed" --jobs 2 --resume >/dev/null 2>&1 & pid=$!
  for _ in $(seq 400); do [ "$(wc -l 2>/dev/null <"$work/killed.out/results.jsonl" || echo 0)" -ge $lines ] && break; sleep 0.02; done
  kill -9 "$pid"; wait "$pid" 2>/dev/null || true
done
printf '{"key":"00' >>"$work/killed.out/results.jsonl"
refused 1 '--resume' "$zomma" sweep "$run" "$killed"
"$zomma" sweep "$run" "$killed" --resume --jobs 3 >"$work/out" 2>&1 || fail "no going on after kill -9: $(cat "$work/out")"
grep -q 'were there already' "$work/out" || fail "everything was run again: $(cat "$work/out")"
same one killed

# --- a point is what zomma backtest gives with the same values ---
sed 's/^order_notional.*/order_notional = 4000/' -i.bak "$work/main/plugins.d/hft_alpha.toml"
"$zomma" backtest "$run" >/dev/null 2>&1
backtest=$(grep -o '"net":[-0-9.]*' "$work/main/state/report/report.json" | head -1 | cut -d: -f2)
mv "$work/main/plugins.d/hft_alpha.toml.bak" "$work/main/plugins.d/hft_alpha.toml"
swept=$(awk -F, '$3 == "4000" && $4 == "2ms" {print $5}' "$work/one.out/sweep.csv")
awk -v a="$backtest" -v b="$swept" 'BEGIN {exit !(a - b < 1e-6 && b - a < 1e-6)}' || fail "a backtest gives $backtest, the sweep $swept"

# --- walk-forward ---
"$zomma" sweep "$run" "$(sweep walk)" --jobs 2 >/dev/null 2>&1
sweep walk2 >/dev/null; printf '[walk_forward]\ntrain = "60s"\ntest = "40s"\n' >>"$work/walk2.toml"
"$zomma" sweep "$run" "$work/walk2.toml" --jobs 2 >"$work/out" 2>&1 || fail "walk-forward failed: $(cat "$work/out")"
grep -q '^window .*out of sample' "$work/out" || fail "no window: $(cat "$work/out")"
sed -i 's/^train.*/train = "3h"/' "$work/walk2.toml"
refused 2 'do not fit' "$zomma" sweep "$run" "$work/walk2.toml" --resume

# --- mistakes ---
bad() { local phrase=$1; shift; refused 2 "$phrase" "$zomma" sweep "$run" "$@"; rm -rf "$work/bad.out"; }
change() { sed "$1" "$(sweep bad)" >"$work/bad2.toml"; echo "$work/bad2.toml"; }
bad 'did you mean "order_notional"?' "$(change 's/order_notional/order_notionall/')"
bad 'did you mean "hft_btc"?' "$(change 's/hft_btc/hft_btcc/')"
bad 'expected 1 to' "$(change 's/values = \[500/values = [0/')"
bad 'did you mean "median"?' "$(change 's/latency.median/latency.meddian/')"
bad 'an empty array' "$(change 's/values = \[500.*/values = []/')"
bad 'an empty search' "$(change '/^\[\[parameter/,$d')"
bad '4 x 2 = 8 runs' "$(change 's/^samples.*/max_runs = 7/')"
bad 'did you mean "sharpe"?' "$(change 's/"pnl"/"sharp"/')"
bad 'cannot be opened' "$work/nowhere.toml"

# --- runs that fail: kept as rows, and said ---
"$zomma" sweep "$run" "$(change 's/"pnl"/"total.pnl.nett"/')" >"$work/out" 2>&1 && fail "an unknown figure passed"
grep -q 'did you mean "net"?' "$work/out" || fail "the unknown figure has no suggestion: $(cat "$work/out")"
rm -rf "$work/bad.out"
sed -e "s#^path = .*#path = \"$plugins/throws_on_event.so\"#" -e '/^order_notional/d; /^max_inventory/d' -i "$work/main/plugins.d/hft_alpha.toml"
printf '[sweep]\noutput = "%s"\nreport_best = false\nsamples = 8\nblocks = 2\n[[parameter]]\nkey = "plugin.hft_btc.path"\nvalues = ["%s", "%s", "%s"]\n' \
  "$work/dead.out" "$plugins/witness.so" "$plugins/events_segfault.so" "$plugins/throws_on_event.so" >"$work/dead.toml"
code=0; "$zomma" sweep "$run" "$work/dead.toml" --jobs 2 >"$work/out" 2>&1 || code=$?
[ "$code" = 3 ] || fail "exit status $code for failed runs: $(cat "$work/out")"
grep -q 'the third quote was too much' "$work/dead.out/sweep.csv" || fail "no reason for the fault: $(cat "$work/dead.out/sweep.csv")"
grep -q 'died of signal' "$work/dead.out/sweep.csv" || fail "no reason for the crash: $(cat "$work/dead.out/sweep.csv")"
echo "the search goes on, whatever its runs do"
