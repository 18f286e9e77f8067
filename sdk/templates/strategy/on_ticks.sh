#!/bin/sh
# on_ticks.sh ZOMMA CONFIG: on recorded ticks @NAME@ sends orders, nothing goes wrong, and a replay of the journal gives the
# same orders again. Add what else must be true of yours.
set -eu
zomma=$1 config=$2
fail() { echo "FAILED: $1"; exit 1; }

out=$("$zomma" run "$config" --fresh --no-report --speed 0 2>&1) || { echo "$out"; fail "the run"; }
echo "$out"
case $out in *error:* | *warning:*) fail "the run was not clean" ;; esac
case $out in *" 0 intents, 0 fills, 0 refused, 0 open") fail "@NAME@ never sent an order" ;; esac
"$zomma" replay "$(dirname "$config")/run/journal" || fail "the replay differs: it must not read a clock, a file or chance"
