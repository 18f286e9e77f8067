#!/usr/bin/env bash
# worker_killed.sh BUILD SOURCE: one of two workers is killed with -9 while the market runs. It is said who died and of what;
# the strategy begins again in a new process, from its last checkpoint; one that dies too often stays out. The run ends in
# order, leaves no process behind, and its journal replays to the same orders, the deaths included.
BUILD=$1 SOURCE=$2
source "$SOURCE/tests/scenarios/common.sh"

# killed NAME RESTARTS KILLS: a run in which the first strategy's process is killed KILLS times.
killed() {
  local name=$1 restarts=$2 kills=$3 run host worker before= all=
  run=$(config "$name" 's/^speed = 0 /speed = 60 /' 's/^snapshot_every_events.*/snapshot_every_events = 5_000/' \
    's/^path = "hft_alpha.so"/&\nisolation = "process"/' "s/^\[plugin.hft_btc.params\]/[plugin.hft_btc.process]\nrestarts = $restarts\n\n&/")
  "$zomma" run "$run" --no-report >"$work/said" 2>&1 &
  host=$!
  for _ in $(seq "$kills"); do
    worker=
    for _ in $(seq 400); do
      # the first strategy's is the oldest of two, or the newest once it was begun again
      if [ -z "$before" ]; then
        [ "$(pgrep -P "$host" | wc -w)" = 2 ] && worker=$(pgrep -P "$host" -o) && break
      else
        worker=$(pgrep -P "$host" -n || true)
        [ "$(pgrep -P "$host" | wc -w)" = 2 ] && [ -n "$worker" ] && ! grep -qw "$worker" <<<"$all" && break
      fi
      kill -0 "$host" 2>/dev/null || fail "the run ended early: $(cat "$work/said")"
      sleep 0.02
    done
    [ -n "$worker" ] || fail "there is no worker to kill: $(cat "$work/said")"
    before=$worker; all="$all $(pgrep -P "$host" | paste -sd' ')"
    sleep 0.4
    kill -9 "$worker"
  done
  wait "$host" || fail "the run did not end in order: $(cat "$work/said")"
  grep -q 'faulted: .*\(killed by signal 9 (KILL: Killed)\|its process ended between two batches\)' "$work/said" || fail "nobody said who died: $(cat "$work/said")"
  for worker in $all; do ! kill -0 "$worker" 2>/dev/null || fail "worker $worker is still there"; done
  digest "$name" >/dev/null  # fails unless the journal replays to the same orders and fills
}

killed once 3 1
grep -q 'strategy hft_btc begins again in a new process' "$work/said" || fail "it did not begin again: $(cat "$work/said")"
killed never 0 1
grep -q 'strategy hft_btc: its process died 1 times within a minute; it stays out' "$work/said" || fail "it did not stay out: $(cat "$work/said")"
killed often 1 2
grep -q 'strategy hft_btc: its process died 2 times within a minute; it stays out' "$work/said" || fail "it did not stay out: $(cat "$work/said")"
echo "a worker killed: begun again once, kept out after too many deaths, every journal replays"
