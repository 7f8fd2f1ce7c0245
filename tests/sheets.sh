#!/bin/sh
# SPDX-License-Identifier: MIT
# On the small setting every twin of a claim, the appendix included, is rejected but those listed in proofs/settings/tiny.twins.expect with their reasons (the original fails there, or the setting is too
# small to tell them apart); in compressed form every claim comes out as expected (in reduced form: tests/digest.sh, tests/certificate.sh); and what no tube can decide is undecided at every tolerance.
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
status=0
"$flowproof" check --setting tiny --twins --quiet --reports '' || status=1
"$flowproof" check proofs --setting tiny --flow compressed --quiet --reports '' || status=1
for tolerance in 1e-6 1e-8 1e-10; do
    out=$("$flowproof" check tests/sheets/undecided --setting tiny --tolerance $tolerance --quiet --reports '' 2>&1)
    case $?$out in
    3*'4 claims: 4 undecided'*) ;;
    *) echo "tests/sheets/undecided at tolerance $tolerance:" && echo "$out" && status=1 ;;
    esac
done
exit $status
