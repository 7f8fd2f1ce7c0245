#!/bin/sh
# SPDX-License-Identifier: MIT
# --method taylor: refused where it does not exist, as a key of a setting, and to digits that rk45 would not get to. That both methods come to the same verdicts: tests/certificate.sh.
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

refuse() {
    pattern=$1
    shift
    "$flowproof" run --setting tiny --at 1 --method taylor "$@" > "$tmp/out" 2>&1
    [ $? = 2 ] && grep -q "$pattern" "$tmp/out" || { echo "not refused: $*"; cat "$tmp/out"; status=1; }
}
refuse 'needs the reduced or compressed flow' --flow gram
refuse 'needs the reduced or compressed flow' --flow weights
refuse 'allowed: 53 to 3840' --precision 3841

# as a key of a setting
{ grep -v '^ *method' proofs/settings/tiny.setting; echo 'method = taylor'; } > "$tmp/by-key.setting"
"$flowproof" check --setting "$tmp/by-key.setting" --only A2.3 --reports '' > "$tmp/out" 2>&1
grep -q 'reduced flow, taylor, ' "$tmp/out" || { cat "$tmp/out"; status=1; }

# 30 digits, which rk45 would need 10^5 steps for; compressed is the same flow in fewer rows
for flow in reduced compressed; do
    "$flowproof" run --setting tiny --at 1 --observe loss --method taylor --tolerance 1e-34 --precision 150 --flow $flow --quiet | cut -c1-37 > "$tmp/$flow"
done
cmp "$tmp/reduced" "$tmp/compressed" || { cat "$tmp/reduced" "$tmp/compressed"; status=1; }
exit $status
