#!/bin/sh
# SPDX-License-Identifier: MIT
# explain and list --errata: formulas with the numbers of the paper's equations, and the last run: which file it is, what it says, and when it is not to be trusted.
cd "$(dirname "$0")/.." || exit 1
root=$PWD
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

# A folder of its own, as a user has it: sheets, and reports that nobody else writes to.
cp -R proofs "$tmp/proofs"
cd "$tmp" || exit 1
# expect STATUS PATTERN COMMAND...: PATTERN (a basic regular expression) must match a line of stdout or stderr.
expect() {
    wanted=$1
    pattern=$2
    shift 2
    "$@" > out 2>&1
    got=$?
    if [ "$got" != "$wanted" ]; then
        echo "exit status $got, expected $wanted: $*" && cat out
        status=1
    elif ! grep -q -e "$pattern" out; then
        echo "output lacks '$pattern': $*" && cat out
        status=1
    fi
}
# The output of the last expect must (not) have a line that matches.
also() { grep -q -e "$1" out || { echo "output lacks '$1'" && cat out; status=1; }; }
never() { grep -q -e "$1" out && { echo "output has '$1'" && cat out; status=1; }; }

# without a run
expect 0 'last run *none in reports/' "$flowproof" explain 4.4
also '^statement  4.4$'
also '^erratum    typographic: '
also '^time       T1 = CT1/(sigma1^2\*m\*m1)   \[Definition E.2, p. 24; Lemma E.26, p. 43\]$'
also '^quantity   F\[i\] .*\[(1), p. 4\]$'
also '^set        I2 .*Definition 2.1, p. 3'
also '^where      r = S2/S3$'
also 'always \[T1, T2\]: abs(S2 - S3) <= C\*min(S2, S3)'
never '^  last run'
expect 0 '\[(2), p. 4\]' "$flowproof" explain F.8
expect 0 '\[.*(7), p. 17\]' "$flowproof" explain C.4
expect 0 'where *e(x) = .*\[Lemma D.1, p. 21; Lemma H.2, p. 64\]' "$flowproof" explain D.1
expect 0 '^(8), p. 35: in the sheet of 4.3$' "$flowproof" explain '(8)'
also '^statement  4.3$'
expect 0 '^2.2, p. 4: none: ' "$flowproof" explain 2.2
expect 2 "did you mean '4.4'" "$flowproof" explain 4.44
expect 0 '^claim C.4/queries_start ' "$flowproof" explain C.4/queries_start
never '^claim C.4/keys_start'
expect 0 'last run *none' "$flowproof" list --errata
also '^D.5 *false *a Gaussian'
also 'D.5/.*(printed): no run'
also '^[0-9]* errata in [0-9]* statements: [0-9]* false, [0-9]* unproved but true, [0-9]* loose, [0-9]* typographic$'

# with runs
"$flowproof" check proofs proofs/appendix --setting tiny --only 'D.5' --quiet > /dev/null || { echo "the run of D.5 failed"; status=1; }
sleep 0.02
"$flowproof" check proofs --setting tiny --only 4.4 --quiet --json reports/other.json > /dev/null || { echo "the run of 4.4 failed"; status=1; }
"$flowproof" check proofs --setting tiny --only 4.4 --quiet --twins > /dev/null || { echo "the run of the twins failed"; status=1; }
"$flowproof" check proofs --setting tiny --only D.5 --quiet > /dev/null || { echo "the run of D.5 failed"; status=1; }
expect 0 '^last run   reports/other.json: tiny, n=6 L=4 d=13 m=16 m1=4, seed 1; reduced flow, rk45, 128 bits, tolerance 1e-10, to t = 64; 20' "$flowproof" explain 4.4
also '^  last run: proved; margin 0.0963, relative 0.627 at t = 0.5; C = 1/2, measured in \[0.186, 0.19[0-9]*\] at t = 0.5; outside hypotheses$'
also '^  last run: refuted; margin -0.0208.*as expected: violated, the random tokens'
also '^  last run: deferred; ratio in \['
never 'differ from the present'
never 'passed over'
expect 0 '^last run   reports/tiny.json' "$flowproof" explain D.5
expect 0 'last run: not checked' "$flowproof" explain 4.4 --setting tiny
also '^last run   reports/tiny.json'
expect 0 'last run: proved' "$flowproof" explain 4.4 --result reports/other.json
expect 2 'reports/none.json: cannot be opened' "$flowproof" explain 4.4 --setting none
expect 2 'exclude each other' "$flowproof" explain 4.4 --setting tiny --result x
expect 0 'claim D.5/[a-z_]* (printed): \(proved\|refuted\)' "$flowproof" list --errata --setting tiny
also 'claim 4.4/balance (printed): not checked'

# files that are no result of these sheets
echo 'started, not finished' > reports/late.json
expect 0 'passed over reports/late.json:1:1: found .s., wanted is a value' "$flowproof" explain 4.4
also '^last run   reports/other.json'
expect 2 'reports/late.json:1:1' "$flowproof" explain 4.4 --result reports/late.json
sed 's/"verdict":"refuted"/"verdict":"proved"/' reports/other.json > edited.json
expect 2 'edited.json: the digest of its result is .* it was changed after it was written' "$flowproof" explain 4.4 --result edited.json
echo '{"schema":"flowproof-values-1"}' > values.json
expect 2 "values.json: no result of 'flowproof check': the schema is 'flowproof-values-1'" "$flowproof" explain 4.4 --result values.json
sed 's/C\*min(S2, S3)/C*(S2 + S3)/' proofs/4.4.claim > changed && mv changed proofs/4.4.claim
expect 0 'its sheets differ from the present ones' "$flowproof" explain 4.4
also '^            of another formula: always \[T1, T2\]: abs(S2 - S3) <= C\*min(S2, S3)$'
"$flowproof" check proofs --setting tiny --horizon 0.01 --quiet > /dev/null
expect 0 'the horizon\|horizon-not-reached' "$flowproof" explain 4.4

# the index
echo '9.9 p. 1 9.9.claim' >> proofs/INDEX
expect 2 'proofs/INDEX:[0-9]*:1: 9.9 names the sheet 9.9.claim, which does not exist' "$flowproof" list
sed '/^9.9/d; /^4.4 /d' proofs/INDEX > index && mv index proofs/INDEX
expect 2 'proofs/INDEX does not name 4.4' "$flowproof" list
echo '4.4 page 9 4.4.claim' >> proofs/INDEX
expect 2 'proofs/INDEX:[0-9]*:1: found .4.4 page 9 4.4.claim' "$flowproof" list
exit $status
