#!/usr/bin/env bash
# device_run.sh BUILD SOURCE: a run beside a fake GPU: its health, and what a strategy borrowed of it, are in /metrics, /status
# and `zomma gpu`, and the run ends in order. The program itself shows the device, and says plainly when there is no driver.
BUILD=$1 SOURCE=$2
source "$SOURCE/tests/scenarios/common.sh"
port=$((20000 + RANDOM % 20000))
cat >"$work/run.toml" <<END
[run]
name = "gpu"
mode = "live"
state_dir = "$work/state"
[bus]
enabled = false
[metrics]
listen = "127.0.0.1:$((port + 2))"
[terminal]
mode = "off"
[[instrument]]
symbol = "TEST"
venue = "nasdaq"
currency = "USD"
kind = "equity"
price_digits = 4
quantity_digits = 0
tick = "0.01"
lot = 1
[[feed]]
name = "nasdaq"
format = "itch"
source = "udp"
session_date = 2026-01-05
symbols = { TEST = "TEST" }
group_a = "239.192.77.9:$port"
group_b = "239.192.77.9:$((port + 1))"
interface = "127.0.0.1"
book = "l3"
[plugin.witness]
path = "$BUILD/test-plugins/witness.so"
instruments = ["TEST"]
allow_unlisted = true
[plugin.borrower]
path = "$BUILD/test-plugins/gpu_borrower.so"
instruments = ["TEST"]
allow_unlisted = true
[plugin.borrower.gpu]
budget = "3MiB"
END
page() {
  exec 3<>"/dev/tcp/127.0.0.1/$((port + 2))" 2>/dev/null || return 1
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$1" >&3
  cat <&3
  exec 3>&-
}

export ZOMMA_LIBCUDA=no-such-libcuda.so.1 ZOMMA_LIBNVML=no-such-libnvml.so.1 ZOMMA_SYSFS=$work
refused 0 'note: no GPU driver: no-such-libcuda.so.1' "$zomma" gpu
refused 1 'no GPU' "$zomma" gpu --require 1
export ZOMMA_LIBCUDA=$BUILD/fakes/libcuda.so.1 ZOMMA_LIBNVML=$BUILD/fakes/libnvidia-ml.so.1
export ZOMMA_FAKE_GPU=$SOURCE/tests/fakes/gpu/scenarios/overheating.toml
refused 0 '88 C, slows down at 87 C' "$zomma" gpu
"$zomma" run "$work/run.toml" --no-report >"$work/log" 2>&1 & pid=$!
for _ in $(seq 100); do page /healthz >"$work/page" 2>/dev/null && break; sleep 0.1; done
if ! kill -0 "$pid" 2>/dev/null && grep -q 'multicast' "$work/log"; then echo "SKIPPED: $(cat "$work/log")"; exit 0; fi
page /metrics >"$work/page" || fail "/metrics does not answer: $(cat "$work/log")"
grep -q '^zomma_gpu_temperature_celsius{gpu="0",uuid="GPU-[-0-9]*"} 41' "$work/page" || fail "no temperature in /metrics: $(grep gpu "$work/page")"
grep -q '^zomma_gpu_degraded{gpu="1",.*} 1' "$work/page" || fail "the hot device is not degraded in /metrics"
page /status >"$work/page"
grep -q '"gpu":{"driver":"580.65.06"' "$work/page" || fail "no GPU in /status: $(cat "$work/page")"
grep -q '"gpu_memory":\[{"gpu":0,.*"name":"borrower","budget_bytes":3145728,"used_bytes":256,' "$work/page" || fail "no loan in /status: $(cat "$work/page")"
refused 0 'borrower  0.0 MiB of its 3.0 MiB' "$zomma" gpu --socket "$work/state/admin.sock"
for _ in $(seq 40); do page /metrics >"$work/page"; grep -q zomma_gpu_plugin "$work/page" && break; sleep 0.1; done
grep -q '^zomma_gpu_plugin_memory_bytes{gpu="0",plugin="borrower",.*} 256' "$work/page" || fail "no loan in /metrics: $(grep gpu_heap "$work/page")"
grep -q '^zomma_gpu_heap_rung_helps_total{gpu="0",rung="take",.*} 1' "$work/page" || fail "no rung in /metrics"
kill -INT "$pid"; wait "$pid" || fail "the run did not end in order: $(cat "$work/log")"
echo "a fake GPU's health and loans are in /metrics and /status of a run"
