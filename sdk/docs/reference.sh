#!/usr/bin/env bash
# reference.sh [--check]: writes docs/reference/sdk.md from the SDK's headers; with --check, says whether it is current.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
include=$here/../include
page=$here/../../docs/reference/sdk.md

# In the order in which one meets them; what is not named here follows by itself.
first="entry strategy host event order stream abi"
headers() {
  local name
  for name in $first; do echo "zomma/$name.h"; done
  (cd "$include" && find zomma/ext -name '*.h' | sort; find zomma -maxdepth 1 -name '*.h' | sort) | while read -r name; do
    case " $first " in *" $(basename "$name" .h) "*) [ "$(dirname "$name")" = zomma ] && continue ;; esac
    echo "$name"
  done
}

page() {
  cat <<'MD'
# The SDK

Made from the headers by `sdk/docs/reference.sh`; edit those. What a plugin may rely on is recorded for each release in
`sdk/abi`: members never move, constants keep their values, structs that begin with their `size` grow at their end only.

Where a function may be called, or will be called, stands behind it: *[control]* is the host's control thread, *[strategy]*
the one thread that runs the instance; the two never call at the same time. Errors are `zm_status` values (`zomma/abi.h`).

A plugin in C++ needs only the last two chapters, a plugin in C begins with `zomma/c_plugin.h`.
MD
  local name
  for name in $(headers); do awk -v name="$name" -f "$here/headers.awk" "$include/$name"; done
  for name in zomma/zomma.hpp zomma/context.hpp; do awk -v name="$name" -f "$here/wrapper.awk" "$include/$name"; done
}

if [ "${1:-}" = --check ]; then
  current=$(page)
  diff "$page" - <<<"$current" || { echo "docs/reference/sdk.md is not what the headers say: run sdk/docs/reference.sh"; exit 1; }
  echo "docs/reference/sdk.md is current: $(grep -c '^## ' "$page") headers"
else
  page >"$page.new"
  mv "$page.new" "$page"
fi
