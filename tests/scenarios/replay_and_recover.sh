#!/usr/bin/env bash
# replay_and_recover.sh BUILD SOURCE [KILLS] [REPLAYS]: a run replays to the same digest every time, and a run that is killed
# with -9 at random moments ends with the digest of an undisturbed one: nothing lost, nothing twice.
BUILD=$1 SOURCE=$2 kills=${3:-6} replays=${4:-5}
source "$SOURCE/tests/scenarios/common.sh"

small='s/^segment_size.*/segment_size = "1MiB"/'
reference=$(config reference "$small")
"$zomma" run "$reference" --no-report >/dev/null 2>&1 || fail "the undisturbed run"
expected=$(digest reference)
"$zomma" replay "$work/reference/state/journal" --times "$replays" >"$work/replays" || fail "a replay differs"
[ "$(grep -c '^same' "$work/replays")" = "$replays" ] || fail "not every replay is the same"

done_kills=0 runs=0
while [ "$done_kills" -lt "$kills" ]; do
  # with snapshots, and without: recovery from a snapshot and its tail, and from the beginning
  snapshots=$([ $((runs % 2)) = 0 ] && echo 40_000 || echo 0)
  run=$(config "killed$runs" "$small" "s/^snapshot_every_events.*/snapshot_every_events = $snapshots/")
  patience=0  # grows, so that a busy machine gets further than it recovers
  while :; do
    code=0 milliseconds=$((RANDOM % 200 + 20 + patience))
    patience=$((patience + 10))
    { timeout -s KILL "$((milliseconds / 1000)).$(printf '%03d' $((milliseconds % 1000)))" "$zomma" run "$run" --no-report >/dev/null 2>"$work/error" || code=$?; } 2>/dev/null
    [ "$code" = 0 ] && break
    [ "$code" = 137 ] || fail "recovery: $(cat "$work/error")"
    done_kills=$((done_kills + 1))
  done
  [ "$(digest "killed$runs")" = "$expected" ] || fail "run $runs, killed $done_kills times in all, ended differently"
  rm -rf "$work/killed$runs"
  runs=$((runs + 1))
done
echo "$replays replays and $done_kills kills over $runs runs: digest $expected every time"
