#!/usr/bin/env bash
# first_sdk.sh BUILD SOURCE: the program runs every plugin kept from a released SDK on recorded ticks, in its own process and in
# the plugin's: the same orders, the same again when replayed; and the validator finds no fault with it.
set -euo pipefail
build=$1 tree=$2 zomma=$1/bin/zomma
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
for plugin in "$tree"/tests/sdk/fixtures/sdk-*/*.so; do
  release=$(basename "$(dirname "$plugin")"); release=${release#sdk-}
  "$zomma" plugin list "$plugin" | grep -qF "SDK $release " || fail "$plugin does not say that it was built with SDK $release"
  "$zomma" plugin check "$plugin" >"$work/out" || fail "the validator: $(cat "$work/out")"
  for isolation in inline process; do
    folder=$work/$release/$isolation; mkdir -p "$folder"
    printf '[plugin.old]\npath = "%s"\nallow_unlisted = true\nisolation = "%s"\ninstruments = ["BTCUSDT.perp"]\n' "$plugin" $isolation >"$folder/plugin.toml"
    sed "s#@CMAKE_CURRENT_SOURCE_DIR@#$folder#; s#@CMAKE_CURRENT_BINARY_DIR@#$folder#; s#@Zomma_TICKS@#$tree/examples/data/binance_20240808#" \
      "$tree/sdk/ticks/ticks.toml.in" >"$work/$isolation.toml"
    "$zomma" run "$work/$isolation.toml" --fresh --no-report >"$work/out" 2>&1 || fail "$release $isolation: $(cat "$work/out")"
    ! grep -E '^(error|warning):' "$work/out" || fail "$release $isolation was not clean"
    "$zomma" replay "$folder/run/journal" >"$work/$isolation.replayed" || fail "the replay: $(cat "$work/$isolation.replayed")"
    awk '$1 == "replay" { print $2 }' "$work/$isolation.replayed" >"$work/$isolation.digest"
  done
  grep -q ' 0 fills' <(tail -1 "$work/out") && fail "it never traded: $(tail -1 "$work/out")"
  cmp -s "$work/inline.digest" "$work/process.digest" || fail "$release trades otherwise in a process of its own: $(cat "$work"/*.digest)"
  echo "$(basename "$plugin") of SDK $release: $(tail -1 "$work/out" | grep -o '[0-9,]* intents, [0-9,]* fills'), digest $(cat "$work/inline.digest")"
done
