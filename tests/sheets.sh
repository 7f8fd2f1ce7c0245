#!/bin/sh
# SPDX-License-Identifier: MIT
# On the small setting every claim, the appendix included, comes out as expected, and every twin is rejected but those listed in
# proofs/settings/tiny.twins.expect with their reasons (the original fails there, or the setting is too small to tell them apart).
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
status=0
"$flowproof" check --setting tiny --quiet --reports '' || status=1
"$flowproof" check --setting tiny --twins --quiet --reports '' || status=1
for flow in weights compressed; do
    "$flowproof" check proofs --setting tiny --flow $flow --quiet --reports '' || status=1
done
# The gram form keeps no neurons: what speaks of them, and nothing else, is undecided there.
out=$("$flowproof" check proofs --setting tiny --flow gram --quiet --no-color --reports '' 2>&1)
[ $? = 3 ] && [ "$(echo "$out" | grep -c '^!.*\[unavailable\]$')" = 25 ] && [ "$(echo "$out" | grep -c '^!')" = 25 ] ||
    { echo "--flow gram: not the 25 claims about neurons alone are undecided:" && echo "$out" && status=1; }
for tolerance in 1e-6 1e-8 1e-10; do
    out=$("$flowproof" check tests/sheets/undecided --setting tiny --tolerance $tolerance --quiet --reports '' 2>&1)
    case $?$out in
    3*'4 claims: 4 undecided'*) ;;
    *) echo "tests/sheets/undecided at tolerance $tolerance:" && echo "$out" && status=1 ;;
    esac
done
exit $status
