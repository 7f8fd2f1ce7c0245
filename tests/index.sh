#!/bin/sh
# SPDX-License-Identifier: MIT
# proofs/INDEX names every sheet and only sheets that exist; every claim has a twin; every hypothesis is a claim.
cd "$(dirname "$0")/.." || exit 1
flowproof=${BUILD:-build/release}/flowproof
status=0
complain() {
    echo "$1"
    status=1
}

index=$(sed 's/#.*//' proofs/INDEX | awk 'NF { for (k = 2; k <= NF; k++) if ($k ~ /^(later:|none:|.*\.claim)$/) { print $k; next } print "?? " $0 }')
[ -n "$index" ] || complain "proofs/INDEX is empty"
echo "$index" | grep '^??' && complain "proofs/INDEX: a line names neither a sheet nor a reason"
for sheet in $(echo "$index" | grep 'claim$' | sort -u); do
    [ -f "proofs/$sheet" ] || complain "proofs/INDEX names $sheet, which does not exist"
done
for path in proofs/*.claim proofs/appendix/*.claim; do
    sheet=$(basename "$path")
    [ "$sheet" = prelude.claim ] && continue
    grep -qF "$sheet" proofs/INDEX || complain "proofs/INDEX does not name $sheet"
    number=$(sed -n 's/^statement *//p' "$path")
    [ "$number.claim" = "$sheet" ] || complain "$path holds statement $number"
    twins=$(dirname "$path")/twins/$sheet
    [ -f "$twins" ] || complain "$sheet has no twins"
    for claim in $(sed -n 's/^claim *\([A-Za-z0-9_]*\).*/\1/p' "$path"); do
        grep -qE "^claim +$claim\b" "$twins" || complain "claim $number/$claim has no twin"
    done
done

"$flowproof" check proofs proofs/appendix --setting tiny --horizon 0.01 --quiet --reports '' --json - 2> /dev/null |
    grep -o 'the hypothesis [^ ]* is not among' | sort -u | grep . && complain "a sheet assumes what no sheet states"
exit $status
