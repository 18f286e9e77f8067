#!/usr/bin/env bash
# abi.sh: guards the promise that a plugin built with any released SDK runs on every later host of the same major number.
#   abi.sh table             the ABI of the headers as they stand: structs, slots, constants, names
#   abi.sh check             every record (abi/MAJOR.MINOR/) still holds; the newest says all that the headers say
#   abi.sh diff              libabigail's opinion on the same; ends with 77 where abidw or abidiff is absent
#   abi.sh record            writes the record of the headers' ABI number; refuses to change what was released
# CC is the compiler. It is sound because growable structs begin with their size and only grow at their end: an old record
# must be a *prefix* of the struct of today, slot by slot.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
include=$(cd "$here/../include" && pwd)
cc=${CC:-cc}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT

# Drafts promise nothing yet.
(cd "$include" && find zomma -name '*.h' ! -path '*/draft/*' | sort | sed 's/.*/#include <&>/') >"$work/all.h"
preprocessed() { "$cc" -std=c11 -E -I"$include" -x c "$work/all.h"; }
defined() { "$cc" -std=c11 -E -dM -I"$include" -x c "$work/all.h" | sort; }
value_of() { defined | sed -n "s/^#define $1 //p" | tr -d '"u'; }

table() {
  {
    echo '#include <stdio.h>'; cat "$work/all.h"; echo 'int main(void) {'
    preprocessed | awk -v include="$include" -f "$here/structs.awk"
    defined | sed -n 's/^#define \(ZM_[A-Z_]*\) \(".*"\)$/  printf("text \1 %s\\n", \2);/p' | grep -v ZM_SDK_RELEASE
    defined | sed -n 's/^#define \(ZM_NO_[A-Z]*\|ZM_ABI_MAJOR\|ZM_NOTE_TYPE\) .*/  printf("constant \1 %lld\\n", (long long)\1);/p'
    echo '}'
  } >"$work/table.c"
  "$cc" -std=c11 -I"$include" "$work/table.c" -o "$work/table"
  # In an order that does not change when headers include each other in another one.
  "$work/table" | awk '
    $1 == "struct" { printf "1 %s %06d %s\n", $2, 0, $0; next }
    $1 == "slot" { split($2, part, "."); printf "1 %s %06d %s\n", part[1], $3 + 1, $0; next }
    { printf "%d %s 0 %s\n", $1 == "constant" ? 2 : 3, $2, $0 }' | sort | cut -d" " -f4-
}

# prefix RECORD NOW: what was recorded is there, in its place and of its type; what is new lies behind it.
prefix() {
  awk -v record="$(basename "$(dirname "$1")")" '
    function complain(text) { print "  ABI " record ": " text; bad = 1 }
    { sub(/#.*/, "") } $1 == "" { next }
    { key = $1 " " $2; rest = $0; sub(/^[^ ]+ [^ ]+ /, "", rest) }
    FNR == NR { now[key] = rest; order[++count] = key; next }
    { recorded[key] = rest }
    !(key in now) { complain(key " was taken away; it had " rest); next }
    $1 == "struct" {
      split(rest, old, " "); split(now[key], new, " "); size[$2] = old[1]
      if (old[2] != new[2]) complain(key " was " old[2] ", now " new[2])
      if (new[1] < old[1] || (old[2] == "fixed" && new[1] != old[1])) complain(key " had " old[1] " bytes, now " new[1])
      next
    }
    now[key] != rest { complain(key " was " rest ", now " now[key]) }
    END {
      for (i = 1; i <= count; i++) {
        if (order[i] !~ /^slot/ || order[i] in recorded) continue
        split(order[i], words, /[ .]/); split(now[order[i]], new, " ")
        if (words[2] in size && new[1] < size[words[2]])
          complain(order[i] " is new but lies at " new[1] ", within the " size[words[2]] " bytes that older code knows")
      }
      exit bad
    }' "$2" "$1"
}

check_records() {
  local record bad=0
  for record in "$here"/[0-9]*/slots.txt; do
    [ -f "$record" ] || continue
    [ "$(basename "$(dirname "$record")" | cut -d. -f1)" = "$(value_of ZM_ABI_MAJOR)" ] || continue
    prefix "$record" "$work/now" || bad=1
  done
  [ $bad = 0 ] || { echo "plugins built with a released SDK would break; append instead, or raise ZM_ABI_MAJOR"; return 1; }
}

check() {
  table >"$work/now"
  check_records
  local version; version=$(value_of ZM_ABI_MAJOR).$(value_of ZM_ABI_MINOR)
  local record=$here/$version/slots.txt
  [ -f "$record" ] || { echo "ABI $version has no record: run sdk/abi/abi.sh record"; return 1; }
  grep -v '^#' "$record" | diff - "$work/now" >"$work/differences" || {
    echo "ABI $version is not recorded whole (> is new); run sdk/abi/abi.sh record and commit what it writes:"
    grep '^[<>]' "$work/differences"; return 1
  }
  assertions "$work/now" "$version" | diff -q - "$here/$version/layout.h" >/dev/null ||
    { echo "abi/$version/layout.h does not say what slots.txt says; run sdk/abi/abi.sh record"; return 1; }
  echo "ABI $version: $(grep -c ^struct "$work/now") structs, $(grep -c ^slot "$work/now") slots, $(grep -c ^constant "$work/now") constants, as recorded; $(ls -d "$here"/[0-9]* | wc -l) released version(s) hold"
}

# The record as assertions, for every compiler and language that will ever include the headers.
assertions() {
  echo "/* layout.h: ABI $2 as assertions. Written by abi.sh record; never changed after its release. */"
  echo '#include <stddef.h>'
  cat "$work/all.h"
  awk -v version="$2" '
    $1 == "struct" { printf "ZM_ABI_ASSERT(sizeof(%s) %s %s, \"ABI %s: %s %s\");\n", $2, $4 == "grows" ? ">=" : "==", $3, version, $2, $4 == "grows" ? "only grows" : "never changes" }
    $1 == "slot" { split($2, part, "."); printf "ZM_ABI_ASSERT(offsetof(%s, %s) == %s, \"ABI %s: %s never moves\");\n", part[1], part[2], $3, version, $2 }' "$1"
}

# A library whose debug information names every type of the SDK.
probe() {
  { cat "$work/all.h"
    preprocessed | awk -v include="$include" -v structs_only=1 -f "$here/structs.awk" |
      sed 's/.*/void zm_probe_&(const & *value);\nvoid zm_probe_&(const & *value) { (void)value; }/'
  } >"$work/probe.c"
  (cd "$work" && "$cc" -std=c11 -g -shared -fPIC -fdebug-prefix-map="$work=." -fdebug-prefix-map="$include=include" -I"$include" probe.c -o libprobe.so)
}
describe() { probe; abidw --no-show-locs --no-corpus-path --no-comp-dir-path --drop-private-types "$work/libprobe.so"; }

abi_diff() {
  command -v abidw >/dev/null && command -v abidiff >/dev/null ||
    { echo "SKIPPED: abidw or abidiff is absent (package abigail-tools)"; return 77; }
  probe
  local description code bad=0
  for description in "$here"/[0-9]*/abi.xml; do
    code=0
    abidiff --no-added-syms --suppressions "$here/appended.abignore" "$description" "$work/libprobe.so" || code=$?
    [ $code = 0 ] || { echo "$(basename "$(dirname "$description")"): abidiff ends with $code"; bad=1; }
  done
  [ $bad = 0 ] && echo "libabigail finds every released ABI kept"
}

record() {
  table >"$work/now"
  check_records
  local version release; version=$(value_of ZM_ABI_MAJOR).$(value_of ZM_ABI_MINOR) release=$(value_of ZM_SDK_RELEASE)
  local folder=$here/$version
  if [ -f "$folder/slots.txt" ] && ! head -1 "$folder/slots.txt" | grep -q "SDK $release\$" && ! grep -v '^#' "$folder/slots.txt" | diff -q - "$work/now" >/dev/null; then
    echo "$(head -1 "$folder/slots.txt" | tr -d '#') is released; SDK $release adds to it, so raise ZM_ABI_MINOR first"; return 1
  fi
  mkdir -p "$folder"
  { echo "# ABI $version, SDK $release"
    echo '# struct NAME SIZE grows|fixed / slot STRUCT.MEMBER OFFSET SIZE TYPE / constant NAME VALUE / text NAME VALUE'
    cat "$work/now"; } >"$folder/slots.txt"
  assertions "$work/now" "$version" >"$folder/layout.h"
  if command -v abidw >/dev/null; then describe >"$folder/abi.xml"; else echo "abidw is absent: $folder/abi.xml was not written"; fi
  echo "recorded ABI $version of SDK $release in $folder"
}

case ${1:-} in
  table) table ;;
  check) check ;;
  diff) abi_diff ;;
  record) record ;;
  *) sed -n '2,7p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
