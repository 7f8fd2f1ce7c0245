#!/bin/sh
# SPDX-License-Identifier: MIT
# verify --knots: a tube through states that came from elsewhere, or an honest no.
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
FLOWPROOF=$flowproof
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
status=0
fail() {
    echo "$*"
    tail -8 "$T/out"
    status=1
}
# times as unsigned bytes in .npy: write_times FILE COUNT BYTES
write_times() {
    header="{'descr': '|u1', 'fortran_order': False, 'shape': ($2,), }"
    printf '\223NUMPY\001\000\166\000%-117s\n' "$header" >"$1"
    printf "$3" >>"$1"
}
# tiny, with its scales declared, since weights that are imported do not tell them
sed 's|^init .*|init = normal\nsigma0 = 1/sqrt(L*m)\nsigma1 = 1/sqrt(m1)|' proofs/settings/tiny.setting >"$T/tiny.setting"
verify() {
    "$FLOWPROOF" verify --knots "$T/k" --setting "$T/tiny.setting" --horizon 3 --only '4.6/*' --reports '' "$@" >"$T/out" 2>&1
}
mkdir -p "$T/k"
for t in 1 2; do
    "$FLOWPROOF" run --setting tiny --method taylor --tolerance 1e-25 --at $t --export "$T/k/0" --final "$T/k/$t" --output "$T/values" >"$T/out" 2>&1 || fail "export at t = $t failed"
done
rm -f "$T/k/0/tokens.npy" "$T/k/0/labels.npy"
write_times "$T/k/times.npy" 3 '\000\001\002'
verify
[ $? = 0 ] || fail "knots of our own run: exit status"
grep -q '5 proved' "$T/out" || fail "claims on given knots"
grep -q 'knots: 3 of the 3 given were used, up to t = 2 ' "$T/out" || fail "the report does not count the knots"
grep -q 'given knots' "$T/out" || fail "the report does not speak of knots"
grep -q 'reached end\|all windows closed' "$T/out" || fail "the tube does not reach the end"
radius=$(sed -n 's/.*radius, largest *//p' "$T/out")
case $radius in
*e-1[3-7]) ;;
*) fail "radius $radius: float64 knots should leave about 1e-15" ;;
esac

# what the flow conserves, by the weights as given
drift() { sed -n "s/^  $1  *//p" "$T/out"; }
for name in 'w_j - a_j u.m1' 'W_K W_K^T - W_Q W_Q^T' 'u u^T - m1 W_V W_V^T'; do
    case $(drift "$name") in
    *e-1[4-9]) ;;
    *) fail "drift of $name: '$(drift "$name")', about 1e-16 expected" ;;
    esac
done
# one neuron moved by itself: W row 1 entry 1, its lowest exponent byte flipped in knot 1 (float64, little endian, 128 bytes of header)
cp "$T/k/1/W.npy" "$T/saved"
printf '\100' | dd of="$T/k/1/W.npy" bs=1 seek=135 conv=notrunc 2>/dev/null
verify
case $(drift 'w_j - a_j u.m1') in
*e+0* | *e-0[1-3]) ;;
*) fail "a neuron that moves by itself: drift '$(drift 'w_j - a_j u.m1')'" ;;
esac
cp "$T/saved" "$T/k/1/W.npy"
cp "$T/k/1/a.npy" "$T/saved"
first=$(tail -c +129 "$T/k/1/a.npy" | od -An -td8 -N8 | tr -d ' ')
if [ "$first" = 1 ]; then other='\377\377\377\377\377\377\377\377'; else other='\001\000\000\000\000\000\000\000'; fi
printf "$other" | dd of="$T/k/1/a.npy" bs=1 seek=128 conv=notrunc 2>/dev/null
verify
[ $? = 2 ] && grep -q 'a.npy: the signs' "$T/out" || fail "other output signs"
cp "$T/saved" "$T/k/1/a.npy"

# each way to a report has a name of its own
"$FLOWPROOF" verify --knots "$T/k" --setting "$T/tiny.setting" --horizon 3 --only '4.6/*' --reports "$T/reports" --quiet >"$T/out" 2>&1 || fail "reports of knots"
grep -q 'knots: 3 of the 3 given were used' "$T/out" || fail "--quiet does not count the knots"
"$FLOWPROOF" check --setting "$T/tiny.setting" --horizon 3 --only '4.6/*' --certificate "$T/k.cert" --reports "$T/reports" --quiet >"$T/out" 2>&1 || fail "reports of check"
"$FLOWPROOF" verify "$T/k.cert" --reports "$T/reports" --quiet >"$T/out" 2>&1 || fail "reports of verify"
for name in -knots '' -verified; do
    for ending in json xml md; do [ -f "$T/reports/tiny$name.$ending" ] || fail "no report tiny$name.$ending"; done
done
[ "$(ls "$T/reports" | wc -l)" = 9 ] || fail "reports: $(ls "$T/reports")"
grep -q '"knots":{"given":3,"used":3,"used_up_to":"2","distances_estimated":\[\]}' "$T/reports/tiny-knots.json" || fail "knots in the JSON"
grep -q 'knots: 3 of the 3 given were used' "$T/reports/tiny-knots.md" || fail "knots in the Markdown"

# a knot at the horizon itself counts; none beyond it, and none that is not reached, passes for used
"$FLOWPROOF" verify --knots "$T/k" --setting "$T/tiny.setting" --horizon 2 --only '4.6/*' --reports '' --quiet >"$T/out" 2>&1 || fail "a knot at the horizon"
grep -q 'knots: 3 of the 3 given were used, up to t = 2 ' "$T/out" || fail "a knot at the horizon counts"
"$FLOWPROOF" verify --knots "$T/k" --setting "$T/tiny.setting" --horizon 3 --only '2.1/*' --reports '' --quiet >"$T/out" 2>&1
[ $? = 2 ] && grep -q 'of 3 knots only knot 0, the initial weights, was used.*every claim selected is decided before it' "$T/out" || fail "claims about t = 0 say nothing of knots"
write_times "$T/k/times.npy" 3 '\000\144\310'
verify
[ $? = 2 ] && grep -q 'times.npy: time 1 is 100, beyond the horizon 3, as are 2 of the 3 times.*steps times the learning rate.*--horizon 200 lets' "$T/out" || fail "times in steps"
write_times "$T/k/times.npy" 3 '\000\001\144'
verify
[ $? = 2 ] && grep -q 'time 2 is 100, beyond the horizon 3, as are 1 of the 3 times' "$T/out" || fail "one time beyond the horizon"
write_times "$T/k/times.npy" 3 '\000\001\002'

# another state in the middle: W_K and W_Q exchanged
distances() { sed -n "s/^ *$1 *$2 *\([0-9.e-]*\) *\([0-9.e-]*\) *[0-9.]*$/\1 \2/p" "$T/out"; }
cp "$T/k/1/W_K.npy" "$T/saved"
cp "$T/k/1/W_Q.npy" "$T/k/1/W_K.npy"
verify
[ $? = 2 ] && grep -q 'of 3 knots only knot 0, the initial weights, was used.*the tube did not close at t = 1' "$T/out" || fail "a foreign first knot"
grep -q 'by ordinary integration: estimates, no proof' "$T/out" || fail "the distances do not say what they are"
grep -q 'give more knots' "$T/out" && ! grep -q 'smaller tolerance' "$T/out" || fail "what would help"
case $(distances 1 1) in
'2.57 2.57') ;;
*) fail "knot 1 is 2.57 away from the flow; found '$(distances 1 1)'" ;;
esac
case $(distances 2 2) in
2.57' '*e-1[4-7]) ;;
*) fail "knot 2 is 2.57 away from the flow through knot 1, and on that from knot 0; found '$(distances 2 2)'" ;;
esac
cp "$T/saved" "$T/k/1/W_K.npy"
cp "$T/k/2/W_K.npy" "$T/saved"
cp "$T/k/2/W_Q.npy" "$T/k/2/W_K.npy"
verify --json "$T/k.json" --md "$T/k.md"
[ $? = 3 ] && grep -q 'ENDED EARLY: the tube did not close at t = 2' "$T/out" || fail "foreign second knot"
grep -q 'knots: 2 of the 3 given were used, up to t = 1 ' "$T/out" || fail "a knot from which no tube goes on counts"
grep -q '"knot":1,"t":"1","from_knot_before":"[0-9.]*e-1[4-7]"' "$T/k.json" && grep -q '"knot":2,"t":"2","from_knot_before":"2' "$T/k.json" || fail "distances in the JSON"
grep -q '^| 2 | 2 | 2\.' "$T/k.md" && grep -q 'estimates, no proof' "$T/k.md" || fail "distances in the Markdown"
cp "$T/saved" "$T/k/2/W_K.npy"

write_times "$T/k/times.npy" 3 '\000\002\001'
verify
[ $? = 2 ] && grep -q 'times.npy: time 2 is 1, after 2' "$T/out" || fail "times that decrease"
write_times "$T/k/times.npy" 3 '\001\002\003'
verify
[ $? = 2 ] && grep -q 'not 0' "$T/out" || fail "first time not 0"
write_times "$T/k/times.npy" 4 '\000\001\002\003'
verify
[ $? = 2 ] && grep -q "$T/k/3" "$T/out" || fail "missing folder"
write_times "$T/k/times.npy" 3 '\000\001\002'
rm "$T/k/2/W_V.npy"
verify
[ $? = 2 ] && grep -q 'W_V.npy' "$T/out" || fail "missing file"
exit $status
