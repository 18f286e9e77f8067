#!/usr/bin/env bash
# out_of_tree.sh BUILD SOURCE CXX: installs the project, builds examples/hello_plugin against the installed package, and
# checks the plugin's contract: one exported symbol, one note, nothing that would keep it mapped.
set -euo pipefail
build=$1 source=$2 cxx=$3
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/prefix" >/dev/null
cp -r "$source/examples/hello_plugin" "$work/hello"
cmake -G Ninja -S "$work/hello" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_CXX_COMPILER="$cxx" >/dev/null
cmake --build "$work/build" >/dev/null
plugin=$work/build/hello.so
exported=$(nm -D --defined-only "$plugin" | awk '{print $3}')
[ "$exported" = zm_plugin_entry ] || { echo "exports more than the entry: $exported"; exit 1; }
readelf -n "$plugin" | grep -q Zomma || { echo "no ELF note"; exit 1; }
if readelf -Ws "$plugin" | grep -q UNIQUE; then echo "a UNIQUE symbol would keep it mapped after dlclose"; exit 1; fi
lines=$(wc -l <"$source/examples/hello_plugin/hello.cpp")
[ "$lines" -lt 60 ] || { echo "hello.cpp has $lines lines, more than 60"; exit 1; }
zomma=$work/prefix/bin/zomma
if [ -x "$zomma" ]; then "$zomma" plugin list "$plugin" | grep -q dev.zomma.hello || { echo "zomma does not recognise it"; exit 1; }; fi
embed=$source/examples/embed_host
if [ -f "$work/prefix/lib/libzomma.so" ] || compgen -G "$work/prefix/lib/*/libzomma.so" >/dev/null; then
  cp -r "$embed" "$work/embed"
  cmake -G Ninja -S "$work/embed" -B "$work/embed-build" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_CXX_COMPILER="$cxx" >/dev/null
  cmake --build "$work/embed-build" >/dev/null
  "$work/embed-build/embed_host" "$plugin"
  cp -r "$source/examples/wheel_demo" "$work/wheel_demo"
  cmake -G Ninja -S "$work/wheel_demo" -B "$work/demo-build" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_CXX_COMPILER="$cxx" >/dev/null
  cmake --build "$work/demo-build" >/dev/null
  "$work/demo-build/wheel_demo" "$source/examples/data/us_daily" "$build/plugins" "$work/demo-output" >"$work/demo.txt"
  for wanted in 'cash-secured put' MODELLED buy_and_hold covered_call put_write; do
    grep -q "$wanted" "$work/demo.txt" || { echo "wheel_demo does not say $wanted:"; cat "$work/demo.txt"; exit 1; }
  done
  for file in html json txt; do [ -s "$work/demo-output/report/report.$file" ] || { echo "wheel_demo wrote no report.$file"; exit 1; }; done
  lines=$(wc -l <"$source/examples/wheel_demo/main.cpp")
  [ "$lines" -lt 150 ] || { echo "wheel_demo has $lines lines, expected fewer than 150"; exit 1; }
fi
echo "hello_plugin builds against the installed package and keeps the contract"
