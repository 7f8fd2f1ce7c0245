#!/bin/sh
# SPDX-License-Identifier: MIT
# check --certificate and verify as a user runs them, with the knots of either method: verdicts, exit status, files, what is rejected.
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
FLOWPROOF=$flowproof
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
status=0
expect() { # name, wanted exit status, command...
    name=$1 wanted=$2
    shift 2
    "$@" >"$T/out" 2>&1
    got=$?
    [ $got -eq "$wanted" ] && return
    echo "$name: exit $got, wanted $wanted"
    tail -5 "$T/out"
    status=1
}
has() { # name, pattern
    grep -q -- "$2" "$T/out" && return
    echo "$1: no '$2' in the output"
    tail -5 "$T/out"
    status=1
}
# claim <tab> verdict, of a JSON result
verdicts() { grep -o '"id":"[^"]*"\|"verdict":"[^"]*"' "$1" | sed 's/.*:"//; s/"$//' | paste - - | sort; }
same() { # name, two files
    [ -s "$2" ] && diff "$2" "$3" >"$T/diff" && return
    echo "$1:"
    head -n 20 "$T/diff"
    status=1
}
# its size by the bound of proofs/certificate.md: head and end, then for each step the columns u, v, k, q of the tiny setting, 1 + 3d = 40 of m = 16 numbers of one digit
size_of() { # name, certificate, result
    steps=$(sed -n 's/.*"steps":\([0-9]*\).*/\1/p' "$3")
    bytes=$(wc -c <"$2")
    most=$((4096 + steps * (512 + 8 * 40 * (1 + 16))))
    [ "$bytes" -le $most ] && [ $((2 * bytes)) -ge $most ] || { echo "$1: $bytes bytes in $steps steps; bound: $most"; status=1; }
}

# whichever method made the knots, and whichever program proves it
for method in rk45 taylor; do
    tolerance=1e-10
    [ $method = taylor ] && tolerance=1e-17
    expect "tiny, $method" 0 "$FLOWPROOF" check --setting tiny --method $method --tolerance $tolerance --certificate "$T/$method.cert" --reports '' --json "$T/$method.json"
    has "tiny, $method" "337 proved"
    has "tiny, $method" "16 refuted"
    has "tiny, $method" "integral of mu"
    size_of "tiny, $method" "$T/$method.cert" "$T/$method.json"
    expect "verify, $method" 0 "$FLOWPROOF" verify "$T/$method.cert" --reports '' --json "$T/verified.json"
    has "verify, $method" "337 proved"
    has "verify, $method" "certificate, verified"
    for result in "$method" verified; do verdicts "$T/$result.json" >"$T/$result.verdicts"; done
    same "verify comes to other verdicts, $method" "$T/$method.verdicts" "$T/verified.verdicts"
done
same "rk45 (<) and taylor (>) come to other verdicts" "$T/rk45.verdicts" "$T/taylor.verdicts"
[ "$(wc -l <"$T/rk45.verdicts")" = 616 ] || { echo "$(wc -l <"$T/rk45.verdicts") verdicts instead of 616"; status=1; }
# the states of rk45 are at its tolerance, and how far they are from the solution is known
grep -q '"largest_distance_of_knots":"[0-9.]*e-\(09\|10\)"' "$T/rk45.json" || { echo "rk45.json does not bound the run's error"; status=1; }

# few knots, one claim, compressed form, sheets by name; with rk45 nobody but the run has the knots
thin="--method taylor --tolerance 1e-17"
# shellcheck disable=SC2086
expect "few knots" 0 "$FLOWPROOF" check proofs --setting tiny $thin --certificate "$T/few.cert" --knots-every 10 --only '4.4/*' --flow compressed --reports '' --quiet
expect "verify few knots" 0 "$FLOWPROOF" verify "$T/few.cert" --reports ''
has "verify few knots" "compressed flow"
has "verify few knots" "refuted *4.4/band_holds"
has "verify few knots" "276 other claims of the sheets not selected"
expect "few knots of rk45" 2 "$FLOWPROOF" check --setting tiny --certificate "$T/x.cert" --knots-every 10 --only '4.4/*' --reports ''
has "few knots of rk45" "option --knots-every needs --method taylor"
[ ! -e "$T/x.cert" ] || { echo "few knots of rk45: a certificate is left"; status=1; }
expect "knots without a certificate" 2 "$FLOWPROOF" check --setting tiny --method taylor --knots-every 10 --only '4.4/*' --reports ''
has "knots without a certificate" "needs --certificate"
expect "verify one claim" 0 "$FLOWPROOF" verify "$T/taylor.cert" --only '4.6/first_grows' --reports ''
has "verify one claim" "1 claim: 1 proved"
has "verify one claim" "615 other claims of the sheets not selected (only '4.6/first_grows')"

# a certificate made with --only: what it leaves out is said, by both, everywhere
expect "one claim" 0 "$FLOWPROOF" check --setting tiny --certificate "$T/one.cert" --only '4.6/first_grows' --reports '' --quiet
has "one claim" "615 other claims of the sheets not selected"
expect "verify a certificate of one claim" 0 "$FLOWPROOF" verify "$T/one.cert" --reports '' --json "$T/one.json" --md "$T/one.md" --quiet
has "verify a certificate of one claim" "1 claim: 1 proved; all as expected; 615 other claims of the sheets not selected (only '4.6/first_grows')"
grep -q '"selection":{"only":"4.6/first_grows","not_selected":615}' "$T/one.json" || { echo "one.json does not count what was not selected"; status=1; }
grep -q '615 other claims' "$T/one.md" || { echo "one.md does not count what was not selected"; status=1; }
expect "early claims" 0 "$FLOWPROOF" check --setting tiny --certificate "$T/early.cert" --only '3.1/*' --reports '' --quiet
expect "verify later ones on it" 3 "$FLOWPROOF" verify "$T/early.cert" --only '4.6/*' --reports ''
has "verify later ones on it" "reached the certificate's end at t = 0.5"
has "verify later ones on it" "every step is proved; the certificate ends at t = 0.5.*, where the claims of the run that made it were decided"
has "verify later ones on it" "5 claims: 5 undecided"
expect "nothing to certify" 0 "$FLOWPROOF" check --setting tiny --certificate "$T/nothing.cert" --only '2.1/*' --reports '' --quiet
has "nothing to certify" "no certificate is written to $T/nothing.cert: every claim selected is decided at t = 0"

# what must be rejected
head -c 20000 "$T/few.cert" >"$T/cut.cert"
expect "truncated" 4 "$FLOWPROOF" verify "$T/cut.cert" --reports ''
has "truncated" "rejected"
expect "another setting" 4 "$FLOWPROOF" verify "$T/few.cert" --setting theory-nolog --reports ''
has "another setting" "another dataset"
has "another setting" "its own: proofs/settings/tiny.setting"
sed 's/^seed .*/seed = 2/' proofs/settings/tiny.setting >"$T/seed.setting"
grep -q '^seed' "$T/seed.setting" || echo 'seed = 2' >>"$T/seed.setting"
expect "another seed" 4 "$FLOWPROOF" verify "$T/few.cert" --setting "$T/seed.setting" --reports ''
cp -R proofs "$T/sheets"
echo '# changed' >>"$T/sheets/4.4.claim"
expect "another sheet" 4 "$FLOWPROOF" verify "$T/few.cert" "$T/sheets" --reports ''
has "another sheet" "another set of sheets"
has "another sheet" "its own: proofs\."
expect "not a certificate" 4 "$FLOWPROOF" verify README.md --reports ''

# what a rejection leaves: documents that say so, and no older one that could pass for them
rejected() { # name, stem of the reports
    "$FLOWPROOF" explain 4.4 --result "$2.json" >"$T/explained" 2>&1 || { echo "$1: the JSON is none of ours"; head -c 300 "$2.json"; cat "$T/explained"; status=1; }
    grep -q 'INCOMPLETE: .*certificate rejected' "$T/explained" || { echo "$1: the JSON does not say why"; cat "$T/explained"; status=1; }
    grep -q '"rejected":true,' "$2.json" && grep -q '"exit_status":4,' "$2.json" || { echo "$1: the JSON does not say that it is rejected"; status=1; }
    grep -q '<error type="rejected" message=".*certificate rejected' "$2.xml" && grep -q '</testsuites>' "$2.xml" || { echo "$1: JUnit"; cat "$2.xml"; status=1; }
    grep -q 'INCOMPLETE: .*certificate rejected' "$2.md" && ! grep -q 'proved' "$2.md" || { echo "$1: Markdown"; cat "$2.md"; status=1; }
}
expect "reports of a good one" 0 "$FLOWPROOF" verify "$T/few.cert" --reports "$T/reports" --quiet
expect "reports of one about another setting" 4 "$FLOWPROOF" verify "$T/few.cert" --setting "$T/seed.setting" --json "$T/r.json" --junit "$T/r.xml" --md "$T/r.md" --reports ''
rejected "another seed" "$T/r"
expect "reports of a truncated one" 4 "$FLOWPROOF" verify "$T/cut.cert" --json "$T/r.json" --junit "$T/r.xml" --md "$T/r.md" --reports ''
rejected "truncated" "$T/r"
expect "old reports" 4 "$FLOWPROOF" verify "$T/few.cert" "$T/sheets" --reports "$T/reports" --quiet
rejected "old reports" "$T/reports/tiny-verified"
expect "a sheet that is wrong" 2 "$FLOWPROOF" verify "$T/few.cert" README.md --reports "$T/reports" --quiet
grep -q '"complete":false' "$T/reports/tiny-verified.json" && grep -q '"exit_status":2' "$T/reports/tiny-verified.json" || { echo "a failure leaves an old report"; status=1; }

# what a certificate names is found where it was, beside the certificate, or among the settings; else said
sed 's/^seed .*/seed = 7/' proofs/settings/tiny.setting >"$T/mine.setting"
mkdir "$T/elsewhere"
expect "own setting" 0 "$FLOWPROOF" check --setting "$T/mine.setting" --certificate "$T/elsewhere/mine.cert" --only '4.6/*' --reports '' --quiet
mv "$T/mine.setting" "$T/elsewhere/"
expect "the setting went with the certificate" 0 "$FLOWPROOF" verify "$T/elsewhere/mine.cert" --reports '' --quiet
sed 's/^seed .*/seed = 8/' "$T/elsewhere/mine.setting" >"$T/mine.setting"
expect "the right one of two" 0 "$FLOWPROOF" verify "$T/elsewhere/mine.cert" --reports '' --quiet
mv "$T/elsewhere/mine.setting" "$T/elsewhere/kept"
expect "changed since" 4 "$FLOWPROOF" verify "$T/elsewhere/mine.cert" --reports '' --quiet
has "changed since" "the file has changed since, or only has the same name; --setting FILE names the right one"
rm "$T/mine.setting"
expect "no setting" 2 "$FLOWPROOF" verify "$T/elsewhere/mine.cert" --reports '' --quiet
has "no setting" "is not found; looked for $T/mine.setting, $T/elsewhere/mine.setting, proofs/settings/mine.setting; --setting FILE names it"
expect "named" 0 "$FLOWPROOF" verify "$T/elsewhere/mine.cert" --setting "$T/elsewhere/kept" --reports '' --quiet
expect "a horizon of its own" 2 "$FLOWPROOF" verify "$T/few.cert" --horizon 3 --reports ''
has "a horizon of its own" "--horizon needs --knots"
expect "no file" 2 "$FLOWPROOF" verify "$T/none.cert"
expect "no operand" 2 "$FLOWPROOF" verify

# a run that was cut short: what it proved is proved, nothing beyond its end; the steps counted are those of the run with rk45, of the tube with taylor
sed 's/^horizon/max-steps = 12\nhorizon/' proofs/settings/tiny.setting >"$T/short.setting"
short() { # method, why the certificate ends
    expect "cut short, $1" 3 "$FLOWPROOF" check --setting "$T/short.setting" --method "$1" --certificate "$T/short.cert" --only '4.6/*' --reports ''
    has "cut short, $1" "ENDED EARLY: .*12 steps .*used up at t = [0-9]"
    has "cut short, $1" "step-cap"
    reached=$(sed -n 's/.*; ended early, at \(t = [0-9.]*\) -> .*/\1/p' "$T/out")
    expect "short certificate, $1" 3 "$FLOWPROOF" verify "$T/short.cert" --setting "$T/short.setting" --reports ''
    has "short certificate, $1" "step-cap"
    has "short certificate, $1" "every step is proved; the certificate ends at t = .*, where $2"
    has "short certificate, $1" "5 claims: 5 undecided.*; ended early, at $reached -> "
}
short taylor "the prover's steps were used up"
short rk45 "the prover's steps were used up"

# a tube that ends early for the prover, and a little earlier for the verifier: what was decided before stays; of the estimate that follows the certificate has nothing
# (seed 4 has a step over which the radius grows by exp(9), so that the room for it has to be found; seed 5 goes on from T1 = 0.00125)
for seed in 1 2 3 4 5; do
    printf 'n = 6\nL = 4\nd = distinct\nm = 16\nm1 = 4\ninit = normal\nsigma0 = 5\nsigma1 = 5\nhorizon = 0.02\nseed = %s\n' $seed >"$T/five.setting"
    # shellcheck disable=SC2086
    "$FLOWPROOF" check proofs $thin --only 4.4/six --setting "$T/five.setting" --certificate "$T/five.cert" --reports '' --quiet >"$T/out" 2>&1
    has "scale 5, seed $seed" "; beyond t = 0.0[01][0-9]* an estimate -> exit"
    expect "verify scale 5, seed $seed" 1 "$FLOWPROOF" verify "$T/five.cert" --only '*' --reports '' --json "$T/five.json" --md "$T/five.md"
    has "verify scale 5, seed $seed" "ENDED EARLY: what is proved ends at t = 0.00.*no tube around it"
    has "verify scale 5, seed $seed" "284 claims: 5[0-9] proved"
    has "verify scale 5, seed $seed" "\[tube\]"
    reached=$(sed -n 's/.*"t_end":"0\.\(00[0-9]*\)".*/\1/p' "$T/five.json")
    [ "$(printf '%.5s' "$reached" | sed 's/^0*//')" -ge 125 ] || { echo "seed $seed: verified up to 0.$reached only"; status=1; }
    grep -q '"ended_why":"what is proved ends at' "$T/five.json" && grep -q 'ENDED EARLY: what is proved ends at' "$T/five.md" || { echo "seed $seed: the reports do not say that it ended"; status=1; }
done

# what has no tube
for flow in weights gram; do
    expect "--flow $flow" 2 "$FLOWPROOF" check --setting tiny --flow $flow --reports ''
    has "--flow $flow" "flow is '$flow'.*--flow reduced, --flow compressed"
done
expect "--certify" 2 "$FLOWPROOF" check --setting tiny --certify --reports ''
has "--certify" "--certify is gone: enclosures of the true solution are what 'check' does now"

# a tube that does not close says so, and nothing beyond is proved
expect "a wide tube" 0 "$FLOWPROOF" check --setting tiny --tolerance 1e-2 --only '4.6/*' --reports ''
has "a wide tube" "ESTIMATE beyond t = 1\.[0-9]*: the tube did not close"
has "a wide tube" "5 claims: 5 supported; .*; beyond t = 1\.[0-9]* an estimate"
exit $status
