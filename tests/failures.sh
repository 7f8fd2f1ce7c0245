#!/bin/sh
# SPDX-License-Identifier: MIT
# How a run fails, end to end: whatever ends it before its claims are over, the result is complete or says that it is not, its claims name the reason, and no expectation and no option lets that pass.
# Then the edges of what the options allow that are no keys of a setting (those of the keys: tests/unit/test_setting.c).
cd "$(dirname "$0")/.." || exit 1
case ${BUILD:=build/release} in /*) flowproof=$BUILD/flowproof ;; *) flowproof=$PWD/$BUILD/flowproof ;; esac
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0
complain() {
    echo "$1"
    status=1
}

# instance NAME SCALE: weights of a scale at which the steps must be tiny from the start, over a horizon that is too long for them
instance() {
    printf 'n = 6\nL = 4\nd = distinct\nm = 16\nm1 = 4\ninit = normal\nsigma0 = %s\nsigma1 = %s\nhorizon = 1e15\nprecision = 53\n' "$2" "$2" > "$tmp/$1.setting"
}
instance underflow 2^12
instance blowup 2^40
printf '* undecided whatever the reason\n' > "$tmp/all.expect"

# fails REASON OUTCOME EXIT-IF-ALLOWED OPTION...: plainly, and with everything forgiven that can be
fails() {
    name="$*" reason=$1 outcome=$2 forgiven=$3
    shift 3
    for forgiving in '' "--allow-undecided --expect $tmp/all.expect"; do
        wanted=${forgiving:+$forgiven}
        # shellcheck disable=SC2086
        timeout 120 "$flowproof" check proofs --only 4.4/balance "$@" $forgiving --quiet --reports '' --json "$tmp/result.json" > "$tmp/out" 2>&1
        code=$?
        [ $code = "${wanted:-3}" ] || complain "$name $forgiving: exit status $code, expected ${wanted:-3}: $(cat "$tmp/out")"
        grep -q "\"exit_status\":$code" "$tmp/result.json" || complain "$name $forgiving: the result has another exit status"
        grep -q '"complete":true' "$tmp/result.json" || complain "$name $forgiving: the result must be complete"
        grep -q "\"reason\":\"$reason\"" "$tmp/result.json" || complain "$name $forgiving: its reason is not given"
        grep -q "\"outcome\":\"$outcome\"" "$tmp/result.json" || complain "$name $forgiving: the outcome is not '$outcome'"
        ! grep -q INCOMPLETE "$tmp/out" || complain "$name $forgiving: called incomplete"
    done
}
for method in rk45 taylor; do fails step-cap 'step budget' 3 --setting tiny --max-steps 3 --method $method; done
# Steps that are too small, and numbers that are too large, end a tube, and the estimate of one, before they end a run (the run's own reasons: tests/unit/test_run.c). The reason is the claim's own: it may be
# expected.
for scale in underflow blowup; do fails tube 'tube did not close' 0 --setting "$tmp/$scale.setting"; done

# An allowed undecided claim is not said to be as expected.
"$flowproof" check proofs --only 4.4/balance --setting "$tmp/blowup.setting" --allow-undecided --quiet --reports '' > "$tmp/out" 2>&1
[ $? = 5 ] && grep -q '1 undecided; 1 undecided allowed;' "$tmp/out" && ! grep -q 'as expected' "$tmp/out" || complain "an allowed undecided claim: $(cat "$tmp/out")"

# edges COMMAND OPTION LEAST MOST WITH...: just beyond either end the option is refused, and so is what is no whole number; at the ends it is not
edges() {
    command=$1 option=$2 least=$3 most=$4
    shift 4
    for value in $((least - 1)) $((most + 1)) "$least.5" "" x 99999999999999999999; do
        "$flowproof" $command --setting tiny --reports '' --quiet "$@" "--$option" "$value" > "$tmp/out" 2>&1
        [ $? = 2 ] && grep -q "option --$option: .*from $least to $most" "$tmp/out" || complain "$command --$option '$value' must be refused: $(cat "$tmp/out")"
    done
    for value in $least $most; do
        "$flowproof" $command --setting tiny --reports '' --quiet "$@" "--$option" "$value" > "$tmp/out" 2>&1
        [ $? = 2 ] && complain "$command --$option $value must be accepted: $(cat "$tmp/out")"
    done
}
edges check threads 1 256 --only 2.1/both
edges check digits 1 1000 --only 2.1/both
edges bounds digits 1 1000 --only 2.1/both
edges check knots-every 1 1000000 --only 4.6/first_grows --method taylor --certificate "$tmp/c.cert"

# A key's option is refused like a line of the setting is. A precision of p bits allows tolerances from 2^-(p - 16) on.
for bad in 'tolerance 5' 'tolerance 1' 'tolerance 0' 'horizon 1e16' 'horizon 0' 'max-steps 0' 'max-steps 1000000000001' 'precision 52' 'precision 100001' \
    'tolerance 1/5192296858534827628530496329220097' 'precision 115 --tolerance 1e-30'; do
    # shellcheck disable=SC2086
    "$flowproof" check --setting tiny --only 2.1/both --reports '' --quiet --$bad > "$tmp/out" 2>&1
    [ $? = 2 ] && grep -q "option --${bad%% *}: " "$tmp/out" || complain "--$bad must be refused: $(cat "$tmp/out")"
done
for good in 'tolerance 1/2' 'horizon 1e15' 'max-steps 1000000000000' 'precision 53 --tolerance 1e-5' 'precision 100000' \
    'tolerance 1/5192296858534827628530496329220096' 'precision 116 --tolerance 1e-30'; do
    # shellcheck disable=SC2086
    "$flowproof" check --setting tiny --only 2.1/both --reports '' --quiet --$good > "$tmp/out" 2>&1 || complain "--$good must be accepted: $(cat "$tmp/out")"
done
exit $status
