#!/usr/bin/env bash
# crash.sh BUILD SOURCE: a strategy's code dies in the host's own process: by a wild pointer, abort, an exhausted stack, an
# endless loop. The host starts again without it, and everything else is as if the strategy had only returned an error.
BUILD=$1 SOURCE=$2
source "$SOURCE/tests/scenarios/common.sh"

for sin in segfaults aborts overflows loops; do
  run=$(config "$sin" 's/^speed = 0.*/speed = 0\nlongest_call = "300ms"/')
  # hft_btc gives its place to the one that dies; hft_eth trades on
  toml=$work/$sin/plugins.d/hft_alpha.toml
  sed -i -e "0,/^path = .*/s##path = \"$BUILD/test-plugins/generation_${sin}_soon.so\"#" -e '/^\[plugin.hft_btc.params\]/,/^$/d' "$toml"
  "$zomma" run "$run" --no-report --supervise >"$work/out" 2>&1 || fail "$sin: exit status $?: $(cat "$work/out")"
  grep -q 'hft_btc' "$work/out" || fail "$sin: the culprit is not named: $(cat "$work/out")"
  grep -q 'hft_btc ended the last process' "$work/out" || fail "$sin: the next process does not say who ended the last: $(cat "$work/out")"
  [ "$(grep -c 'starting again' "$work/out")" = 1 ] || fail "$sin: started again more than once: $(cat "$work/out")"
  digests="${digests:-} $(digest "$sin")"
done
[ "$(tr ' ' '\n' <<<"$digests" | sed '/^$/d' | sort -u | wc -l)" = 1 ] || fail "the deaths lead to different runs:$digests"
echo "four deaths, one outcome:$(cut -d' ' -f2 <<<"$digests")"
