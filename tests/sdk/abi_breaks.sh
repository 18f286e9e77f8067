#!/usr/bin/env bash
# abi_breaks.sh CC SDK: every kind of break is found by the check of the ABI's records, and what is allowed is let through.
# A guard that never fails guards nothing: each case edits a copy of the headers.
set -euo pipefail
export CC=$1
sdk=$2
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
failed=0
number=$(sed -n 's/^#define ZM_ABI_M[AI][JN]OR \([0-9]*\)u/\1/p' "$sdk/include/zomma/abi.h" | paste -sd. -)

# copy: a fresh copy of the headers and records.
copy() { rm -rf "$work/sdk"; mkdir "$work/sdk"; cp -r "$sdk/include" "$sdk/abi" "$work/sdk/"; }
edit() { # FILE SED: an edit that must change something
  cp "$work/sdk/include/zomma/$1" "$work/before"
  sed -i -e "$2" "$work/sdk/include/zomma/$1"
  ! cmp -s "$work/before" "$work/sdk/include/zomma/$1" || { echo "FAILED: the edit of $1 changes nothing: $2"; exit 1; }
}
silence_asserts() { sed -i '/^ZM_ABI_ASSERT/d' "$work"/sdk/include/zomma/*.h "$work"/sdk/include/zomma/ext/*.h; }

found() { # PHRASE COMMAND: fails, and says PHRASE
  local out code=0
  out=$("$work/sdk/abi/abi.sh" "$2" 2>&1) || code=$?
  if [ $code = 0 ] || ! grep -qF -- "$1" <<<"$out"; then
    echo "FAILED: abi.sh $2 ended with $code and did not say \"$1\":"; echo "$out" | head -20; failed=1
  fi
}
passes() { "$work/sdk/abi/abi.sh" "$1" >"$work/out" 2>&1 || { echo "FAILED: abi.sh $1:"; cat "$work/out"; failed=1; }; }

copy; silence_asserts
edit ext/timer.h '/void (\*cancel)/d'
found 'slot zm_timer_api.cancel was taken away' check
copy; silence_asserts
edit ext/log.h 's/^  uint32_t reserved;/  void (*flush)(const zm_host *host);/'
found 'slot zm_log_api.flush is new but lies at 8, within the 16 bytes that older code knows' check
copy; silence_asserts
edit order.h 's/^  uint32_t side; .*/  uint16_t side;/'
found 'slot zm_intent.side was 12 4 uint32_t, now 12 2 uint16_t' check
copy; silence_asserts
edit ext/metrics.h 's/uint32_t handle, double amount/uint32_t handle, float amount/'
found 'slot zm_metrics_api.add was' check
copy; silence_asserts
edit ext/portfolio.h 's/realised, unrealised, fees; \/\* money; unreal.*/realised, unrealised, fees, funding;/'
found 'struct zm_position had 56 bytes, now 64' check
copy
edit event.h 's/ZM_EVENT_FILL = 66/ZM_EVENT_FILL = 166/'
found 'constant ZM_EVENT_FILL was 66, now 166' check
copy
edit ext/orders.h 's#zomma.orders/1#zomma.orders/2#'
found 'text ZM_EXT_ORDERS was zomma.orders/1, now zomma.orders/2' check

# Appending is allowed, once it is recorded; within a released number it is not.
append() { edit ext/timer.h 's/^  void (\*cancel)(.*/&\n  uint32_t (*armed)(const zm_host *host);/'; }
copy; append
found "ABI $number is not recorded whole" check
passes record
passes check
copy; append
edit entry.h 's/ZM_SDK_RELEASE "[^"]*"/ZM_SDK_RELEASE "99.0.0"/'
found 'so raise ZM_ABI_MINOR first' record
edit abi.h 's/^#define ZM_ABI_MINOR .*/#define ZM_ABI_MINOR 99u/'
found 'ABI 1.99 has no record' check
passes record
passes check
# A parameter's name is nobody's business.
copy
edit ext/timer.h 's/uint64_t cookie, uint64_t \*id/uint64_t mark, uint64_t *number/'
passes check

if command -v abidw >/dev/null && command -v abidiff >/dev/null; then
  copy; append
  passes diff
  copy; silence_asserts
  edit ext/timer.h '/void (\*cancel)/d'
  found 'zm_timer_api' diff
else
  echo "abidiff is absent: its part was left out"
fi
[ $failed = 0 ] && echo "every break was found, every allowed change was let through"
