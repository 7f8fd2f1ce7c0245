#!/bin/sh
# SPDX-License-Identifier: MIT
# The identities of tests/sheets/identities hold at the knots of either form of the flow that tubes are put around, with distinct tokens and with repeated ones, to far more digits than the steps have. (All forms agree:
# tests/unit/test_flow.c.)
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0
# FORM, and how many of the 45 identities and 8 bounds speak of vectors in a basis that it does not have
for form in reduced:0 compressed:3; do
    for setting in proofs/settings/tiny.setting tests/settings/repeats.setting; do
        "$flowproof" check tests/sheets/identities --setting $setting --horizon 2 --flow ${form%:*} --reports '' --quiet --json "$tmp/json" > "$tmp/out" 2>&1
        code=$?
        [ $code = $((${form#*:} ? 3 : 0)) ] && [ "$(grep -c '^!.*\[unavailable\]$' "$tmp/out")" = ${form#*:} ] || { echo "$form, $setting: exit $code" && cat "$tmp/out" && status=1; }
        supported=$(grep -o '"verdict":"supported"' "$tmp/json" | wc -l) proved=$(grep -o '"verdict":"proved"' "$tmp/json" | wc -l)
        [ "$supported" = $((45 - ${form#*:})) ] && [ "$proved" = 8 ] || { echo "$form, $setting: $supported identities are supported, expected $((45 - ${form#*:})), $proved bounds proved, expected 8"; status=1; }
        grep -q '"agreement_states":0' "$tmp/json" && echo "$form, $setting: an identity is seen along the solution only" && status=1
        grep -o '"agreement_digits":[0-9]*' "$tmp/json" | cut -d: -f2 | awk '$1 < 25 { few = 1 } END { exit few || NR < 30 }' ||
            { echo "$form, $setting: an identity holds to fewer than 25 digits, of 38"; status=1; }
    done
done
# Weights so small that the knots, on their grid, are the initial state: what moves by 1e-21 of itself is not supported to more digits than that.
cat > "$tmp/still.setting" <<'END'
n = 6
L = 3
d = 6
m = 4
m1 = 2
init = normal
tokens = uniform
sigma0 = 1e-10
sigma1 = 1e-10
horizon = 1
END
cat > "$tmp/still.claim" <<'END'
statement still
title what moves too little for the grid of knots
group setting
says a false identity
claim kept: always [0, horizon]: score[1,2] = init(score[1,2])
claim since: at horizon: KK[1,1] = at(1/2, KK[1,1])
END
"$flowproof" check "$tmp/still.claim" --setting "$tmp/still.setting" --reports '' --quiet --json "$tmp/json" > "$tmp/out" 2>&1
grep -o '"agreement_digits":[0-9]*' "$tmp/json" | cut -d: -f2 | awk '$1 > 21 { many = 1 } END { exit many || NR != 2 }' || { echo "a false identity whose knots do not move:" && cat "$tmp/out" && status=1; }
exit $status
