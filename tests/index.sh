#!/bin/sh
# SPDX-License-Identifier: MIT
# The paper has no hole: proofs/INDEX names the numbers of tests/statements.txt, each once and no other, each with a sheet or the reason why it has none;
# a sheet is named by its number, is in one of the paper's groups and gives the page that INDEX gives; every claim has a twin; every hypothesis is a claim; every erratum has a class;
# flowproof list shows all of it.
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0
complain() {
    echo "$1"
    status=1
}

# INDEX against the list of numbers
sed 's/#.*//' proofs/INDEX | awk 'NF { print $1 }' | sort > "$tmp/index"
sed 's/#.*//' tests/statements.txt | awk 'NF { print $1 }' | sort > "$tmp/statements"
[ "$(wc -l < "$tmp/statements")" -ge 95 ] || complain "tests/statements.txt has lost numbers"
uniq -d "$tmp/index" | grep . && complain "proofs/INDEX names these twice"
comm -23 "$tmp/statements" "$tmp/index" | grep . && complain "proofs/INDEX lacks these numbers of the paper"
comm -13 "$tmp/statements" "$tmp/index" | grep . && complain "proofs/INDEX has these numbers, which tests/statements.txt does not know"
sed 's/#.*//' proofs/INDEX | awk 'NF && !($2 == "p." && $3 ~ /^[0-9]+$/ && ($4 ~ /\.claim$/ && NF == 4 || ($4 == "none:" || $4 == "later:") && NF > 4))' |
    grep . && complain "proofs/INDEX: these lines name neither a sheet nor a reason"

# sheets against INDEX: the page of INDEX is among those of the field 'paper'
sed 's/#.*//' proofs/INDEX | awk '$4 ~ /\.claim$/ { print $1, $3, $4 }' > "$tmp/sheets"
while read -r number page sheet; do
    [ -f "proofs/$sheet" ] || { complain "proofs/INDEX names $sheet, which does not exist"; continue; }
    paper=$(sed -n 's/^paper *//p' "proofs/$sheet")
    echo "$paper" | awk -v page="$page" '{ gsub(/[;,]/, " "); for (k = 1; k <= NF; k++)
        if ($k ~ /^[0-9]+(-[0-9]+)?$/) { n = split($k, end, "-"); if (end[1] + 0 <= page + 0 && page + 0 <= end[n] + 0) found = 1 } } END { exit !found }' ||
        complain "proofs/$sheet: p. $page of $number is not in '$paper'"
done < "$tmp/sheets"
for path in proofs/*.claim proofs/appendix/*.claim; do
    sheet=$(basename "$path")
    [ "$sheet" = prelude.claim ] && continue
    case $(sed -n 's/^group *//p' "$path") in
    'phase-1 MLP alignment' | 'frozen softmax' | 'automatic gradient balancing' | 'near-minimal loss' | setting | initialisation | 'exact equations' | 'phase-2 attention') ;;
    *) complain "$path has none of the paper's groups" ;;
    esac
    grep -q '^paper ' "$path" || complain "$path does not say where the paper has it"
    number=$(sed -n 's/^statement *//p' "$path")
    [ "$number.claim" = "$sheet" ] || complain "$path holds statement $number"
    grep -q "^$number [0-9]* ${path#proofs/}\$" "$tmp/sheets" || complain "proofs/INDEX does not give ${path#proofs/} as the sheet of $number"
    twins=$(dirname "$path")/twins/$sheet
    [ -f "$twins" ] || complain "$sheet has no twins"
    for claim in $(sed -n 's/^claim *\([A-Za-z0-9_]*\).*/\1/p' "$path"); do
        grep -qE "^claim +$claim\b" "$twins" || complain "claim $number/$claim has no twin"
    done
done

# what the program shows of it
"$flowproof" list > "$tmp/list" 2>&1 || complain "flowproof list fails: $(tail -n 1 "$tmp/list")"
while read -r number; do
    awk -v number="$number" '$1 == number && $2 == "p." { found = 1 } END { exit !found }' "$tmp/list" || complain "flowproof list does not show $number"
done < "$tmp/statements"
grep -q "^$(wc -l < "$tmp/statements") numbers of the paper" "$tmp/list" || complain "flowproof list does not count the numbers of the paper"
"$flowproof" list --ids | sort > "$tmp/ids"
awk '/^[0-9A-Z].* p\. [0-9]+ +[0-9]/ { sum += $4 + $5 + $6 } END { print sum }' "$tmp/list" | grep -qx "$(wc -l < "$tmp/ids")" ||
    complain "the claims that flowproof list counts are not those of flowproof list --ids"

"$flowproof" check proofs proofs/appendix --setting tiny --horizon 0.01 --quiet --reports '' --json - 2> /dev/null |
    grep -o 'the hypothesis [^ ]* is not among' | sort -u | grep . && complain "a sheet assumes what no sheet states"
exit $status
