#!/usr/bin/env bash
# worker_killed.sh BUILD SOURCE: one of two workers is killed with -9 while the market runs. The run ends in order, says who
# died and of what, and leaves no process behind, and its journal replays to the same orders, the death included.
BUILD=$1 SOURCE=$2
source "$SOURCE/tests/scenarios/common.sh"

run=$(config killed 's/^speed = 0 /speed = 60 /' 's/^snapshot_every_events.*/snapshot_every_events = 5_000/' \
  's/^path = "hft_alpha.so"/&\nisolation = "process"/')
"$zomma" run "$run" --no-report >"$work/said" 2>&1 &
host=$!
workers=
for _ in $(seq 200); do
  workers=$(pgrep -P "$host" || true)
  [ "$(wc -w <<<"$workers")" = 2 ] && break
  kill -0 "$host" 2>/dev/null || fail "the run ended early: $(cat "$work/said")"
  sleep 0.02
done
[ "$(wc -w <<<"$workers")" = 2 ] || fail "there are not two workers: $workers"
sleep 0.5
kill -9 ${workers%%$'\n'*}
wait "$host" || fail "the run did not end in order: $(cat "$work/said")"
grep -q 'faulted: the worker process .* killed by signal 9 (KILL: Killed)' "$work/said" || fail "nobody said who died: $(cat "$work/said")"
for worker in $workers; do ! kill -0 "$worker" 2>/dev/null || fail "worker $worker is still there"; done
digest killed >/dev/null  # fails unless the journal replays to the same orders and fills
echo "a worker killed: $(grep -c faulted "$work/said") strategy faulted, the run ended in order"
