#!/usr/bin/env bash
# compile_headers.sh COMPILER STANDARD SDK: every public header, alone and all together, with warnings as errors, and every
# released ABI as assertions over them. The C++ wrappers need C++20.
set -euo pipefail
compiler=$1 standard=$2 sdk=$(cd "$3" && pwd) include=$sdk/include
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
suffix=cpp pattern='*.h'
[ "$standard" = c11 ] && suffix=c
[ "$standard" = c++20 ] && pattern='*.h*'
check() { "$compiler" -std="$standard" -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$include" "$1"; }
all=$work/all.$suffix
headers=$(cd "$include" && find zomma -name "$pattern" | sort)
for header in $headers; do
  echo "#include <$header>" >"$work/one.$suffix"
  check "$work/one.$suffix" || { echo "$header does not compile alone as $standard"; exit 1; }
  echo "#include <$header>" >>"$all"
done
for release in "$sdk"/abi/[0-9]*/layout.h; do echo "#include \"$release\"" >>"$all"; done
echo 'ZM_PLUGIN_NOTE("com.example.note", "1.0.0", 1);' >>"$all"
check "$all" || { echo "the headers together, or a released layout, do not compile as $standard"; exit 1; }
echo "$(wc -w <<<"$headers") headers and $(ls -d "$sdk"/abi/[0-9]* | wc -l) released layout(s) compile as $standard"
