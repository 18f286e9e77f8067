# common.sh: what every scenario needs. Sourced with BUILD and SOURCE set; gives $zomma, $work and a configuration writer.
set -euo pipefail
zomma=$BUILD/bin/zomma
work=$(mktemp -d)
trap 'umount "$work/small" 2>/dev/null || true; rm -rf "$work"' EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }

# config NAME [sed expression ...]: the main job's configuration, with its state in $work/NAME and nothing shared with others.
config() {
  local name=$1; shift
  mkdir -p "$work/$name/plugins.d"
  sed -e "s#\.\./examples#$SOURCE/examples#; s#^state_dir.*#state_dir = \"$work/$name/state\"#" \
      -e 's/^\[metrics\]/[metrics]\nenabled = false/; s/^\[bus\]/[bus]\nenabled = false/; s/^mode = "auto"/mode = "off"/' \
      "$SOURCE/config/zomma.toml" >"$work/$name/run.toml"
  cp "$SOURCE/config/plugins.d/hft_alpha.toml" "$work/$name/plugins.d/"
  local expression
  for expression in "$@"; do sed -i -e "$expression" "$work/$name/run.toml" "$work/$name/plugins.d/hft_alpha.toml"; done
  echo "$work/$name/run.toml"
}

# digest NAME: of the newest journal of that run, computed by a replay; fails unless the replay is the same.
digest() {
  local out
  out=$("$zomma" replay "$work/$1/state/journal") || fail "replay of $1 differs: $out"
  awk '$1 == "replay" {print $2}' <<<"$out"
}

# refused STATUS PHRASE COMMAND...: the command ends with STATUS and says PHRASE.
refused() {
  local status=$1 phrase=$2 out code=0; shift 2
  out=$("$@" 2>&1) || code=$?
  [ "$code" = "$status" ] || fail "$*: exit status $code instead of $status: $out"
  grep -qF -- "$phrase" <<<"$out" || fail "$*: nothing like \"$phrase\" in: $out"
}

# survives_kills KILLS RUNS EXPECTED EVERY LEAST SPREAD: runs that are killed with -9 at random moments, LEAST to LEAST + SPREAD
# milliseconds after each start, until KILLS were given in at least two runs (RUNS at most, where a run is too fast to be killed);
# each ends with the digest EXPECTED. Every other run keeps a snapshot EVERY events, so that recovery begins from one and from the
# beginning. Needs prepare NAME ISOLATION SNAPSHOT_EVERY; sets done_kills and runs.
survives_kills() {
  local kills=$1 most_runs=$2 expected=$3 every=$4 least=$5 spread=$6 run patience code milliseconds
  done_kills=0 runs=0
  while [ "$done_kills" -lt "$kills" ] || [ "$runs" -lt 2 ]; do
    run=$(prepare "killed$runs" inline $([ $((runs % 2)) = 0 ] && echo "$every" || echo 0))
    patience=0  # grows, so that a busy machine gets further than it recovers
    while :; do
      code=0 milliseconds=$((RANDOM % spread + least + patience))
      patience=$((patience + least))
      { timeout -s KILL "$((milliseconds / 1000)).$(printf '%03d' $((milliseconds % 1000)))" "$zomma" run "$run" --no-report >/dev/null 2>"$work/error" || code=$?; } 2>/dev/null
      [ "$code" = 0 ] && break
      [ "$code" = 137 ] || fail "recovery: $(cat "$work/error")"
      done_kills=$((done_kills + 1))
    done
    [ "$(digest "killed$runs")" = "$expected" ] || fail "run $runs, killed $done_kills times in all, ended differently"
    rm -rf "$work/killed$runs"
    runs=$((runs + 1))
    [ "$runs" -lt "$most_runs" ] || break
  done
}
