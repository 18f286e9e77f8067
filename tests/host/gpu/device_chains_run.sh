#!/usr/bin/env bash
# device_chains_run.sh BUILD SOURCE: a run of the wheel on Google's chain with its options priced on a (fake) GPU decides what a run
# on the processor decides, to the bit; so does one whose GPU fails half-way, and each is replayed without a GPU.
BUILD=$1 SOURCE=$2
source "$SOURCE/tests/scenarios/common.sh"
export ZOMMA_LIBNVML=no-such-libnvml.so.1
grep -qa zomma_european "$zomma" || { echo "SKIPPED: built without nvcc, so there are no kernels to run"; exit 0; }

# once NAME LIBCUDA: the run, and its digest by a replay on a machine without a GPU.
once() {
  mkdir -p "$work/$1"
  sed -e "s#\.\./examples#$SOURCE/examples#; s#^state_dir.*#state_dir = \"$work/$1/state\"#; s/^\[bus\]/[bus]\nenabled = false/" \
    "$SOURCE/config/wheel.toml" >"$work/$1/run.toml"
  printf '[metrics]\nenabled = false\n[admin]\nenabled = false\n[terminal]\nmode = "off"\n' >>"$work/$1/run.toml"
  [ "$1" = cpu ] || printf '[gpu]\npricing = "gpu"\npricing_batch = 1\n' >>"$work/$1/run.toml"
  ZOMMA_LIBCUDA=$2 "$zomma" run "$work/$1/run.toml" --no-report >"$work/$1/log" 2>&1 || fail "$1: $(cat "$work/$1/log")"
  ZOMMA_LIBCUDA=no-such-libcuda.so.1 digest "$1" >"$work/$1/digest"
}

fake=$BUILD/fakes/libcuda.so.1
once cpu no-such-libcuda.so.1
[ -s "$work/cpu/digest" ] || fail "no digest: $(cat "$work/cpu/log")"
once gpu "$fake"
! grep -q 'priced on the processor' "$work/gpu/log" || fail "the GPU was not used: $(cat "$work/gpu/log")"
printf '[[device]]\nname = "Failing"\n[[fail]]\nfunction = "cuLaunchKernel"\ncall = 20\nstatus = 719\n' >"$work/failing.toml"
ZOMMA_FAKE_GPU=$work/failing.toml once failing "$fake"
grep -q 'instead of the GPU: pricing .* options on GPU 0' "$work/failing/log" || fail "nothing failed: $(cat "$work/failing/log")"
once absent no-such-libcuda.so.1
grep -q 'instead of the GPU: .*no-such-libcuda' "$work/absent/log" || fail "no word of the missing driver: $(cat "$work/absent/log")"
for name in gpu failing absent; do
  cmp -s "$work/cpu/digest" "$work/$name/digest" || fail "$name decided otherwise than cpu: $(cat "$work/$name/digest" "$work/cpu/digest")"
done
echo "priced on the processor, on a GPU, on one that fails and on none: the same digest $(cut -c1-12 "$work/cpu/digest")"
