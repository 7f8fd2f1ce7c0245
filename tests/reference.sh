#!/bin/sh
# SPDX-License-Identifier: MIT
# The paper's own experiment, proved, and the certificate verified: every verdict must be the one of the committed report. Two to four minutes: it runs with CI or FP_FULL set.
cd "$(dirname "$0")/.." || exit 1
if [ -z "${CI:-}" ] && [ "${FP_FULL:-}" != 1 ]; then
    echo "skipped: FP_FULL=1 runs it"
    exit 0
fi
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
FLOWPROOF=$flowproof
REFERENCE=reports/reference/paper-experiment.md
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
status=0
# claim <tab> verdict, of a Markdown report
verdicts() { sed -n 's/^| \([a-z-]*\) | \([A-Z0-9.]*\/[A-Za-z0-9\\_]*\).*/\2\t\1/p' "$1" | sort; }
compare() { # name, report
    verdicts "$2" >"$T/now"
    [ "$(wc -l <"$T/now")" -ge 280 ] || { echo "$1: only $(wc -l <"$T/now") verdicts"; status=1; }
    # the reference has the appendix too
    if ! comm -23 "$T/now" "$T/reference" >"$T/new" || [ -s "$T/new" ]; then
        echo "$1: verdicts that are not in $REFERENCE:"
        cat "$T/new"
        status=1
    fi
}
verdicts "$REFERENCE" >"$T/reference"
"$FLOWPROOF" check proofs --setting paper-experiment --certificate "$T/paper.cert" --reports '' --md "$T/check.md" --quiet >"$T/out" 2>&1 || { tail -n 5 "$T/out"; status=1; }
compare check "$T/check.md"
"$FLOWPROOF" verify "$T/paper.cert" --reports '' --md "$T/verify.md" --quiet >"$T/out" 2>&1 || { tail -n 5 "$T/out"; status=1; }
compare verify "$T/verify.md"
exit $status
