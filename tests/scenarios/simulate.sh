#!/usr/bin/env bash
# simulate.sh BUILD SOURCE: a study of the wheel is the same for any number of threads and says everywhere that it is modelled.
BUILD=$1 SOURCE=$2
source "$SOURCE/tests/scenarios/common.sh"

study() {
  printf '[wheel]\nput_delta = [0.2, 0.3]\ncall_delta = [0.2, 0.3, 0.4]\nimplied_volatility = [0.2, 0.3]\ncycle_days = 28\ncycles = 13\nrate = 0.03\n[model]\n%s\n' "$2" >"$work/$1.toml"
  printf '[simulation]\npaths = 2000\nseed = 4\noutput = "%s"\n' "$work/$1" >>"$work/$1.toml"
  echo "$work/$1.toml"
}
gbm=$'kind = "gbm"\ndrift = 0.07\nvolatility = 0.2'
heston=$'drift = 0.07\nv0 = 0.04\nkappa = 2.0\ntheta = 0.05\nsigma = 0.5\nrho = -0.7'

"$zomma" simulate wheel "$(study one "$gbm")" --threads 1 >"$work/out" 2>&1 || fail "the study failed: $(cat "$work/out")"
grep -q '^MODELLED' "$work/out" || fail "the summary does not say that it is modelled"
"$zomma" simulate wheel "$work/one.toml" --threads 3 -o "$work/three" >/dev/null 2>&1
for file in wheel.csv wheel.json wheel.html; do cmp "$work/one/$file" "$work/three/$file" || fail "$file depends on the number of threads"; done
[ "$(grep -c '^yes,' "$work/one/wheel.csv")" = 12 ] || fail "wheel.csv does not have a line a set, each marked as modelled"
grep -q '"modelled":true' "$work/one/wheel.json" || fail "wheel.json does not say that it is modelled"
grep -q 'MODELLED' "$work/one/wheel.html" || fail "wheel.html does not say that it is modelled"
"$zomma" simulate wheel "$(study heston "kind = \"heston\"
$heston")" >/dev/null 2>&1 || fail "Heston failed"
"$zomma" simulate wheel "$(study bates "kind = \"bates\"
$heston
jumps_per_year = 0.5
jump_mean = -0.1
jump_deviation = 0.1")" >/dev/null 2>&1 || fail "Bates failed"
awk 'BEGIN {srand(1); print "date,close"; p = 100; for (i = 0; i < 300; i++) {p *= 1 + (rand() - 0.495) * 0.03; print i "," p}}' >"$work/h.csv"
"$zomma" simulate wheel "$(study boot "kind = \"bootstrap\"
history = \"$work/h.csv\"")" >/dev/null 2>&1 || fail "the bootstrap failed"

refused 2 'did you mean "gbm"?' "$zomma" simulate wheel "$(study bad 'kind = "gbn"')"
refused 2 'cannot be opened' "$zomma" simulate wheel "$(study bad $'kind = "bootstrap"\nhistory = "nowhere.csv"')"
refused 2 'cannot be opened' "$zomma" simulate wheel "$work/nowhere.toml"
sed -i '100s/,.*/,1/' "$work/h.csv"
refused 2 'a split, or a slip' "$zomma" simulate wheel "$work/boot.toml"
touch "$work/file"
refused 1 'cannot make' "$zomma" simulate wheel "$work/one.toml" -o "$work/file/below"
echo "modelled, and said so"
