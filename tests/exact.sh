#!/bin/sh
# SPDX-License-Identifier: MIT
# Sides that are equal, or nearly: at t = 0, on windows that begin there, and over boxes of reals. Every claim of tests/sheets/exact is named after its right verdict: proved_..., refuted_..., undecided_....
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
data=tests/data/reference-tiny
status=0

judge() { # SHEET [OPTION...]
    sheet=tests/sheets/exact/$1.claim
    shift
    out=$("$flowproof" check "$sheet" --dataset $data --weights $data --horizon 1 --reports '' --no-color "$@" 2>&1 < /dev/null)
    printf '%s\n' "$out" | sed '/^contrary/,$d' | tr 'A-Z' 'a-z' | sed -n 's|^[!*o ]*\([a-z-]*\)  *x\.[0-9]/\([a-z_]*\).*|\1 \2|p' > "$tmp/verdicts"
    [ "$(wc -l < "$tmp/verdicts")" -eq "$(grep -c '^claim' "$sheet")" ] || { echo "$sheet $*: not every claim has a verdict:" && echo "$out" && status=1; }
    while read -r verdict name; do
        case $name in
        "$verdict"_*) ;;
        *) echo "$sheet $*: $name comes out $verdict" && status=1 ;;
        esac
    done < "$tmp/verdicts"
}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
judge initially
judge initially --precision 53 --tolerance 1e-8 --flow compressed
judge windows
judge windows --method taylor --threads 1 --tolerance 1e-17
judge boxes
exit $status
