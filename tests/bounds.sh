#!/bin/sh
# SPDX-License-Identifier: MIT
# flowproof bounds against digits of a separate program (tests/data/reference-tiny: Taylor series of two orders in 113-bit arithmetic), and against closed forms.
set -u
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
data=tests/data/reference-tiny
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
failures=0

complain() {
    echo "bounds.sh: $1"
    failures=$((failures + 1))
}

cat > "$tmp/9.1.claim" <<'SHEET'
statement 9.1
title     Constants that are values of the solution
paper     none
group     setting
says      each constant is the value of a quantity at a known time
constant  C = 10 smallest
constant  K = 1/1000000 largest

claim loss_at:
  at 16:  loss <= C

claim loss_falls:
  always [1, 16]:  loss >= K

claim signal_grows:
  always [1, 16]:  G[1] <= C

claim two:
  always [1, 16]:  K <= G[1] <= C

claim score_early:
  at 1:  score[2,1] <= C

claim inside:
  always [0, 4]:  (t - 1)^2*(t - 3)^2 + 2*t - t^2/2 <= C

claim somewhen:
  eventually [0, 1]:  loss <= C
SHEET

"$flowproof" bounds "$tmp" --dataset $data --weights $data --horizon 16 --quiet --reports '' --csv "$tmp/table.csv" > "$tmp/out" 2>&1 ||
    complain "exit status $? of: bounds; $(tail -1 "$tmp/out")"

# Significant digits of a decimal: 1.20e-03 and 0.00120 give 120.
digits_of() {
    echo "$1" | sed 's/[eE].*//; s/[-.]//g; s/^0*//'
}
# The first 28 digits agree; the last ones of the reference are not certain.
agree() {
    [ -n "$1" ] && [ -n "$2" ] && [ "$(digits_of "$1" | cut -c1-28)" = "$(digits_of "$2" | cut -c1-28)" ]
}
cell() {
    awk -F, -v id="9.1/$1" -v name="$2" -v column="$3" '$2 == id && $3 == name {print $column}' "$tmp/table.csv"
}
reference() {
    awk -F, -v t="$1" -v quantity="$2" '$1 == t && $2 == quantity {print $3}' $data/values.csv
}
# claim, constant, value, certain digits at least
expect() {
    agree "$(cell "$1" "$2" 6)" "$3" || complain "$1: $2 is '$(cell "$1" "$2" 6)', not $3"
    [ "$(cell "$1" "$2" 7)" -ge "$4" ] || complain "$1: $2 has '$(cell "$1" "$2" 7)' certain digits, wanted are $4"
}
expect loss_at C "$(reference 16 loss)" 30
expect loss_falls K "$(reference 16 loss)" 30
expect signal_grows C "$(reference 16 G1)" 30
expect two C "$(reference 16 G1)" 30
expect two K "$(reference 1 G1)" 30
expect score_early C "$(reference 1 A21)" 30
agree "$(cell two K 6)" "$(reference 1 G1 | sed 's/^\(.\{20\}\)./\1x/')" && complain "a false digit passes"

# The largest value of a polynomial on [0, 4] is at an end: 9 at t = 0, 9 at t = 4; both are kept.
expect inside C 9.0000000000000000000000000000 30

# Of an eventually the best time counts: the loss falls, so it is the end of the window.
expect somewhen C "$(reference 1 loss)" 30

# Both ends are outward: the value lies between them, and they share the digits.
awk -F, '$1 == "constant" && $6 != "" && !($8 + 0 <= $6 + 1e-12 && $9 + 0 >= $6 - 1e-12) {bad = 1} END {exit bad}' "$tmp/table.csv" || complain "an end is on the wrong side"

# Fewer digits asked for: the same number, rounded.
"$flowproof" bounds "$tmp" --dataset $data --weights $data --horizon 16 --quiet --reports '' --only 9.1/loss_at --digits 6 --csv - 2> /dev/null > "$tmp/six.csv"
grep -q '^constant,9.1/loss_at,C,10,smallest,0.00611924,6,' "$tmp/six.csv" || complain "six digits: $(grep loss_at "$tmp/six.csv")"

"$flowproof" bounds "$tmp" --dataset $data --weights $data --digits 0 > "$tmp/out" 2>&1 && complain "--digits 0 is accepted"
"$flowproof" bounds "$tmp" --dataset $data --weights $data --only 'no/such' --reports '' > "$tmp/out" 2>&1
[ $? -eq 5 ] || complain "nothing selected: exit status is not 5"

[ "$failures" -eq 0 ] && echo "bounds.sh: ok"
exit "$failures"
