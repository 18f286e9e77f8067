#!/usr/bin/env bash
# stop_in_order.sh BUILD SOURCE: Ctrl-C and SIGTERM at any moment: orders cancelled, journal closed, report written, status 0.
BUILD=$1 SOURCE=$2
source "$SOURCE/tests/scenarios/common.sh"

for signal in INT TERM; do
  run=$(config "stopped$signal" 's/^speed = 0.*/speed = 100/')
  "$zomma" run "$run" >"$work/out" 2>&1 & pid=$!
  sleep 0.7
  kill -"$signal" "$pid"
  code=0; wait "$pid" || code=$?
  [ "$code" = 0 ] || fail "SIG$signal: exit status $code: $(cat "$work/out")"
  [ -s "$work/stopped$signal/state/report/report.html" ] || fail "SIG$signal: no report"
  grep -q "stopped by the operator" "$work/stopped$signal/state/report/report.txt" || fail "the report does not say that the run was stopped"
  digest "stopped$signal" >/dev/null
  # what ended in order is not continued: the next run is a new one
  "$zomma" run "$run" --no-report --speed 0 >/dev/null 2>&1 || fail "the run after SIG$signal"
  [ "$(ls "$work/stopped$signal/state/journal" | wc -l)" = 2 ] || fail "a closed journal was continued"
done

# The recording's pace changes nothing but the time it takes.
fast=$(config fast); paced=$(config paced 's/^speed = 0.*/speed = 200/')
"$zomma" run "$fast" --no-report >/dev/null 2>&1; "$zomma" run "$paced" --no-report >/dev/null 2>&1
[ "$(digest fast)" = "$(digest paced)" ] || fail "a paced run decides otherwise"
echo "stopped in order twice; pace does not matter"
