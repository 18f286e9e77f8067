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
