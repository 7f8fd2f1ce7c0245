#!/bin/sh
# SPDX-License-Identifier: MIT
# Where the proof ends early, what it leaves open is judged on an estimated tube: weights of scale 5, whose proof ends near t = 0.006 of 2, whatever the digits. The verdicts are those that a sampled check gave,
# with no claim proved or refuted but by the proof; every report says so; the certificate holds the proof alone.
cd "$(dirname "$0")/.." || exit 1
. tests/support/build.sh
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0
complain() {
    echo "$1"
    status=1
}
printf 'n = 6\nL = 4\nd = distinct\nm = 16\nm1 = 4\ninit = normal\nsigma0 = 5\nsigma1 = 5\nhorizon = 2\n' > "$tmp/hard.setting"

# verdict ID: "verdict evidence" of the last result
verdict() {
    sed -n "s|.*\"id\":\"$1\".*\"verdict\":\"\([a-z-]*\)\".*\"evidence\":\"\([a-z]*\)\".*|\1 \2|p" "$tmp/result.json"
}
# is ID WANTED
is() {
    found=$(verdict "$1")
    [ "$found" = "$2" ] || complain "$1 ($name): '$found', wanted '$2'"
}
# run NAME OPTION...
run() {
    name=$1
    shift
    "$flowproof" check proofs "$@" --reports '' --json "$tmp/result.json" --md "$tmp/result.md" --junit "$tmp/result.xml" > "$tmp/out" 2>&1
    code=$?
}

# acceptance METHOD TOLERANCE EVIDENCE-OF-BALANCE EXIT-OF-VERIFY: balance fails at t = 0.0065, which the longer proof reaches
acceptance() {
    how="--method $1 --tolerance $2"
    # shellcheck disable=SC2086
    run "$how" --setting "$tmp/hard.setting" --only '4.4/*' $how --certificate "$tmp/hard.cert"
    [ $code = 1 ] || complain "$how: exit status $code"
    is 4.4/balance "violated $3"
    is 4.4/band_holds 'violated estimate'
    is 4.4/inward_above 'undecided estimate' # its premise never holds
    is 4.4/inward_below 'supported estimate'
    is 4.4/mean_slopes 'undecided estimate' # both sides are equal
    is 4.4/six 'supported estimate'
    is 4.4/six_printed 'supported estimate'
    is 4.4/balance_order 'deferred estimate'
    grep -q '"complete":true' "$tmp/result.json" && grep -q '"t_end":"2"' "$tmp/result.json" || complain "$how: it must come to t = 2"
    grep -q '"estimate":{"from":"0\.0[01][0-9]*","proof_ended":"the tube did not close at t = 0.0[01]' "$tmp/result.json" || complain "$how: the result must say from where on"
    for file in out result.md result.xml; do
        grep -q 'ESTIMATE beyond t = 0\.0[01]' "$tmp/$file" && grep -q '4 times the largest distance' "$tmp/$file" || complain "$how: $file must say from where on, and how"
    done
    ! grep -q 'ENDED EARLY' "$tmp/out" || complain "$how: it did not end early"
    # the certificate: nothing beyond the proof
    "$flowproof" verify "$tmp/hard.cert" --reports '' --json "$tmp/verified.json" > "$tmp/out" 2>&1
    code=$?
    [ $code = "$4" ] && grep -q '"reason":"tube"' "$tmp/verified.json" && ! grep -q '"evidence":"estimate"\|"estimate":{' "$tmp/verified.json" || complain "$how: verify must leave open what the estimate decided ($code)"
}
acceptance rk45 1e-10 estimate 3
acceptance taylor 1e-17 enclosure 1

# What the proof decides stays proved or refuted; the window of T2, which only the estimate finds, does not.
cat > "$tmp/X.1.claim" <<'SHEET'
statement X.1
title     what is proved, and what is not
group     made up
says      what it says
time      Early = first t with t >= 1/1000
time      Later = first t with t >= 1/2
claim early: always [0, Early]: loss <= init(loss) + 1/10
claim early_false: always [0, 2]: t >= 1/1000
claim late: always [0, 2]: loss <= init(loss) + 1/10
claim late_false: always [0, 2]: t <= 1
claim other_end: always [0, Later]: t >= 1/1000
SHEET
"$flowproof" check "$tmp/X.1.claim" --setting "$tmp/hard.setting" --reports '' --json "$tmp/result.json" > "$tmp/out" 2>&1
name='a sheet'
is X.1/early 'proved enclosure'
is X.1/early_false 'refuted enclosure'
is X.1/late 'supported estimate'
is X.1/late_false 'violated estimate'
is X.1/other_end 'violated estimate'
grep -q '"name":"Later","estimated":true,"found":true\|"name":"Later","found":true,"estimated":true' "$tmp/result.json" || complain "Later is an estimate, and must be called one"
grep -q 'Later  *0.5 (an estimate)' "$tmp/out" || complain "Later is an estimate, and must be called one in the terminal"
! grep -q '"name":"Early"[^}]*estimated' "$tmp/result.json" || complain "Early is proved"

# The steps are the user's: --max-steps ends an estimate too, and no expectation lets that pass.
run 'step cap' --setting "$tmp/hard.setting" --only 4.4/six --max-steps 20
[ $code = 3 ] && is 4.4/six 'undecided estimate' && grep -q '"reason":"step-cap"' "$tmp/result.json" || complain "the step cap of an estimate ($code)"

# Where the proof comes to the end there is no estimate.
run tiny --setting tiny --only 2.1/both --horizon 1
! grep -q '"estimate"' "$tmp/result.json" || complain "an estimate where there is a proof"
exit $status
