#!/bin/sh
# SPDX-License-Identifier: MIT
# The identities of tests/sheets/identities hold in every form of the flow, with distinct tokens and with repeated ones, to far more digits than the steps have.
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0
# FORM, and how many of the 53 identities speak of what it does not keep (neurons in gram form, vectors in compressed form)
for form in reduced:0 weights:0 gram:14 compressed:3; do
    for setting in proofs/settings/tiny.setting tests/settings/repeats.setting; do
        "$flowproof" check tests/sheets/identities --setting $setting --horizon 2 --flow ${form%:*} --reports '' --quiet --json "$tmp/json" > "$tmp/out" 2>&1
        code=$?
        [ $code = $((${form#*:} ? 3 : 0)) ] && [ "$(grep -c '^!.*\[unavailable\]$' "$tmp/out")" = ${form#*:} ] || { echo "$form, $setting: exit $code" && cat "$tmp/out" && status=1; }
        supported=$(grep -c '"verdict":"supported"' "$tmp/json")
        [ "$supported" = $((53 - ${form#*:})) ] || { echo "$form, $setting: $supported identities are supported, expected $((53 - ${form#*:}))"; status=1; }
        grep -o '"agreement_digits":[0-9]*' "$tmp/json" | cut -d: -f2 | awk '$1 < 25 { few = 1 } END { exit few || NR < 30 }' ||
            { echo "$form, $setting: an identity holds to fewer than 25 digits, of 38"; status=1; }
    done
done
exit $status
