#!/usr/bin/env bash
# soak.sh BUILD MINUTES: the long campaigns: random operations, kill -9, replay, on other seeds than the tests use.
set -euo pipefail
build=$1 minutes=${2:-30}
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
kills=$((minutes * 33)) replays=$((minutes * 4))
echo "kill -9: $kills times; replay: $replays times"
"$source_dir/tests/scenarios/replay_and_recover.sh" "$build" "$source_dir" "$kills" "$replays"
echo "changes of code: $((minutes * 333)), one in ten faulty"
ZOMMA_RELOADS=$((minutes * 333)) "$build/bin/reload_campaign_test"
echo "damaged plugins: $((minutes * 34))"
ZOMMA_IMAGES=$((minutes * 34)) "$build/bin/plugin_staging_test"
echo "workers: $((minutes * 34)) kills"
ZOMMA_KILLS=$((minutes * 34)) "$build/bin/worker_kills_test"
echo "journal: $((minutes * 33)) kills of a writer; matching engine: $((minutes * 400000)) random operations"
ZOMMA_KILLS=$((minutes * 33)) "$build/bin/journal_test"
ZOMMA_PROPERTY_OPS=$((minutes * 400000)) "$build/bin/matching_property_test"
echo "soak: no finding"
