#!/usr/bin/env bash
# compile_headers.sh CC CXX STANDARD INCLUDE: every public C header, alone and all together, with warnings as errors.
set -euo pipefail
cc=$1 cxx=$2 standard=$3 include=$4
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
if [ "$standard" = c11 ]; then compiler=$cc suffix=c; else compiler=$cxx suffix=cpp; fi
check() { "$compiler" -std="$standard" -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$include" "$1"; }
all=$work/all.$suffix
for header in $(cd "$include" && find zomma -name '*.h' | sort); do
  echo "#include <$header>" >"$work/one.$suffix"
  check "$work/one.$suffix" || { echo "$header does not compile alone as $standard"; exit 1; }
  echo "#include <$header>" >>"$all"
done
echo 'ZM_PLUGIN_NOTE("com.example.note", "1.0.0", 1);' >>"$all"
check "$all"
echo "$(find "$include/zomma" -name '*.h' | wc -l) headers compile as $standard"
